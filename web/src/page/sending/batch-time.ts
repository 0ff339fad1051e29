/** The bar of a batch follows time: how much of it has passed, of all that it will take. */
import type { BatchSummary } from '../../hooks/index.ts';
import { USUAL_WORK_S } from '../../hooks/uploads.ts';
import type { Pace } from './pace.ts';

/** So many are usually worked on side by side. */
const USUALLY_AT_ONCE = 5;

export interface BatchProgress {
  /** 0 to 1. It never falls while the batch has as many files. */
  progress: number;
  /** Until all is done; null if that is not known, as in the first seconds. */
  secondsLeft: number | null;
}

export class BatchTime {
  #begunAt: number | undefined;
  #total = 0;
  #progress = 0;
  /** What the bar has followed so far. */
  #share = 0;
  #hadPace = false;
  /** Whether the work keeps up with the line: the batch takes as long as sending, and the work on its last files. */
  #isLine = false;
  /** When something was still to be sent, as far as that was known. */
  #sentAt = 0;

  /**
   * @param pace null if it is not known.
   * @param sendingSecondsLeft How long sending will still take; null if nothing is being sent; undefined if that is not known,
   * as after a reload: then the work on what is there says nothing of what is still to come.
   * @param now In milliseconds.
   */
  of(
    batch: BatchSummary,
    pace: Pace | null,
    sendingSecondsLeft: number | null | undefined,
    now: number,
  ): BatchProgress {
    const ended = batch.ready + batch.failed;
    if (ended === batch.total) {
      this.#begunAt = undefined;
      this.#hadPace = false;
      this.#isLine = false;
      return { progress: batch.progress, secondsLeft: null };
    }
    // Files have joined or were removed, or it is another batch.
    if (this.#begunAt === undefined || batch.total !== this.#total) {
      this.#progress = 0;
      this.#share = 0;
    }
    this.#begunAt ??= now;
    this.#total = batch.total;
    const left = batch.total - ended;
    const working = pace && pace.secondsEach * left;
    if (sendingSecondsLeft != null) {
      this.#sentAt = now;
      // More files than are worked on side by side wait for the work, and not for the line.
      this.#isLine = pace
        ? pace.secondsEach * (left - USUALLY_AT_ONCE) <= sendingSecondsLeft
        : this.#isLine || (left * USUAL_WORK_S) / USUALLY_AT_ONCE <= sendingSecondsLeft;
    }
    const known =
      this.#isLine && sendingSecondsLeft !== undefined
        ? this.#lineSeconds(sendingSecondsLeft, now)
        : (working ?? sendingSecondsLeft ?? null);
    // That many files are sent soon says nothing of the work.
    const isTold = sendingSecondsLeft !== undefined && (working !== null || this.#isLine);
    // This page may have been loaded in the middle of the batch.
    const passed = Math.max((now - this.#begunAt) / 1_000, pace?.passed ?? 0);
    const timeShare = known === null ? 1 : passed / (passed + known);
    // At first only sending is known, which says nothing of the work; and what fails fails sooner than work is done.
    // When results were removed, what is sent would raise the bar above its time.
    const most = pace === null && this.#hadPace ? ended / batch.total : batch.progress;
    const share = Math.min(timeShare, most);
    if (pace && !this.#hadPace) this.#share = share;
    this.#hadPace ||= pace !== null;
    this.#follow(share);
    return { progress: this.#progress, secondsLeft: isTold ? known : null };
  }

  /** @returns null if the work takes longer than it usually does: nobody knows how long */
  #lineSeconds(sendingSecondsLeft: number | null, now: number): number | null {
    if (sendingSecondsLeft !== null) return sendingSecondsLeft + USUAL_WORK_S;
    const left = USUAL_WORK_S - (now - this.#sentAt) / 1_000;
    return left < -USUAL_WORK_S ? null : Math.max(0, left);
  }

  /** A bar that is ahead of its time does not stand still until time has come that far: it goes the rest of its way slower. */
  #follow(share: number): void {
    if (share > this.#share) {
      this.#progress = 1 - ((1 - this.#progress) * (1 - share)) / (1 - this.#share);
      this.#share = share;
    }
    this.#progress = Math.max(this.#progress, share);
  }
}
