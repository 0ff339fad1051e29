/** What the writes of a delivery say of calls and costs. */
import { expect, test } from '@jest/globals';
import type { Usage } from '@media-analysis/shared/analytics';
import { openFirestore } from '../../../test/support/firestore.ts';
import { mediaRecord } from '../../../test/support/media.ts';
import { Moments } from '../../core/media/moments.ts';
import { type MediaRecord, taskOf } from '../../core/media/record.ts';
import { claim } from '../../core/work/claim.ts';
import type { Lease } from '../../core/work/lease.ts';
import { spendMoments } from './moments.ts';

const { db } = await openFirestore();
const DECEMBER = Date.parse('2026-12-01T00:00:00Z');
const usage = (cost_usd: number) => ({ cost_usd, input_tokens: 1, output_tokens: 1 }) as Usage;

let count = 0;
async function begin(patch: Partial<MediaRecord>): Promise<Lease> {
  const id = `m${++count}`;
  const stored = { status: 'uploading', object: 'o', staging_object: null } as const;
  const record = mediaRecord({ ...stored, ...patch, id });
  const ref = db.doc(`media/${id}`);
  await ref.create(record);
  const moments = new Moments([spendMoments({ firestore: db, now: () => DECEMBER })]);
  const options = { leaseMs: 30_000, maxDeliveries: 8, now: () => DECEMBER, moments };
  const { lease } = await claim(ref, 'analyze', taskOf(record), options);
  if (!lease) throw new Error('not claimed');
  return lease;
}
const stored = async ({ record: { id } }: Lease) => (await db.doc(`media/${id}`).get()).data();

test('each analysis of a delivery may ask a model as often as the first one', async () => {
  const wanted = ['describe', 'alt-text', 'receipt'];
  const lease = await begin({ wanted, paid_calls: 5, paid_calls_before: 2 });
  expect(await stored(lease)).toMatchObject({ paid_calls: 5, paid_calls_before: 2 });
  await lease.write({ progress: 0.7 });
  expect(await stored(lease)).toMatchObject({ paid_calls: 5, paid_calls_before: 2 });
  await lease.write({ wanted: wanted.slice(1) });
  expect(await stored(lease)).toMatchObject({ paid_calls: 0, paid_calls_before: 0 });
  await lease.release({});
});

test('the calls for the last analysis stay on the record', async () => {
  const lease = await begin({ wanted: ['describe'], paid_calls: 5, paid_calls_before: 2 });
  await lease.release({ wanted: [], status: 'completed', paid_calls: 6 });
  expect(await stored(lease)).toMatchObject({ paid_calls: 6, paid_calls_before: 2 });
});

test('what is spent counts in the month in which it is written, and what was spent before does not', async () => {
  const lease = await begin({ usage: usage(1), usage_month: '2026-11' });
  await lease.write({ progress: 0.7 });
  expect(await stored(lease)).toMatchObject({ usage_month: '2026-11' });
  await lease.release({ usage: usage(2) });
  expect(await stored(lease)).toMatchObject({ usage: { cost_usd: 2 }, usage_month: '2026-12' });
});
