/** Puts the next task of a media on its queue. */
import { type MediaRecord, nextPhase, taskOf } from '../../media/record.ts';
import type { TaskQueue } from '../../media/task-queue.ts';
import type { Logger } from '../../process/log.ts';

/** Never fails: if the queue cannot be reached now, the sweeper enqueues the task later. */
export async function enqueueNext(
  record: MediaRecord,
  { queue, logger }: { queue: TaskQueue; logger: Logger },
): Promise<void> {
  await queue.enqueue(nextPhase(record), taskOf(record)).catch((error: unknown) => {
    logger.error({ media_id: record.id, error }, 'not enqueued; the sweeper will do it');
  });
}
