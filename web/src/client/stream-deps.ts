/** Dependencies of the event stream's code, which is loaded when it is needed. */
import type { Clock, WakeUps } from './clock.ts';
import type { Http } from './http.ts';
import type { StreamHealth } from './stream-health.ts';

export interface StreamDeps {
  http: Http;
  streamHttp: Http;
  clock: Clock;
  wakeUps: WakeUps;
  health: StreamHealth;
}

/** The dependencies of each client, for code that a page loads later. */
export const depsOf = new WeakMap<object, StreamDeps>();
