import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from '@jest/globals';
import { openFirestore, range } from '../../../test/support/firestore.ts';
import type { ReanalysisRecord } from './record.ts';
import { ReanalysisStore } from './store.ts';

const { db } = await openFirestore();
const HOUR_MS = 3_600_000;

let owner: string;
let nowMs: number;
let runs: ReanalysisStore;
beforeEach(() => {
  owner = randomUUID();
  nowMs = Date.parse('2026-11-10T12:00:00Z');
  runs = new ReanalysisStore(db, 2, () => nowMs);
});

const quote = (filter: ReanalysisRecord['filter'] = { only: 'any' }) =>
  runs.create({
    owner_id: owner,
    analysis: 'receipt',
    input: {},
    language: null,
    model: null,
    tier: null,
    filter,
    target: { model: 'googleai/model', version: 'receipt-2' },
  });

test('an owner gets twenty quotes an hour, also if many are asked for at once', async () => {
  const answers = await Promise.allSettled(range(40).map(() => quote()));
  const made = answers.filter(({ status }) => status === 'fulfilled');
  expect(made.length).toBeLessThanOrEqual(20);
  expect(made.length).toBeGreaterThan(0);
  expect((await runs.list(owner, 50)).records).toHaveLength(made.length);
  for (const answer of answers) {
    if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'rate_limited' });
  }
});

test('one that is refused is told when the next one is possible', async () => {
  for (const _ of range(20)) {
    await quote();
    nowMs += 60_000;
  }
  await expect(quote()).rejects.toMatchObject({
    code: 'rate_limited',
    retryAfterMs: HOUR_MS - 20 * 60_000,
  });
  nowMs += HOUR_MS - 20 * 60_000;
  await quote();
  await expect(quote()).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 60_000 });
  // Nobody waits for the request of another owner.
  owner = randomUUID();
  await quote();
});
