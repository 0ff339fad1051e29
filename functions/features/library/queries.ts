/** The queries of the feature, each as the function that sends it. `npm run deploy:check` looks whether each has its index. */
import type { Firestore } from '@google-cloud/firestore';
import { createLibrarySource } from './source.ts';

export function queries(firestore: Firestore): Record<string, () => Promise<unknown>> {
  return {
    'what a stream of a library has missed': async () => {
      const source = createLibrarySource(firestore);
      for await (const _ of source.read('media', 'owner', 0, 1)) break;
      for await (const _ of source.read('bin', 'owner', 0, 1)) break;
    },
  };
}
