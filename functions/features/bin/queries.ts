/** The queries of the feature, each as the function that sends it. `npm run deploy:check` looks whether each has its index. */
import type { Firestore } from '@google-cloud/firestore';
import { Bin } from './bin.ts';

export function queries(firestore: Firestore): Record<string, () => Promise<unknown>> {
  const bin = new Bin(firestore);
  const token = Buffer.from('0.0.id').toString('base64url');
  return {
    'the bin': async () => {
      await bin.list('owner', 1, token);
      await bin.due(1);
      await bin.ofOwner('owner', 1);
    },
  };
}
