/** What is needed to follow something by the event stream. The part that does so is loaded when it is needed. */
import type { Clock, WakeUps } from './clock.ts';
import type { Http } from './http.ts';
import type { StreamHealth } from './stream-health.ts';

export interface StreamDeps {
  http: Http;
  /** Where the event stream is. */
  streamHttp: Http;
  clock: Clock;
  wakeUps: WakeUps;
  health: StreamHealth;
}

/** What each client was made of, for what a page loads only when it needs it. */
export const depsOf = new WeakMap<object, StreamDeps>();
