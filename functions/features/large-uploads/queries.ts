/** The queries of the feature, each as the function that sends it. `npm run deploy:check` looks whether each has its index. */
import type { Firestore } from '@google-cloud/firestore';
import { AnnouncementLimit } from './announcement-limit.ts';

export function queries(firestore: Firestore): Record<string, () => Promise<unknown>> {
  return {
    'announced files': () => new AnnouncementLimit(firestore, 1).refuseMoreThan('owner', 1),
  };
}
