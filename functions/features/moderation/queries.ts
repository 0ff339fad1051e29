/** The queries of the feature, each as the function that sends it. `npm run deploy:check` looks whether each has its index. */
import type { Firestore } from '@google-cloud/firestore';
import { MEDIA_COLLECTION } from '../../core/media/record.ts';
import { ModerationStore } from './store.ts';

export function queries(firestore: Firestore): Record<string, () => Promise<unknown>> {
  const ref = firestore.collection(MEDIA_COLLECTION).doc('id');
  return {
    moderation: async () => {
      const moderation = new ModerationStore(firestore);
      const subject = { id: 'judged', owner_id: 'owner', sha256: 'sha256' };
      await ref.parent.doc('judged').set(subject);
      await moderation.judge(subject, 'unsafe');
      await moderation.decide('judged', 'approved', 'operator');
      await moderation.waiting().next();
      await moderation.withheld().next();
    },
  };
}
