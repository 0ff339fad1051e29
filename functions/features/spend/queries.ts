/** The queries of the feature, each as the function that sends it. `npm run deploy:check` looks whether each has its index. */
import type { Firestore } from '@google-cloud/firestore';
import { MEDIA_COLLECTION } from '../../core/media/record.ts';
import { UsageStore } from './usage.ts';

export function queries(firestore: Firestore): Record<string, () => Promise<unknown>> {
  const ref = firestore.collection(MEDIA_COLLECTION).doc('id');
  return {
    'the usage of a month': async () => {
      // The query for the sums covers only models that a media has used.
      await ref.set({ owner_id: 'owner', usage_month: '2026-01', usage: { model: 'm' } });
      await new UsageStore(firestore).ofMonth('owner', '2026-01');
    },
  };
}
