import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { openFirestore, range } from '../../../test/support/firestore.ts';
import { DailySpend, type Reservation, SEARCH_SLICES } from './daily-spend.ts';

const { db } = await openFirestore();
const NOON = Date.parse('2026-11-25T12:00:00Z');
const MIDNIGHT = Date.parse('2026-11-26T00:00:00Z');
const MINUTE = 60_000;

let now: number;
let day = 0;
let warnings: string[];
beforeEach(() => {
  // Each test has two days of its own, because the project has one document a day.
  day += 48 * 60 * MINUTE;
  now = NOON + day;
  warnings = [];
});

/** One process. */
function process(
  { ownerUsd = 5, projectUsd = 20 } = {},
  firestore = db,
  slices?: typeof SEARCH_SLICES,
): DailySpend {
  const logger = { warn: (_fields: object, message: string) => void warnings.push(message) };
  return new DailySpend(firestore, {
    ownerUsd,
    projectUsd,
    logger,
    now: () => now,
    ...(slices && { slices }),
  });
}

function settle(reservation: Reservation, usd: number): void {
  if (reservation.kind !== 'reserved') throw new Error(reservation.kind);
  reservation.settle(usd);
}

async function documents() {
  const { docs } = await db.collection('daily_spend').get();
  const today = new Date(now).toISOString().slice(0, 10);
  return docs.filter(({ id }) => id.startsWith(today));
}

const project = async () =>
  (await documents()).find(({ id }) => id.endsWith('-project'))?.data() ?? {};

describe('a limit of a day', () => {
  test('is never passed by a hundred calls at once in ten processes, whatever they cost', async () => {
    const owners = range(10).map(() => randomUUID());
    const processes = range(10).map(() => process({ ownerUsd: 5, projectUsd: 1 }));
    const all = await Promise.all(
      range(100).map((n) => processes[n % 10]?.reserve(owners[n % 7] ?? '', 0.04)),
    );
    const reserved = all.filter((one) => one?.kind === 'reserved');
    // All of it could be spent at once.
    expect(reserved.length * 0.04).toBeLessThanOrEqual(1);
    expect(reserved.length).toBeGreaterThanOrEqual(20);
  });

  test('of one owner is no other owner’s', async () => {
    const spend = process({ ownerUsd: 0.1 });
    const [one, other] = [randomUUID(), randomUUID()];
    settle(await spend.reserve(one, 0.1), 0.1);
    const refused = { kind: 'refused', limitUsd: 0.1, of: 'owner' };
    expect(await spend.reserve(one, 0.01)).toMatchObject(refused);
    expect(await spend.reserve(other, 0.1)).toMatchObject({ kind: 'reserved' });
  });

  test('is not kept from analyses by twenty processes that only search', async () => {
    const owner = randomUUID();
    const searching = range(20).map(() => process({}, db, SEARCH_SLICES));
    for (const each of searching) settle(await each.reserve(owner, 0.00004), 0.00004);
    const worker = process();
    const calls = await Promise.all(range(16).map(() => worker.reserve(owner, 0.3)));
    expect(calls.filter(({ kind }) => kind === 'reserved')).toHaveLength(16);
  });

  test('that is spent is over at midnight (UTC), and not before', async () => {
    const spend = process({ projectUsd: 0.1 });
    settle(await spend.reserve('alice', 0.1), 0.1);
    const refused = { kind: 'refused', untilMs: MIDNIGHT + day, limitUsd: 0.1, of: 'project' };
    expect(await spend.reserve('alice', 0.01)).toEqual(refused);
    expect(warnings).toEqual(['the spending limit of the day is reached']);
    now += 60 * MINUTE;
    expect(await spend.reserve('bob', 0.01)).toEqual(refused);
    now = MIDNIGHT + day;
    expect(await spend.reserve('alice', 0.01)).toMatchObject({ kind: 'reserved' });
  });

  test('that others have only reserved is asked for again soon, and later and later', async () => {
    const [one, other] = [process({ projectUsd: 0.1 }), process({ projectUsd: 0.1 })];
    const open = await one.reserve('alice', 0.1);
    const waits: number[] = [];
    for (const minutes of [0, 1, 10, 20]) {
      now += minutes * MINUTE;
      const { untilMs } = (await other.reserve('bob', 0.1)) as { untilMs: number };
      waits.push((untilMs - now) / MINUTE);
    }
    expect(waits.slice(0, 3)).toEqual([0.25, 1, 11]);
    expect(now + (waits[3] ?? 0) * MINUTE).toBe(MIDNIGHT + day);
    settle(open, 0.001);
    await one.giveBack();
    now += MINUTE;
    expect(await other.reserve('bob', 0.09)).toMatchObject({ kind: 'reserved' });
  });

  test('that one call can pass is told, and nothing waits for it', async () => {
    const spend = process({ ownerUsd: 0.1 });
    const impossible = { kind: 'impossible', limitUsd: 0.1 };
    expect(await spend.reserve('alice', 0.2)).toEqual(impossible);
  });

  test('stands against what is no price: nothing is reserved, and what was reserved is settled', async () => {
    const spend = process({ projectUsd: 0.1 });
    for (const usd of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      await expect(spend.reserve('alice', usd)).rejects.toThrow(RangeError);
      const reservation = await spend.reserve('alice', 0.01);
      settle(reservation, usd);
    }
    await spend.giveBack();
    expect(await project()).toMatchObject({ spent_micro_usd: 30_000, held_micro_usd: 0 });
    expect(await spend.reserve('alice', 0.08)).toMatchObject({ kind: 'refused' });
  });

  test('can be switched off, and then nothing is read or written', async () => {
    const firestore = new Proxy(db, {
      get: () => {
        throw new Error('Firestore was used.');
      },
    });
    const off = { ownerUsd: Number.POSITIVE_INFINITY, projectUsd: Number.POSITIVE_INFINITY };
    expect(await process(off, firestore).reserve('alice', 1_000)).toMatchObject({
      kind: 'reserved',
    });
  });
});

