/** Where the bin takes part in the life of a media. */
import type { Firestore } from '@google-cloud/firestore';
import type { Feature } from '../../core/media/moments.ts';
import { BIN_COLLECTION } from '../../core/media/record.ts';

/** A media in the bin keeps its objects. */
export function binMoments(firestore: Firestore): Feature {
  return { name: 'bin', keptAt: (id) => firestore.collection(BIN_COLLECTION).doc(id) };
}
