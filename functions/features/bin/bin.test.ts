import { randomUUID } from 'node:crypto';
import { Timestamp } from '@google-cloud/firestore';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { TaskPayload } from '@media-analysis/shared/media';
import { openMedia } from '../../../test/support/features.ts';
import { openFirestore, range } from '../../../test/support/firestore.ts';
import { analyticsOf } from '../../../test/support/library.ts';
import { mediaRecord, NOW } from '../../../test/support/media.ts';
import { Moments } from '../../core/media/moments.ts';
import { readOwnedPage } from '../../core/media/owned-media.ts';
import { type MediaRecord, SCHEMA_VERSION } from '../../core/media/record.ts';
import type { TaskQueue } from '../../core/media/task-queue.ts';
import { deliver } from '../../core/work/delivery.ts';
import type { WorkerDeps } from '../../core/work/work.ts';
import { createLogger } from '../../process/log.ts';
import { ModerationStore } from '../moderation/store.ts';
import { withheldOf } from '../moderation/withheld.ts';
import { UsageStore } from '../spend/usage.ts';
import { Bin, type BinRecord, KEEP_DAYS } from './bin.ts';
import { eraseBinned } from './erase.ts';
import { eraseExpired } from './erase-expired.ts';

const { db } = await openFirestore();
const DAY_MS = 24 * 3_600_000;

let nowMs: number;
let owner: string;
/** Ids of media whose objects were removed. */
let removed: string[];
let tasks: TaskPayload[];
beforeEach(async () => {
  [nowMs, owner, removed, tasks] = [NOW, randomUUID(), [], []];
  for (const ref of await db.collection('bin').listDocuments()) await ref.delete();
});

const now = () => nowMs;
const { media, moments, bin } = openMedia(db, now);
const objects = { removeAll: async (id: string) => void removed.push(id) };
const queue = {
  enqueue: async (_phase: string, payload: TaskPayload) => tasks.push(payload),
} as unknown as TaskQueue;
const logger = createLogger('test', 'silent');
const deps = { media, moments, bin, objects, queue, logger, now };

async function create(patch: Partial<MediaRecord> = {}): Promise<MediaRecord> {
  const done = {
    status: 'completed',
    queue_state: null,
    object: 'o',
    staging_object: null,
  } as const;
  const record = mediaRecord({ ...done, owner_id: owner, ...patch, id: media.newId() });
  await media.create([record], media.batch());
  return record;
}
async function putOne({ id }: MediaRecord, permanently = false): Promise<BinRecord> {
  const [binned] = await bin.put([id], owner, { permanently });
  if (!binned || !('record' in binned)) throw new Error(JSON.stringify(binned));
  return binned.record;
}
async function restoreOne({ id }: MediaRecord): Promise<MediaRecord> {
  const [restored] = await bin.restore([id], owner);
  if (!restored || !('record' in restored)) throw new Error(JSON.stringify(restored));
  return restored.record;
}
const listed = async () => (await bin.list(owner, 100)).records.map(({ id }) => id);
const isThere = async ({ id }: MediaRecord) => (await media.ref(id).get()).exists;

test('what is deleted is in the bin and nowhere else, and comes back as it was, to be found again', async () => {
  const analytics = analyticsOf({ title: 'A dog', tags: ['dog'] });
  const record = await create({ analytics, asked_by: 'a reanalysis' });
  await putOne(record);
  expect([await isThere(record), await listed()]).toEqual([false, [record.id]]);
  expect((await readOwnedPage(db, owner, 10)).records).toEqual([]);
  await restoreOne(record);
  expect(await listed()).toEqual([]);
  const back = await media.get(record.id, owner);
  const { search: _search, meaning: _meaning, meaning_by: _by, asked_by: _run, ...rest } = record;
  expect(back).toMatchObject({ ...rest, revision: 2, updated_at: Timestamp.fromMillis(NOW) });
  expect(back.search?.terms).toContain('dog');
  expect(back).not.toHaveProperty('erase_at');
  // What is done with it from now on is no work of that reanalysis.
  expect(back).not.toHaveProperty('asked_by');
});

test('twice changes nothing, in both directions', async () => {
  const record = await create();
  const first = await putOne(record);
  nowMs += DAY_MS;
  expect(await putOne(record)).toEqual(first);
  const back = await restoreOne(record);
  expect(await restoreOne(record)).toEqual(back);
});

