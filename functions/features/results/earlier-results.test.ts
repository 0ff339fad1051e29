import { beforeEach, expect, jest, test } from '@jest/globals';
import type { Usage } from '@media-analysis/shared/analytics';
import { openMedia } from '../../../test/support/features.ts';
import { openFirestore } from '../../../test/support/firestore.ts';
import { analyticsOf } from '../../../test/support/library.ts';
import { mediaRecord, NOW } from '../../../test/support/media.ts';
import { askedFor, type MediaRecord, recordOf } from '../../core/media/record.ts';
import { ReanalysisStore } from '../reanalyses/store.ts';

const { db } = await openFirestore();
const { media: store, results } = openMedia(db, () => NOW + 1_000);
const MODEL = 'googleai/model';

let owner_id: string;
let count = 0;
beforeEach(() => {
  owner_id = `looks-back-${++count}`;
});

const usage: Usage = {
  model: MODEL,
  input_tokens: 100,
  output_tokens: 10,
  cost_usd: 0.5,
  tier: 'flex',
  cached: false,
  attempts: 1,
  duration_ms: 5,
};

/** A media with a receipt of the tier `flex` that was replaced and then restored. */
async function restored(): Promise<MediaRecord> {
  const id = store.newId();
  const answer = { output: { total: 1 }, model: MODEL, version: 'receipt-1', usage };
  const record = mediaRecord({
    id,
    owner_id,
    status: 'completed',
    object: id,
    queue_state: null,
    analyses: { receipt: { ...askedFor({}, NOW), ...answer, status: 'completed' } },
    made: {
      receipt: { at: null, attempt: 1, input: {}, language: 'en', usage, asked: MODEL },
    },
  });
  await store.create([record], store.batch());
  const keep = await results.keeping(record, 'receipt');
  const batch = db.batch();
  keep?.(batch);
  await batch.commit();
  const [earlier] = await results.list(id);
  await results.restore(id, earlier?.id ?? '', owner_id);
  return recordOf(await store.ref(id).get()) as MediaRecord;
}

test('a result that was brought back is in a quote at the price at which it was made', async () => {
  await restored();
  const runs = new ReanalysisStore(db, 2, () => NOW + 2_000);
  const { quote } = await runs.create({
    owner_id,
    analysis: 'receipt',
    input: {},
    language: null,
    model: null,
    tier: null,
    filter: { only: 'any' },
    target: { model: MODEL, version: 'receipt-2' },
  });
  expect(quote).toMatchObject({ media: 1, receipts: 1, cost_usd: 1 });
});

test('a result that is too long beside the other answers is not brought back, and stays', async () => {
  const { id } = await restored();
  const long = { question: 'x'.repeat(300_000) };
  const [earlier] = (await db.collection('earlier_results').where('media_id', '==', id).get()).docs;
  const of = { media_id: id, analysis: 'ask', input: long, output: {}, analytics: null };
  const ref = db.collection('earlier_results').doc('toolong');
  await ref.set({ ...earlier?.data(), ...of });
  await store.ref(id).update({ 'analyses.other': { ...askedFor(long, NOW), status: 'completed' } });
  const restoring = results.restore(id, ref.id, owner_id);
  await expect(restoring).rejects.toMatchObject({ code: 'invalid_request' });
  expect((await ref.get()).exists).toBe(true);
});

test('a description is not brought back unchecked, if the work ends between the check and the commit', async () => {
  const id = store.newId();
  const analytics = analyticsOf({ title: 'A dog' });
  const done = { status: 'completed', object: id, queue_state: null } as const;
  const record = mediaRecord({ id, owner_id, ...done, analytics });
  await store.create([record], store.batch());
  const batch = db.batch();
  (await results.keeping(record, 'describe'))?.(batch);
  await batch.commit();
  const [earlier] = await results.list(id);
  await store.ref(id).update({ status: 'analyzing' });
  const read = jest.spyOn(db, 'getAll').mockImplementationOnce(async (...refs) => {
    read.mockRestore();
    const snapshots = await db.getAll(...refs);
    await store.ref(id).update({ status: 'completed' });
    return snapshots;
  });
  const restoring = () => results.restore(id, earlier?.id ?? '', owner_id);
  await expect(restoring()).rejects.toMatchObject({ code: 'not_ready' });
  expect(await restoring()).toMatchObject({ analytics: { title: 'A dog' } });
});
