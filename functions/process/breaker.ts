/**
 * Stops the calls to a service that does not answer. After a pause one call, the probe, tries the service for all; the
 * next pause is twice as long. There is no timer, because the CPU may stand still between requests: only times are
 * compared. Each process has its own state.
 */

const FIRST_PAUSE_MS = 10_000;
/** While a probe is out, the others are told to come back after this time. */
const PROBE_MS = 10_000;
/** Half as long again as a call may take, if nothing else is said. */
const MAX_PROBE_MS = 90_000;

export class Breaker {
  /** A probe that takes longer is not waited for: another one may go. */
  readonly #maxProbeMs: number;
  /** 0: calls are allowed. */
  #pauseMs = 0;
  #until = 0;
  #probeEnds = 0;
  /** When these times were set. If the clock was wrong then and is behind that now, they say nothing. */
  #setAt = 0;

  constructor({ maxProbeMs = MAX_PROBE_MS }: { maxProbeMs?: number } = {}) {
    this.#maxProbeMs = maxProbeMs;
  }

  /** Whether the last call failed, and none has succeeded since. */
  get isOpen(): boolean {
    return this.#pauseMs > 0;
  }

  /** Whether a caller may make a call at `now` (epoch milliseconds). */
  allows(now: number): boolean {
    return !this.isOpen || now < this.#setAt || now >= Math.max(this.#until, this.#probeEnds);
  }

  /** When a caller that was not allowed should come back, in epoch milliseconds. */
  retryAt(now: number): number {
    return this.#probeEnds > now ? Math.max(this.#until, now + PROBE_MS) : this.#until;
  }

  /** Call this before a call that `allows` allowed. @returns whether the call is the probe */
  begin(now: number): boolean {
    if (!this.isOpen) return false;
    this.#setAt = now;
    this.#until = now + PROBE_MS;
    this.#probeEnds = now + this.#maxProbeMs;
    return true;
  }

  /**
   * The service did not answer.
   * @param isProbe As `begin` said. A call that began before the pause changes nothing.
   * @param limits.maxPauseMs The longest pause.
   * @param limits.notBefore When the service said that it is back, in epoch milliseconds.
   * @returns whether this call began a pause
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

  /** Lets calls wait for the probe no longer: it said nothing about the service, or nothing bad. The next call is a probe. */
  probeEnded(now: number): void {
    if (this.#probeEnds === 0) return;
    this.#until = now;
    this.#probeEnds = 0;
  }

  /** The service answered. @returns whether calls were stopped until now */
  answered(): boolean {
    const wasOpen = this.isOpen;
    this.#pauseMs = 0;
    this.#probeEnds = 0;
    return wasOpen;
  }
}
