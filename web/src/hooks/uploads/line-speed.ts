/** Estimates how long sending takes from what was sent in the last half minute. */

const WINDOW_MS = 30_000;
/** A longer pause is an outage: its time says nothing about the line. */
const GAP_MS = 10_000;
/** The first bytes may only have reached a buffer of this machine. */
const BUFFER_MS = 1_000;
/** A shorter time is too inexact. */
const LEAST_MS = 2_000;

export class LineSpeed {
  #samples: { at: number; done: number }[] = [];
  #begunAt = 0;

  /** After a pause, earlier progress predicts nothing. */
  forget(): void {
    this.#samples = [];
  }

  /** @param done the progress so far, such as the bytes that were sent */
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

  /** @returns null while it is not known */
  secondsFor(left: number): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < LEAST_MS || last.done === first.done) return null;
    return ((left / (last.done - first.done)) * (last.at - first.at)) / 1_000;
  }
}
