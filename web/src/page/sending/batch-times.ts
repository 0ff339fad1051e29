/** What the bar of a batch tells of time. It is loaded when there is a batch. */
import type { Media } from '../../client/index.ts';
import type { AnalyzeMedia, BatchSummary, Upload } from '../../hooks/index.ts';
import { type BatchProgress, BatchTime } from './batch-time.ts';
import { paceOf } from './pace.ts';
import { SteadyTime } from './steady-time.ts';

export class BatchTimes {
  readonly #time = new BatchTime();
  readonly #steady = new SteadyTime();

  /**
   * @param media Those of the batch; none as long as some are not known.
   */
  of(
    batch: BatchSummary,
    media: readonly Media[],
    { secondsLeft, uploads }: Pick<AnalyzeMedia, 'secondsLeft' | 'uploads'>,
  ): BatchProgress {
    const now = Date.now();
    const sendingLeft = secondsLeft ?? (uploads.some(isBeingSent) ? undefined : null);
    const times = this.#time.of(batch, paceOf(media), sendingLeft, now);
    return { ...times, secondsLeft: this.#steady.of(times.secondsLeft, now) };
  }
}

const isBeingSent = ({ state, file, sent }: Upload) => state === 'sending' && sent < file.size;
