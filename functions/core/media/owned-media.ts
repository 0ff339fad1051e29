/** Reads media of one owner: some that are known by their ids, or all of them page by page. */
import { FieldPath, type Firestore } from '@google-cloud/firestore';
import { type Page, readPage } from './paging.ts';
import { MEDIA_COLLECTION, type MediaRecord, recordOf } from './record.ts';

/** @returns in the order of the ids; undefined for each that is not there any more */
export async function readOwned(
  firestore: Firestore,
  ids: readonly string[],
  ownerId: string,
): Promise<(MediaRecord | undefined)[]> {
  if (ids.length === 0) return [];
  const media = firestore.collection(MEDIA_COLLECTION);
  const snapshots = await firestore.getAll(...ids.map((id) => media.doc(id)));
  return snapshots.map((snapshot) => {
    const record = recordOf(snapshot);
    return record?.owner_id === ownerId ? record : undefined;
  });
}

/**
 * One page of an owner's media, the newest first.
 * @throws {AppError} `invalid_request` for a bad token
 */
export function readOwnedPage(
  firestore: Firestore,
  ownerId: string,
  limit: number,
  pageToken?: string,
): Promise<Page<MediaRecord>> {
  const query = firestore
    .collection(MEDIA_COLLECTION)
    .where('owner_id', '==', ownerId)
    .orderBy('created_at', 'desc')
    .orderBy(FieldPath.documentId(), 'desc');
  return readPage(query, limit, pageToken);
}
