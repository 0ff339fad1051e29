/** How long something will still take, by what was done in the last half minute. */

const WINDOW_MS = 30_000;
/** Before that, the first bytes say nothing: they may only have reached a buffer of this machine. */
const LEAST_MS = 5_000;

export class TimeLeft {
  #samples: { at: number; done: number }[] = [];

  /** @param done How much has been done so far, such as the bytes that were sent */
  add(at: number, done: number): void {
    // Another batch has begun, or a pause is over: what was before says nothing of it.
    const last = this.#samples.at(-1);
    if (last && (done < last.done || at - last.at > WINDOW_MS)) this.#samples = [];
    this.#samples.push({ at, done });
    this.#samples = this.#samples.filter((each) => each.at >= at - WINDOW_MS);
  }

  /** @returns null as long as it is not known */
  secondsFor(left: number): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < LEAST_MS || last.done === first.done) return null;
    return ((left / (last.done - first.done)) * (last.at - first.at)) / 1_000;
  }
}
