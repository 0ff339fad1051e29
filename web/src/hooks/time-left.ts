/** How long something will still take, by what was done in the last half minute. */

const WINDOW_MS = 30_000;
/** Nothing for so long is an outage: its time says nothing of the line. */
const GAP_MS = 10_000;
/** The first bytes may only have reached a buffer of this machine. */
const BUFFER_MS = 1_000;
/** Less time says nothing. */
const LEAST_MS = 2_000;

export class TimeLeft {
  #samples: { at: number; done: number }[] = [];
  #begunAt = 0;

  /** What was before says nothing of what comes, as after a pause. */
  forget(): void {
    this.#samples = [];
  }

  /** @param done How much has been done so far, such as the bytes that were sent */
  add(at: number, done: number): void {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    const passed = at - (last?.at ?? at);
    // Another batch has begun, an outage is over, the clock was set, or nothing is done yet.
    const isNew = done < (last?.done ?? 0) || passed < 0 || passed > GAP_MS;
    if (!first || isNew || done === first.done) this.#begunAt = at;
    const from = at - this.#begunAt < BUFFER_MS ? at : at - WINDOW_MS;
    this.#samples = [...this.#samples.filter((each) => each.at >= from && !isNew), { at, done }];
  }

  /** @returns null as long as it is not known */
  secondsFor(left: number): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < LEAST_MS || last.done === first.done) return null;
    return ((left / (last.done - first.done)) * (last.at - first.at)) / 1_000;
  }
}
