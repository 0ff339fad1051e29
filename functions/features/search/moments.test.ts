/** When a media is found by what a delivery has written. */
import { expect, test } from '@jest/globals';
import { openFirestore } from '../../../test/support/firestore.ts';
import { analyticsOf } from '../../../test/support/library.ts';
import { mediaRecord } from '../../../test/support/media.ts';
import { type Delivery, Moments } from '../../core/media/moments.ts';
import { taskOf } from '../../core/media/record.ts';
import { claim } from '../../core/work/claim.ts';
import { createLogger } from '../../process/log.ts';
import { EMBEDDER } from './meaning.ts';
import { searchInWorker, searchMoments } from './moments.ts';
import { embedderOf } from './vectors.ts';

const { db } = await openFirestore();
const logger = createLogger('test', 'silent');

test('a media is found by its description from the write of the description on', async () => {
  const stored = { status: 'uploading', object: 'o', staging_object: null } as const;
  const record = mediaRecord({ ...stored, file_name: 'lake.jpg' });
  const ref = db.doc('media/m1');
  await ref.create(record);
  const options = { leaseMs: 30_000, maxDeliveries: 8, moments: new Moments([searchMoments]) };
  const { lease } = await claim(ref, 'analyze', taskOf(record), options);
  // A claim changes nothing by which a media is found.
  expect((await ref.get()).data()).not.toHaveProperty('search');
  await lease?.release({ status: 'completed', analytics: analyticsOf({ title: 'Dogs' }) });
  const written = (await ref.get()).data();
  expect(written).toMatchObject({ revision: 3, search: { kind: 'image' }, meaning_by: EMBEDDER });
  expect(written?.search.terms).toEqual(expect.arrayContaining(['dog', 'lake']));
});

test('an instance that shuts down does not wait for a vector', async () => {
  await db
    .doc('media/m2')
    .create(
      mediaRecord({ id: 'm2', meaning_by: EMBEDDER, analytics: analyticsOf({ title: 'Dogs' }) }),
    );
  const asked = Promise.withResolvers<void>();
  const embedMedia = () => {
    asked.resolve();
    return new Promise<never>(() => undefined);
  };
  const feature = searchInWorker({ firestore: db, embedder: { by: 'slow', embedMedia }, logger });
  const stop = new AbortController();
  const record = mediaRecord({ id: 'm2', status: 'completed' });
  const ended = feature.ended?.({ record } as Delivery, stop.signal);
  await asked.promise;
  stop.abort(new Error('SIGTERM'));
  await expect(ended).rejects.toThrow('SIGTERM');
});

test('all features of a unit share one embedder, with what it remembers', () => {
  const config = { EMBEDDING_MODEL: 'googleai/gemini-embedding-001', GEMINI_API_KEY: 'key' };
  const kit = { firestore: db, config, logger, now: Date.now, atEnd: () => undefined };
  const embedder = embedderOf(kit as unknown as Parameters<typeof embedderOf>[0]);
  expect(embedder).toBeDefined();
  expect(embedderOf(kit as unknown as Parameters<typeof embedderOf>[0])).toBe(embedder);
});
