/** Where the search takes part in the life of a media. */
import type { Firestore } from '@google-cloud/firestore';
import type { Feature } from '../../core/media/moments.ts';
import { MEDIA_COLLECTION } from '../../core/media/record.ts';
import type { Logger } from '../../process/log.ts';
import { untilAborted } from '../../process/time-limit.ts';
import { backfillFields } from './backfill-fields.ts';
import { backfillVector, backfillVectors } from './backfill-vectors.ts';
import { findableOf } from './findable.ts';
import type { GeminiEmbedder } from './gemini-embedder.ts';
import { takenShown } from './shown.ts';

export const searchMoments: Feature = {
  ...takenShown,
  derived: {
    from: ['file_name', 'content_type', 'facts', 'analytics', 'edits'],
    fields: ['search', 'meaning', 'meaning_by'],
    make: findableOf,
  },
};

export interface SearchDeps {
  firestore: Firestore;
  /** A service that makes vectors. Without it they are made in this process. */
  embedder?: Pick<GeminiEmbedder, 'by' | 'embedMedia'> | undefined;
  logger: Logger;
}

export function searchInWorker(deps: SearchDeps): Feature {
  const { firestore, embedder } = deps;
  return {
    ...searchMoments,
    ended: async ({ record: { id, status } }, signal) => {
      if (!embedder || status !== 'completed') return;
      const ref = firestore.collection(MEDIA_COLLECTION).doc(id);
      await untilAborted(backfillVector(ref, embedder), signal);
    },
    // The service may be slow, so its part comes last.
    sweeping: [
      { isLate: true, run: () => backfillFields(deps) },
      { isLate: true, run: () => backfillVectors(deps) },
    ],
  };
}
