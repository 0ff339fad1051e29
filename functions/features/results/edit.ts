/** Writes the owner's words over the model's, or removes them. */
import { type Firestore, Timestamp } from '@google-cloud/firestore';
import type { EditMedia } from '@media-analysis/shared/edits';
import type { Moments } from '../../core/media/moments.ts';
import {
  applied,
  type Change,
  MEDIA_COLLECTION,
  type MediaRecord,
  notFound,
  recordOf,
  refuseNewer,
  toUpdate,
} from '../../core/media/record.ts';
import { editsAfter } from './edits.ts';

interface EditDeps {
  firestore: Firestore;
  moments: Moments;
  now: () => number;
}

/** @throws {AppError} `not_found`; `unavailable` if a later release wrote the media */
export async function editMedia(
  id: string,
  ownerId: string,
  wanted: EditMedia,
  { firestore, moments, now }: EditDeps,
): Promise<MediaRecord> {
  const ref = firestore.collection(MEDIA_COLLECTION).doc(id);
  return firestore.runTransaction(async (transaction) => {
    const record = recordOf(await transaction.get(ref));
    if (record?.owner_id !== ownerId) throw notFound(id);
    refuseNewer(record);
    const edits = editsAfter(record.edits, wanted);
    const change: Change = {
      ...moments.derive(applied(record, { edits }), ['edits']),
      edits,
      // A worker with a lease knows its own writes by their revision. Its next write shows this change to the page.
      ...(record.lease === null && {
        revision: record.revision + 1,
        updated_at: Timestamp.fromMillis(now()),
      }),
    };
    transaction.update(ref, toUpdate(change));
    return applied(record, change);
  });
}
