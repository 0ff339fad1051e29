/** Token bucket: gains `rate` tokens a second, up to `capacity`. It starts full. */
export class TokenBucket {
  #rate: number;
  #capacity: number;
  #tokens: number;
  #filledAtMs: number;

  constructor(rate: number, capacity: number, nowMs: number) {
    this.#rate = rate;
    this.#capacity = capacity;
    this.#tokens = capacity;
    this.#filledAtMs = nowMs;
  }

  /** Changes the rate and capacity. Tokens above the new capacity are lost. */
  configure(rate: number, capacity: number, nowMs: number): void {
    this.#fill(nowMs);
    this.#rate = rate;
    this.#capacity = capacity;
  }

  /** Whole milliseconds until there is a token; 0 if there is one. */
  waitMs(nowMs: number): number {
    this.#fill(nowMs);
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / this.#rate) * 1_000);
  }

  /** Takes a token. Call it only after `waitMs` was 0. */
  take(): void {
    this.#tokens -= 1;
  }

  #fill(nowMs: number): void {
    // A clock that is set back must not remove tokens.
    const elapsedMs = Math.max(0, nowMs - this.#filledAtMs);
    const inflow = (elapsedMs / 1_000) * this.#rate;
    this.#tokens = Math.min(this.#capacity, this.#tokens + inflow);
    this.#filledAtMs = nowMs;
  }
}
