/** Finds owners, for the operators' commands. No request may ask for this. */
import type { Firestore } from '@google-cloud/firestore';
import { MEDIA_COLLECTION } from './record.ts';

/** In the order of the ids. Each owner costs one read, with any number of media. */
export async function* ownersOf(firestore: Firestore): AsyncGenerator<string> {
  const owners = firestore.collection(MEDIA_COLLECTION).orderBy('owner_id').select('owner_id');
  let next = owners;
  for (;;) {
    const [doc] = (await next.limit(1).get()).docs;
    if (!doc) return;
    const owner: string = doc.get('owner_id');
    yield owner;
    next = owners.startAfter(owner);
  }
}

export async function hasMedia(firestore: Firestore, ownerId: string): Promise<boolean> {
  const media = firestore.collection(MEDIA_COLLECTION).where('owner_id', '==', ownerId).select();
  return !(await media.limit(1).get()).empty;
}
