/** Where the bin takes part in the life of a media. */
import type { Firestore } from '@google-cloud/firestore';
import type { Feature } from '../../core/media/moments.ts';
import { BIN_COLLECTION } from '../../core/media/record.ts';

/** Media in the bin keep their objects. */
export function binMoments(firestore: Firestore): Feature {
  return { name: 'bin', keptAt: (id) => firestore.collection(BIN_COLLECTION).doc(id) };
}
