/** Removes a media entirely: its document, its objects, and what is still queued for it. */
import { AppError } from '@media-analysis/shared/errors';
import type { Logger } from '../../process/log.ts';
import type { ObjectStore } from '../../storage/objects.ts';
import type { Places } from './places.ts';
import { type MediaRecord, refuseNewer, taskOf } from './record.ts';
import type { MediaStore } from './store.ts';
import type { TaskQueue } from './task-queue.ts';

/** Longer than a lease: a worker that was busy when the media was deleted has noticed it by then. */
const CHECK_AFTER_MS = 60_000;

export interface RemovalDeps {
  media: MediaStore;
  objects: ObjectStore;
  queue: TaskQueue;
  places: Places;
  logger: Logger;
  now: () => number;
}

/**
 * @param how `owner`: all of the owner goes, and so what the media has cost is kept nowhere.
 * @param check Throws to refuse to remove the media in this state.
 * Safe to call again after it has failed.
 * @throws {AppError} `not_found` if the owner has no such media; `unavailable` if it could not be removed
 */
export async function removeMedia(
  record: Pick<MediaRecord, 'id' | 'owner_id' | 'attempts' | 'schema_version'>,
  { media, objects, queue, places, logger, now }: RemovalDeps,
  how: 'erased' | 'owner' = 'erased',
  check?: (record: MediaRecord) => void,
): Promise<void> {
  refuseNewer(record);
  const { id, owner_id } = record;
  try {
    await enqueueCheck(record, { queue, now });
  } catch (error) {
    logger.warn({ media_id: id, error }, 'removed without a later check');
    // A full disk, or a queue that is away, must not keep the owner's bytes. Without the task nothing would remove
    // the objects later, so they go first: if that fails, the document is there for another try.
    await objects.removeAll(id).catch((cause: unknown) => {
      throw new AppError('unavailable', 'This cannot be removed now. Try again.', { cause });
    });
  }
  const removed = await media.remove(id, owner_id, how, check);
  // As it was at its end: only that says on which queue its task is.
  const task = taskOf(removed);
  // From here on no worker can finish this media. A busy worker removes the object that it has just stored.
  const results = await Promise.allSettled([
    objects.removeAll(id),
    media.forgetFileNames(id),
    queue.cancel('upload', task),
    queue.cancel('analyze', task),
  ]);
  for (const result of results) {
    if (result.status === 'fulfilled') continue;
    logger.warn({ media_id: id, error: result.reason }, 'not everything was removed yet');
  }
  if (removed.queue_state === 'queued') await places.refill(owner_id);
}

/**
 * This task is enqueued before the document is deleted. The worker that gets it finds no document and removes the objects
 * that are left, even if this process dies now, or if a busy worker stores one more and dies.
 */
export async function enqueueCheck(
  { id, attempts }: Pick<MediaRecord, 'id' | 'attempts'>,
  { queue, now }: Pick<RemovalDeps, 'queue' | 'now'>,
): Promise<void> {
  const check = { media_id: id, attempt: attempts, removing_since: now() };
  await queue.enqueue('upload', check, '-removed', { delayMs: CHECK_AFTER_MS, retries: 1 });
}
