import { beforeEach, expect, test } from '@jest/globals';
import type { Usage } from '@media-analysis/shared/analytics';
import { openMedia } from '../../../test/support/features.ts';
import { openFirestore } from '../../../test/support/firestore.ts';
import { mediaRecord } from '../../../test/support/media.ts';
import { NO_FEATURES } from '../../core/media/moments.ts';
import { type MediaRecord, recordOf } from '../../core/media/record.ts';
import { toMedia } from '../../core/media/view.ts';
import { UsageStore } from './usage.ts';

const { db } = await openFirestore();
const { media: store } = openMedia(db);
const usage = new UsageStore(db);

let owner_id: string;
let id: string;
let count = 0;
beforeEach(() => {
  owner_id = `spender-${++count}`;
  id = store.newId();
});

const receipt = (model: string, cost_usd: number): Usage => ({
  model,
  cost_usd,
  input_tokens: 100,
  output_tokens: 10,
  cached: false,
  attempts: 1,
  duration_ms: 5,
});
const IN_NOVEMBER = {
  status: 'completed',
  object: 'o',
  usage_month: '2026-11',
  usage: receipt('googleai/one', 0.5),
} as const;

async function create(patch: Partial<MediaRecord>): Promise<void> {
  await store.ref(id).create(mediaRecord({ ...patch, owner_id, id }));
}
const read = async () => recordOf(await store.ref(id).get()) as MediaRecord;
const ask = () => store.ask(id, owner_id, { name: 'describe', input: {} }, 'queued');

/** As a delivery writes it. */
async function spend(month: string, spent: Usage): Promise<void> {
  await store.ref(id).update({ status: 'completed', usage_month: month, usage: spent });
}
const costs = async (month: string) => {
  const { items, models } = await usage.ofMonth(owner_id, month);
  return { items, models: models.map(({ model, cost_usd }) => [model, cost_usd]) };
};

test('an analysis again in December leaves the cost of November where it was, and with its model', async () => {
  await create(IN_NOVEMBER);
  const before = await costs('2026-11');
  expect(before).toEqual({ items: 1, models: [['googleai/one', 0.5]] });
  await ask();
  expect(await costs('2026-11')).toEqual(before);
  // The owner still sees the whole cost.
  expect(toMedia(await read(), NO_FEATURES).usage).toEqual(IN_NOVEMBER.usage);
  await spend('2026-12', receipt('googleai/two', 0.25));
  expect(await costs('2026-11')).toEqual(before);
  const december = { items: 1, models: [['googleai/two', 0.25]] };
  expect(await costs('2026-12')).toEqual(december);
  const all = { cost_usd: 0.75, input_tokens: 200, attempts: 2, model: 'googleai/two' };
  expect(toMedia(await read(), NO_FEATURES).usage).toMatchObject(all);
  await store.remove(id, owner_id);
  expect(await costs('2026-11')).toEqual(before);
  expect(await costs('2026-12')).toEqual(december);
});

test('a model that is asked later in the same month takes over no cost of another one', async () => {
  await create(IN_NOVEMBER);
  await ask();
  await spend('2026-11', receipt('googleai/two', 0.25));
  await ask();
  const both = [
    ['googleai/one', 0.5],
    ['googleai/two', 0.25],
  ];
  expect(await costs('2026-11')).toEqual({ items: 2, models: both });
  // An attempt that asks no model changes nothing.
  await store.ref(id).update({ status: 'completed' });
  await ask();
  expect(await costs('2026-11')).toEqual({ items: 2, models: both });
  expect(toMedia(await read(), NO_FEATURES).usage).toMatchObject({ cost_usd: 0.75, attempts: 2 });
});

test('a retry in December leaves the cost of November where it was', async () => {
  await create({ ...IN_NOVEMBER, status: 'failed', error_code: 'analysis_timeout' });
  await store.retry(id, owner_id);
  await spend('2026-12', receipt('googleai/one', 0.25));
  expect(await costs('2026-11')).toEqual({ items: 1, models: [['googleai/one', 0.5]] });
  expect(await costs('2026-12')).toEqual({ items: 1, models: [['googleai/one', 0.25]] });
});
