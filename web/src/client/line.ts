/** The network line of one client: its speed, and the number of requests that use it. */
import type { Clock } from './clock.ts';
import { networkError } from './errors.ts';
import { abortWith } from './older-browsers.ts';
import type { Send } from './send.ts';

/** While one request waits for its answer, the other one sends. */
const REQUESTS_AT_ONCE = 2;
/**
 * The aimed time of a request. It is short enough for the server, which ends a body after minutes, and for a line that breaks,
 * where a request is lost. It is long enough that requests seldom wait for answers.
 */
const REQUEST_MS = 15_000;
/** While the speed is unknown: a quarter of a minute at 35 kB/s. */
const FIRST_BYTES = 512 * 1024;
/** The time of a smaller request depends more on the server than on the line. */
const MEASURED_BYTES = 64 * 1024;

export class Line {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #open = 0;
  /** Aborted while sending is paused. */
  #pausing = new AbortController();
  #bytesPerMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get requestBytes(): number {
    return this.#bytesPerMs === undefined ? FIRST_BYTES : this.bytesIn(REQUEST_MS);
  }

  /** How many bytes one request can send in that time; infinite while the speed is unknown. */
  bytesIn(ms: number): number {
    return this.#bytesPerMs === undefined ? Number.POSITIVE_INFINITY : this.#bytesPerMs * ms;
  }

  /** Sends nothing until `resume`. Requests that are being sent are then sent again. */
  pause(): void {
    this.#pausing.abort();
  }

  resume(): void {
    if (this.#pausing.signal.aborted) this.#pausing = new AbortController();
    this.#next();
  }

  /** Returns a `send` that waits for its turn and measures the line. A request without a body needs no turn. */
  over(send: Send): Send {
    const sendInTurn: Send = async (url, body, options) => {
      if (body === null) return send(url, body, options);
      await this.#turn(options.signal);
      const begin = this.#clock.now();
      const stop = new AbortController();
      const pausing = this.#pausing.signal;
      const releases = [options.signal, pausing].map((signal) => abortWith(stop, signal));
      let bytes = 0;
      const onSent = (sent: number) => {
        bytes = sent;
        options.onSent(sent);
      };
      try {
        return await send(url, body, { ...options, signal: stop.signal, onSent });
      } catch (error) {
        if (options.signal?.aborted || !pausing.aborted) throw error;
        // A form has a key and may be sent again. A piece may have arrived in part: its sender has to ask.
        if (!(body instanceof FormData)) throw networkError(new Error('paused'));
      } finally {
        for (const release of releases) release();
        this.#measure(bytes, this.#clock.now() - begin);
        this.#open--;
        this.#next();
      }
      return sendInTurn(url, body, options);
    };
    return sendInTurn;
  }

  /** While the speed is unknown, requests go one by one: their times decide the size of the next ones. */
  get #isFull(): boolean {
    const most = this.#bytesPerMs === undefined ? 1 : REQUESTS_AT_ONCE;
    return this.#pausing.signal.aborted || this.#open >= most;
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const begin = () => {
        signal?.removeEventListener('abort', abort);
        this.#open++;
        resolve();
      };
      const abort = () => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.push(begin);
      this.#next();
    });
  }

  #next(): void {
    while (!this.#isFull && this.#waiting.length > 0) this.#waiting.shift()?.();
  }

  /** The newest request counts half. */
  #measure(bytes: number, ms: number): void {
    if (bytes < MEASURED_BYTES) return;
    const now = bytes / Math.max(1, ms);
    this.#bytesPerMs = this.#bytesPerMs === undefined ? now : (this.#bytesPerMs + now) / 2;
  }
}
