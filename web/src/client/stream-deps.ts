/** What the code of the event streams needs, which is loaded later than the client. */
import type { Clock, WakeUps } from './clock.ts';
import type { Http } from './http.ts';

/** How well one kind of stream has worked of late. */
export interface StreamHealth {
  /** Failed tries in a row. */
  failures: number;
  /** Until this time, by the client's clock, the stream is not tried, and what it would tell is polled. */
  pollUntil: number;
}

export const newHealth = (): StreamHealth => ({ failures: 0, pollUntil: 0 });

export interface StreamDeps {
  http: Http;
  streamHttp: Http;
  clock: Clock;
  wakeUps: WakeUps;
  health: StreamHealth;
}

/** The dependencies of each client. */
export const depsOf = new WeakMap<object, StreamDeps>();
