/** The bar of a batch follows time: how much of it has passed, of all that it will take. */
import type { BatchSummary } from '../hooks/index.ts';
import { TimeLeft } from '../hooks/time-left.ts';

export interface BatchTimes {
  /** 0 to 1. It never falls while the batch grows no larger. */
  progress: number;
  /** Until all is done; null if that is not known, as in the first seconds. */
  secondsLeft: number | null;
}

export class BatchTime {
  readonly #ended = new TimeLeft();
  #begunAt: number | undefined;
  #total = 0;
  #progress = 0;

  /**
   * @param sendingSecondsLeft How long sending will still take; null if that is not known or nothing is being sent.
   * @param now In milliseconds.
   */
  of(batch: BatchSummary, sendingSecondsLeft: number | null, now: number): BatchTimes {
    const ended = batch.ready + batch.failed;
    if (ended === batch.total) {
      this.#begunAt = undefined;
      return { progress: batch.progress, secondsLeft: null };
    }
    // More files have joined, or it is another batch.
    if (this.#begunAt === undefined || batch.total !== this.#total) this.#progress = 0;
    this.#begunAt ??= now;
    this.#total = batch.total;
    this.#ended.add(now, ended);
    const working = this.#ended.secondsFor(batch.total - ended);
    const isUnknown = working === null && sendingSecondsLeft === null;
    const secondsLeft = isUnknown ? null : Math.max(working ?? 0, sendingSecondsLeft ?? 0);
    const passed = (now - this.#begunAt) / 1_000;
    const timeShare = secondsLeft === null ? 1 : passed / (passed + secondsLeft);
    // At first only sending is known, which says nothing of the work; and what fails fails sooner than work is done.
    const share = Math.min(timeShare, batch.progress);
    this.#progress = Math.max(this.#progress, share);
    return { progress: this.#progress, secondsLeft };
  }
}
