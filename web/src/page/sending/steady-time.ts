/** How long it will still take, as a person is told: it runs down like a clock, and follows what is measured bit by bit. */

/** After so long, most of a change of what is measured is told. */
const FOLLOW_MS = 8_000;

export class SteadyTime {
  #at = 0;
  #seconds: number | null = null;

  /**
   * @param measured In seconds; null if it is not known.
   * @param now In milliseconds.
   */
  of(measured: number | null, now: number): number | null {
    // A clock may be set back.
    const passed = Math.max(0, now - this.#at);
    this.#at = now;
    if (measured === null || this.#seconds === null) this.#seconds = measured;
    else {
      const expected = Math.max(0, this.#seconds - passed / 1_000);
      this.#seconds = expected + (measured - expected) * (1 - Math.exp(-passed / FOLLOW_MS));
    }
    return this.#seconds;
  }
}
