/** Starts the work on an announced file when its sender says that the bytes are in Cloud Storage. */
import { AppError } from '@media-analysis/shared/errors';
import type { Places } from '../../core/media/places.ts';
import { isAnnounced, type MediaRecord, sizeDiffers } from '../../core/media/record.ts';
import type { MediaStore } from '../../core/media/store.ts';
import { type ObjectStore, stagedFramesName, stagingName } from '../../storage/objects.ts';

export interface ConfirmDeps {
  media: MediaStore;
  objects: ObjectStore;
  places: Places;
}

/**
 * @returns the media as it is now, even if its work began long ago
 * @throws {AppError} `not_found`, `upload_incomplete`, `upload_size_differs`
 */
export async function confirmUpload(
  id: string,
  ownerId: string,
  deps: ConfirmDeps,
): Promise<MediaRecord> {
  const record = await deps.media.get(id, ownerId);
  if (!isAnnounced(record)) return record;
  const arrived = await deps.objects.stagedSize(stagingName(id));
  if (arrived === undefined) {
    // The work may have begun and ended after the document was read.
    const now = await deps.media.get(id, ownerId);
    if (!isAnnounced(now)) return now;
    throw new AppError(
      'upload_incomplete',
      `"${record.file_name}" has not arrived yet. Send the rest of it to its upload_url first.`,
    );
  }
  await deps.objects.keepStaged(stagingName(id));
  if (record.staged_frames) await deps.objects.keepStaged(stagedFramesName(id));
  const state = await deps.places.nextState(ownerId);
  const confirmed = await deps.media.confirm(id, ownerId, state);
  if (!confirmed) return deps.media.get(id, ownerId);
  await deps.places.settle(ownerId, [confirmed]);
  if (arrived === record.size) return confirmed;
  // The worker finds the same difference. It fails the media and removes the bytes.
  throw sizeDiffers(record, arrived);
}
