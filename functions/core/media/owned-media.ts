/** Reads several media of one owner, for work that goes on step by step. */
import type { Firestore } from '@google-cloud/firestore';
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
