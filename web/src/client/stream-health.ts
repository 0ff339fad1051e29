/** The server sends the state of every media at once. If nothing comes, a proxy buffers the stream. */
export const FIRST_EVENT_MS = 3_000;

const FAILURES_BEFORE_POLLING = 3;
/** How long to poll before the next try of the stream. It doubles each time the stream fails again. */
const FIRST_POLLING_MS = 15_000;
const MAX_POLLING_MS = 60_000;

export interface Attempt {
  /**
   * - `worked`: the stream was live for a while, or sent everything
   * - `failed`: it was refused, or it broke soon
   * - `silent`: it was open, and nothing came any more
   * - `useless`: another stream would not help: a proxy holds events back, or the server says that all media are done
   */
  result: 'worked' | 'failed' | 'silent' | 'useless';
  /** The wait that the server asked for. */
  retryAfterMs?: number | undefined;
}

export class StreamHealth {
  /** Failed tries of the stream in a row. */
  failures = 0;
  /** How long the next stream may take until its first event. A watch that ends sooner leaves the rest to the next one. */
  patienceMs = FIRST_EVENT_MS;
  /** Media are polled until this time, by the client's clock. */
  pollUntil = 0;
  #pollingMs = FIRST_POLLING_MS;

  record({ result }: Attempt, now: number): void {
    if (result === 'worked') {
      this.failures = 0;
      this.#pollingMs = FIRST_POLLING_MS;
      return;
    }
    // Noticing a silent stream takes half a minute, so two of them are enough.
    this.failures += result === 'silent' ? 2 : 1;
    if (result !== 'useless' && this.failures < FAILURES_BEFORE_POLLING) return;
    this.pollUntil = now + this.#pollingMs;
    this.#pollingMs = Math.min(MAX_POLLING_MS, this.#pollingMs * 2);
    // One more failure of the stream leads back to polling.
    this.failures = FAILURES_BEFORE_POLLING - 1;
  }
}
