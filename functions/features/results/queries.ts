/** The queries of the feature, each as the function that sends it. `npm run deploy:check` looks whether each has its index. */
import type { Firestore } from '@google-cloud/firestore';
import { EarlierResults } from './earlier-results.ts';

export function queries(firestore: Firestore): Record<string, () => Promise<unknown>> {
  const results = new EarlierResults(firestore);
  return {
    'earlier results': async () => {
      await results.list('id', 'describe');
      await results.ofMedia('id').get();
    },
  };
}
