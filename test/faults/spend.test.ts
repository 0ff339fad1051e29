/** Firestore answers, and the answer is lost: the client then repeats. What is taken or given back counts once all the same. */
import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { DailySpend, type Reservation } from '../../functions/features/spend/daily-spend.ts';
import { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { type RunningService, startFirestore } from '../../local-cloud/firestore/server.ts';

const LOST = { kind: 'lose', code: 'UNAVAILABLE' } as const;
const OFF = Number.POSITIVE_INFINITY;
const DAY = 24 * 3600 * 1_000;

const faults = new FaultPlan();
let server: RunningService;
let firestore: Firestore;
let now = Date.parse('2026-11-25T12:00:00Z');

beforeAll(async () => {
  server = await startFirestore({ faults });
  firestore = new Firestore({ projectId: 'faults', host: `127.0.0.1:${server.port}`, ssl: false });
});
beforeEach(() => {
  // Each test has a day of its own.
  now += DAY;
});
afterAll(async () => {
  await firestore.terminate();
  await server.close();
});

/** One process of a project that may spend a dollar a day. */
function process(warnings: unknown[] = []): DailySpend {
  const logger = { warn: (_fields: object, message: string) => warnings.push(message) };
  return new DailySpend(firestore, { ownerUsd: OFF, projectUsd: 1, logger, now: () => now });
}

function settle(reservation: Reservation, usd: number): void {
  if (reservation.kind !== 'reserved') throw new Error(reservation.kind);
  reservation.settle(usd);
}

async function sums(): Promise<unknown> {
  const id = `${new Date(now).toISOString().slice(0, 10)}-project`;
  const { spent_micro_usd, held_micro_usd } =
    (await firestore.doc(`daily_spend/${id}`).get()).data() ?? {};
  return { spent_micro_usd, held_micro_usd };
}

test('a slice whose return was lost is given back once', async () => {
  const [one, other] = [process(), process()];
  const open = await other.reserve('bob', 0.5);
  settle(await one.reserve('alice', 0.3), 0.1);
  faults.script('firestore', 'Commit', LOST);
  await one.giveBack();
  expect(faults.counts.get('firestore.lose')).toBe(1);
  expect(await sums()).toEqual({ spent_micro_usd: 100_000, held_micro_usd: 500_000 });
  // What is left is 40 cents. Not more is to be had, whoever asks.
  expect(await process().reserve('carol', 0.41)).toMatchObject({ kind: 'refused' });
  expect(await process().reserve('carol', 0.4)).toMatchObject({ kind: 'reserved' });
  settle(open, 0.5);
});

test('a slice is taken once, although the answer was lost, and all of it comes back', async () => {
  const spend = process();
  faults.script('firestore', 'Commit', LOST);
  const first = await spend.reserve('alice', 0.6);
  expect(await sums()).toEqual({ spent_micro_usd: 0, held_micro_usd: 600_000 });
  settle(first, 0.1);
  faults.script('firestore', 'Commit', LOST);
  // What was spent is reported on the way, once.
  settle(await spend.reserve('alice', 0.8), 0.2);
  expect(await sums()).toEqual({ spent_micro_usd: 100_000, held_micro_usd: 800_000 });
  await spend.giveBack();
  expect(await sums()).toEqual({ spent_micro_usd: 300_000, held_micro_usd: 0 });
});

test('a reservation that is settled on two ways out of a delivery is settled once', async () => {
  const spend = process();
  const reservation = await spend.reserve('alice', 0.4);
  const other = await spend.reserve('bob', 0.4);
  settle(reservation, 0.3);
  settle(reservation, 0);
  settle(reservation, 0.3);
  // 30 cents are spent, and 40 reserved.
  expect(await spend.reserve('carol', 0.31)).toMatchObject({ kind: 'refused' });
  settle(other, 0);
  await spend.giveBack();
  expect(await sums()).toEqual({ spent_micro_usd: 300_000, held_micro_usd: 0 });
});
