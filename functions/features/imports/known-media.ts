/** Finds media that exist already. */
import type { Firestore } from '@google-cloud/firestore';
import { BIN_COLLECTION, MEDIA_COLLECTION } from '../../core/media/record.ts';

/** Media in the bin count too. @returns the ids that exist already */
export async function findKnownMedia(
  firestore: Firestore,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const refs = [MEDIA_COLLECTION, BIN_COLLECTION].flatMap((name) =>
    ids.map((id) => firestore.collection(name).doc(id)),
  );
  const found = await firestore.getAll(...refs, { fieldMask: [] });
  return new Set(found.flatMap(({ exists, id }) => (exists ? [id] : [])));
}
