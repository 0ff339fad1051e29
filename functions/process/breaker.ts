/**
 * A circuit breaker: stops the calls to a service that does not answer. After a pause one call, the probe, tries the service. If it
 * fails, the next pause is twice as long. Times are compared instead of timers, because the CPU may stand still between requests.
 * Each process has its own state.
 */

const FIRST_PAUSE_MS = 10_000;
/** While a probe runs, other callers should come back after this time. */
const PROBE_MS = 10_000;
/** One and a half times the usual time limit of a call. */
const MAX_PROBE_MS = 90_000;

export class Breaker {
  /** After this time another probe may start. */
  readonly #maxProbeMs: number;
  /** 0: calls are allowed. */
  #pauseMs = 0;
  #until = 0;
  #probeEnds = 0;
  /** When these times were set. If the clock is behind that now, it was wrong, and the times do not count. */
  #setAt = 0;

  constructor({ maxProbeMs = MAX_PROBE_MS }: { maxProbeMs?: number } = {}) {
    this.#maxProbeMs = maxProbeMs;
  }

  /** True if the last call failed. */
  get isOpen(): boolean {
    return this.#pauseMs > 0;
  }

  /** @param now Epoch milliseconds. */
  allows(now: number): boolean {
    return !this.isOpen || now < this.#setAt || now >= Math.max(this.#until, this.#probeEnds);
  }

  /** When a refused caller should come back, in epoch milliseconds. */
  retryAt(now: number): number {
    return this.#probeEnds > now ? Math.max(this.#until, now + PROBE_MS) : this.#until;
  }

  /** Call it before each allowed call. @returns true if the call is the probe */
  begin(now: number): boolean {
    if (!this.isOpen) return false;
    this.#setAt = now;
    this.#until = now + PROBE_MS;
    this.#probeEnds = now + this.#maxProbeMs;
    return true;
  }

  /**
   * The service did not answer.
   * @param isProbe The result of `begin`. A call that began before the pause changes nothing.
   * @param limits.notBefore The time from the service's own answer at which it will be back, in epoch milliseconds.
   * @returns true if this call began a pause
   */
  failed(
    isProbe: boolean,
    now: number,
    { maxPauseMs, notBefore = 0 }: { maxPauseMs: number; notBefore?: number },
  ): boolean {
    if (this.isOpen && !isProbe) return false;
    this.#pauseMs = this.isOpen ? Math.min(2 * this.#pauseMs, maxPauseMs) : FIRST_PAUSE_MS;
    this.#setAt = now;
    this.#until = Math.max(notBefore, now + this.#pauseMs);
    this.#probeEnds = 0;
    return true;
  }

  /** The probe ended without news about the service, so the next call is a probe. */
  probeEnded(now: number): void {
    if (this.#probeEnds === 0) return;
    this.#until = now;
    this.#probeEnds = 0;
  }

  /** The service answered. @returns true if calls were stopped until now */
  answered(): boolean {
    const wasOpen = this.isOpen;
    this.#pauseMs = 0;
    this.#probeEnds = 0;
    return wasOpen;
  }
}
