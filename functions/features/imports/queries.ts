/** The queries of the feature, each as the function that sends it. `npm run deploy:check` looks whether each has its index. */
import { randomUUID } from 'node:crypto';
import type { Firestore } from '@google-cloud/firestore';
import { NO_FEATURES } from '../../core/media/moments.ts';
import { MediaStore } from '../../core/media/store.ts';
import { importStep } from './step.ts';
import { ImportStore } from './store.ts';

export function queries(firestore: Firestore): Record<string, () => Promise<unknown>> {
  return {
    'imports of an owner': () => new ImportStore(firestore).list('owner', 1),
    'an import that goes on': () => importOnce(firestore),
  };
}

async function importOnce(firestore: Firestore): Promise<void> {
  const source = { bucket: 'bucket', prefix: '' };
  const { id } = await new ImportStore(firestore).create({
    owner_id: randomUUID(),
    source,
  } as never);
  const page = { kind: 'storage#objects' };
  const deps = {
    firestore,
    media: new MediaStore(firestore),
    buckets: ['bucket'],
    now: Date.now,
    queue: {},
    places: {},
    moments: NO_FEATURES,
    logger: { info: () => undefined },
    storage: { bucket: () => ({ request: async () => [page] }) },
    dailyUploads: { remaining: async () => ({ bytes: 1, files: 1 }) },
    limits: { inFlight: 1, maxUploadBytes: 1, perDay: { bytes: 1, files: 1 } },
  };
  await importStep(id, deps as never);
}