describe('the documents', () => {
  test('are written once for many calls, side by side and one after another', async () => {
    let commits = 0;
    const run = db.runTransaction.bind(db);
    const runTransaction: typeof run = (...args) => {
      commits++;
      return run(...args);
    };
    const counted = { runTransaction, collection: db.collection.bind(db) } as unknown as typeof db;
    const counting = process({}, counted);
    const open = await Promise.all(range(5).map(() => counting.reserve('alice', 0.04)));
    for (const one of open) settle(one, 0.0004);
    for (const _ of range(100)) settle(await counting.reserve('alice', 0.04), 0.0004);
    expect(commits).toBe(1);
  });

  test('get back what was not spent when a process ends, and keep what was', async () => {
    const spend = process();
    settle(await spend.reserve('alice', 0.04), 0.0021);
    settle(await spend.reserve('bob', 0.04), 0.0005);
    await spend.giveBack();
    expect(await project()).toMatchObject({ spent_micro_usd: 2_600, held_micro_usd: 0 });
    expect(await documents()).toHaveLength(3);
    for (const document of await documents()) expect(document.get('held_micro_usd')).toBe(0);
  });

  test('get it back from a process that has had no call open for a minute', async () => {
    const spend = process();
    settle(await spend.reserve('alice', 0.04), 0.001);
    expect(await project()).toMatchObject({ spent_micro_usd: 0, held_micro_usd: 400_000 });
    now += MINUTE;
    settle(await spend.reserve('alice', 0.04), 0.001);
    await spend.giveBack();
    expect(await project()).toMatchObject({ spent_micro_usd: 2_000, held_micro_usd: 0 });
    expect(warnings).toEqual([]);
  });

  test('of a process that died keep its slice until the day is over', async () => {
    await process({ projectUsd: 1 }).reserve('alice', 0.9);
    expect(await process({ projectUsd: 1 }).reserve('bob', 0.2)).toMatchObject({ kind: 'refused' });
  });

  test('name no owner', async () => {
    await process().reserve('alice@example.com', 0.04);
    for (const document of await documents()) {
      expect(JSON.stringify([document.id, document.data()])).not.toContain('alice');
    }
  });
});