test('what was brought back is not erased by one who knows it in the bin', async () => {
  const [back, there] = [await create(), await create()];
  for (const each of [back, there]) await putOne(each);
  await restoreOne(back);
  const ids = [back.id, there.id];
  const erase = () => bin.put(ids, owner, { permanently: true, onlyBinned: true });
  // A second time works too, because the first may have broken off.
  for (let times = 0; times < 2; times++) {
    expect(await erase()).toMatchObject([
      { id: back.id, error: { code: 'not_found' } },
      { id: there.id, record: {} },
    ]);
  }
  expect([await isThere(back), await listed()]).toEqual([true, []]);
});

test('another owner neither deletes nor brings back, and learns nothing', async () => {
  const [one, other] = [await create(), await create()];
  await putOne(one);
  const ids = [one.id, other.id, 'unknown'];
  for (const answers of [
    await bin.put(ids, 'mallory', { permanently: true }),
    await bin.restore(ids, 'mallory'),
  ]) {
    expect(answers.map((each) => 'error' in each && each.error.code)).toEqual(
      Array(3).fill('not_found'),
    );
  }
  for (const id of ids) {
    await expect(bin.get(id, 'mallory')).rejects.toMatchObject({ code: 'not_found' });
  }
  expect([await isThere(other), await listed()]).toEqual([true, [one.id]]);
  expect((await bin.get(one.id, owner)).id).toBe(one.id);
});

test('many in one call, each with its own answer', async () => {
  const records = await Promise.all(range(45).map(() => create()));
  const newer = await create({ schema_version: SCHEMA_VERSION + 1 });
  const ids = [...records.map(({ id }) => id), newer.id];
  const answers = await bin.put(ids, owner);
  expect(answers.filter((each) => 'record' in each)).toHaveLength(45);
  expect(answers.at(-1)).toMatchObject({ id: newer.id, error: { code: 'unavailable' } });
  expect(await isThere(newer)).toBe(true);
  const pages = [await bin.list(owner, 40)];
  pages.push(await bin.list(owner, 40, pages[0]?.nextPageToken));
  expect(new Set(pages.flatMap(({ records }) => records.map(({ id }) => id))).size).toBe(45);
  expect(pages[1]?.nextPageToken).toBeUndefined();
});

test('what a media has cost still counts, once', async () => {
  const usage = {
    model: 'm',
    input_tokens: 5,
    output_tokens: 7,
    cost_usd: 0.25,
    cached: false,
  };
  const record = await create({ usage, usage_month: '2023-11' } as Partial<MediaRecord>);
  const spent = async () => (await new UsageStore(db).ofMonth(owner, '2023-11')).cost_usd;
  await putOne(record);
  expect(await spent()).toBe(0.25);
  await restoreOne(record);
  expect(await spent()).toBe(0.25);
  await eraseBinned(await putOne(record, true), deps);
  expect(await spent()).toBe(0.25);
});

describe('a media whose work had not ended', () => {
  const busy = { status: 'analyzing', queue_state: 'queued', attempts: 2 } as const;

  test('begins its next attempt when it comes back', async () => {
    const lease = { token: 'abc', expires_at: Timestamp.fromMillis(NOW + 1_000) };
    const record = await create({ ...busy, lease });
    await putOne(record);
    expect(await restoreOne(record)).toMatchObject({
      status: 'pending',
      queue_state: 'waiting',
      attempts: 3,
      lease: null,
      progress: 0.5,
    });
  });

  test('loses no object to the worker that finds it gone', async () => {
    const record = await create({ ...busy, status: 'pending', object: null, staging_object: 's' });
    await putOne(record);
    const worker = { ...deps, leaseMs: 1_000, maxDeliveries: 8, budgetMs: 1_000 };
    const run = (payload: Partial<TaskPayload>) =>
      deliver(
        {
          phase: 'upload',
          payload: { media_id: record.id, attempt: 2, ...payload },
          work: () => Promise.reject(new Error('There is no work.')),
          signal: AbortSignal.any([]),
        },
        worker as unknown as WorkerDeps,
      );
    expect(await run({})).toEqual({ done: true });
    await run({ removing_since: NOW - DAY_MS });
    expect(removed).toEqual([]);
    // Nothing is left, even if a busy worker stores something after the erasure: a task checks again.
    await eraseBinned(await putOne(record, true), deps);
    expect(tasks).toMatchObject([{ media_id: record.id, removing_since: NOW }]);
    await run({ removing_since: NOW });
    expect(removed).toEqual([record.id, record.id]);
  });

  test('is not kept if its bytes had not arrived', async () => {
    const announced = { status: 'pending', queue_state: 'announced', object: null } as const;
    const record = await create({ ...announced, staging_object: 's' });
    expect(await bin.put([record.id], owner)).toMatchObject([{ id: record.id, unsent: record }]);
    expect(await isThere(record)).toBe(true);
  });
});

