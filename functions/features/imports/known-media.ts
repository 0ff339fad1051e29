/** Which media are there already. */
import type { Firestore } from '@google-cloud/firestore';
import { BIN_COLLECTION, MEDIA_COLLECTION } from '../../core/media/record.ts';

/** What is in the bin is known too. @returns those of the ids that are known */
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
