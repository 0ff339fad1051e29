/** The sender of an announced file says that its bytes are in Cloud Storage: the work begins. */
import { AppError } from '@media-analysis/shared/errors';
import { awaitsBytes, type MediaRecord, sizeDiffers } from '../../media/record.ts';
import type { MediaStore } from '../../media/store.ts';
import type { TaskQueue } from '../../media/task-queue.ts';
import type { Logger } from '../../process/log.ts';
import { type ObjectStore, stagingName } from '../../storage/objects.ts';
import { enqueueNext } from './enqueue.ts';

export interface ConfirmDeps {
  media: MediaStore;
  objects: ObjectStore;
  queue: TaskQueue;
  logger: Logger;
}

/**
 * @returns the media as it is now, also if its work has begun long ago.
 * @throws {AppError} `not_found`, `upload_incomplete`, `upload_size_differs`
 */
export async function confirmUpload(
  id: string,
  ownerId: string,
  deps: ConfirmDeps,
): Promise<MediaRecord> {
  const record = await deps.media.get(id, ownerId);
  if (!awaitsBytes(record)) return record;
  const arrived = await deps.objects.stagedSize(stagingName(id));
  if (arrived === undefined) {
    // The work may have begun, and ended, after the document was read.
    const now = await deps.media.get(id, ownerId);
    if (!awaitsBytes(now)) return now;
    throw new AppError(
      'upload_incomplete',
      `"${record.file_name}" has not arrived yet. Send the rest of it to its upload_url first.`,
    );
  }
  await enqueueNext(record, deps);
  if (arrived === record.size) return record;
  // The worker sees the same difference, fails the media and removes the bytes.
  throw sizeDiffers(record, arrived);
}