describe('after its time', () => {
  test('nothing comes back, and the sweeper erases it with its objects and earlier results', async () => {
    const [old, young] = [await create(), await create()];
    await db.collection('earlier_results').doc(old.id).set({ media_id: old.id });
    await putOne(old);
    nowMs += DAY_MS;
    await putOne(young);
    nowMs = NOW + KEEP_DAYS * DAY_MS;
    expect(await bin.restore([old.id], owner)).toMatchObject([{ error: { code: 'not_found' } }]);
    expect(await listed()).toEqual([young.id]);
    await expect(bin.get(old.id, owner)).rejects.toMatchObject({ code: 'not_found' });
    // The clock of another machine may be behind.
    expect(await eraseExpired(deps)).toBe(0);
    nowMs += 3_600_001;
    expect(await eraseExpired(deps)).toBe(1);
    expect(removed).toEqual([old.id]);
    expect((await db.collection('earlier_results').doc(old.id).get()).exists).toBe(false);
    expect((await bin.ofOwner(owner, 10)).map(({ id }) => id)).toEqual([young.id]);
  });

  test('a sweep that breaks off is gone on with, and one media that fails keeps no other', async () => {
    const records = await Promise.all(range(120).map(() => create()));
    await bin.put(
      records.map(({ id }) => id),
      owner,
      { permanently: true },
    );
    const [bad] = records as [MediaRecord];
    const failing = {
      removeAll: async (id: string) => {
        if (id === bad.id) throw new Error('away');
        removed.push(id);
      },
    };
    await eraseExpired({ ...deps, objects: failing }, 1);
    expect(removed.length).toBeLessThanOrEqual(100);
    await eraseExpired({ ...deps, objects: failing });
    expect(new Set(removed).size).toBe(119);
    expect((await bin.ofOwner(owner, 10)).map(({ id }) => id)).toEqual([bad.id]);
    expect(await eraseExpired(deps)).toBe(1);
  });

  test('what was deleted for good does not come back, although its objects are still there', async () => {
    const record = await create();
    await putOne(record, true);
    expect(await bin.restore([record.id], owner)).toMatchObject([{ error: { code: 'not_found' } }]);
    expect(await listed()).toEqual([]);
    // It can be repeated, because the first call may have broken off.
    expect(await bin.put([record.id], owner, { permanently: true })).toMatchObject([
      { record: {} },
    ]);
  });
});

describe('moderation', () => {
  const moderation = new ModerationStore(db, now);
  const sha256 = () => randomUUID();

  test('a decision reaches the copy in the bin, which comes back with it', async () => {
    const content = sha256();
    const [binned, copy] = [await create({ sha256: content }), await create({ sha256: content })];
    await moderation.judge(binned, 'safe');
    await putOne(binned);
    expect(await moderation.decide(copy.id, 'rejected', 'operator')).toBe(2);
    await eraseBinned(await putOne(copy, true), deps);
    expect(withheldOf(await restoreOne(binned), 'hold')).toBe('rejected');
  });

  test('what is known of the copy in the bin counts for one that comes later', async () => {
    const content = sha256();
    const binned = await create({ sha256: content });
    await moderation.judge(binned, 'unsafe');
    await putOne(binned);
    const later = await create({ sha256: content });
    await moderation.judge(later, 'safe');
    expect(withheldOf(await media.get(later.id, owner), 'hold')).toBe('unsafe');
  });
});

test('an erasure is told once, also if it is asked for twice, and not at all if the owner goes', async () => {
  const told: string[] = [];
  const moving = async (_record: MediaRecord, how: string) => {
    told.push(how);
    return undefined;
  };
  const watched = new Bin(db, now, new Moments([{ name: 'test', moving }]));
  const binned = await putOne(await create(), true);
  await eraseBinned(binned, { ...deps, bin: watched });
  await eraseBinned(binned, { ...deps, bin: watched });
  expect(told).toEqual(['erased_from_bin']);
  await eraseBinned(await putOne(await create(), true), { ...deps, bin: watched }, 'owner');
  expect(told).toEqual(['erased_from_bin', 'owner']);
});
