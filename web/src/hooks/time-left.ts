/** How long sending will still take, by the bytes of the last half minute. */

const WINDOW_MS = 30_000;
/** Before that, the first bytes say nothing: they may only have reached a buffer of this machine. */
const LEAST_MS = 5_000;

export class TimeLeft {
  #samples: { at: number; sent: number }[] = [];

  /** @param sent Bytes of all files that have been sent so far */
  add(at: number, sent: number): void {
    // Another batch has begun, or a pause is over: what was before says nothing of it.
    const last = this.#samples.at(-1);
    if (last && (sent < last.sent || at - last.at > WINDOW_MS)) this.#samples = [];
    this.#samples.push({ at, sent });
    this.#samples = this.#samples.filter((each) => each.at >= at - WINDOW_MS);
  }

  /** @returns null as long as it is not known */
  secondsFor(bytes: number): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < LEAST_MS || last.sent === first.sent) return null;
    return ((bytes / (last.sent - first.sent)) * (last.at - first.at)) / 1_000;
  }
}
