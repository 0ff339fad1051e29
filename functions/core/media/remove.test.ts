import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from '@jest/globals';
import type { TaskPayload } from '@media-analysis/shared/media';
import { openFirestore } from '../../../test/support/firestore.ts';
import { mediaRecord } from '../../../test/support/media.ts';
import { createLogger } from '../../process/log.ts';
import type { ObjectStore } from '../../storage/objects.ts';
import { deliver } from '../work/delivery.ts';
import type { WorkerDeps } from '../work/work.ts';
import { Places } from './places.ts';
import type { MediaRecord } from './record.ts';
import { removeMedia } from './remove.ts';
import { MediaStore } from './store.ts';
import type { TaskQueue } from './task-queue.ts';

const { db } = await openFirestore();
const logger = createLogger('test', 'silent');
const media = new MediaStore(db);
const FULL = Object.assign(new Error('The disk is full.'), { code: 8 });

/** What was done, in order. */
let done: string[];
let isQueueFull: boolean;
let isStorageFull: boolean;
let tasks: TaskPayload[];
let cancelled: TaskPayload[];
let record: MediaRecord;
beforeEach(async () => {
  [done, tasks, cancelled, isQueueFull, isStorageFull] = [[], [], [], false, false];
  record = mediaRecord({ id: randomUUID().replaceAll('-', ''), owner_id: 'alice' });
  record.staging_object = record.id;
  await media.create([record], media.batch());
});

const queue = {
  enqueue: async (_phase: string, payload: TaskPayload) => {
    if (isQueueFull) throw FULL;
    tasks.push(payload);
  },
  cancel: async (_phase: string, payload: TaskPayload) => cancelled.push(payload),
} as unknown as TaskQueue;
const objects = {
  removeAll: async () => {
    if (isStorageFull) throw FULL;
    done.push((await exists()) ? 'objects, before the document' : 'objects');
  },
} as unknown as ObjectStore;
const exists = async () => (await media.ref(record.id).get()).exists;

function deps(changes: Partial<{ media: MediaStore; now: () => number }> = {}) {
  return {
    media,
    objects,
    queue,
    places: new Places({ firestore: db, queue, logger, max: 8 }),
    logger,
    now: () => 0,
    ...changes,
  };
}

test('a media is removed although no task can be enqueued, and its bytes go first', async () => {
  isQueueFull = true;
  await removeMedia(record, deps());
  expect(await exists()).toBe(false);
  expect(done).toEqual(['objects, before the document', 'objects']);
});

test('where neither a task nor the removal of the bytes is possible, the media stays for another try', async () => {
  [isQueueFull, isStorageFull] = [true, true];
  await expect(removeMedia(record, deps())).rejects.toMatchObject({ code: 'unavailable' });
  expect(await exists()).toBe(true);
  isStorageFull = false;
  await removeMedia(record, deps());
  expect(await exists()).toBe(false);
});

/** A delivery of the task that looks after a media was removed. */
const deliverCheck = (now: number) => {
  const [payload] = tasks;
  if (!payload) throw new Error('There is no task.');
  const never = () => Promise.reject(new Error('This task works on nothing.'));
  const worker = {
    ...deps({ now: () => now }),
    leaseMs: 30_000,
    maxDeliveries: 8,
    budgetMs: 1_000,
  };
  return deliver(
    { phase: 'upload', payload, work: never, signal: AbortSignal.any([]) },
    worker as unknown as WorkerDeps,
  );
};

test('a deletion that fails after its task was enqueued leaves a media that waits for its bytes as it was', async () => {
  const failing = new MediaStore(db);
  failing.remove = () => Promise.reject(new Error('ABORTED'));
  await expect(removeMedia(record, deps({ media: failing }))).rejects.toThrow('ABORTED');
  expect(await deliverCheck(60_000)).toMatchObject({ done: false, retryAfterMs: 60_000 });
  expect(await deliverCheck(600_000)).toEqual({ done: true });
  expect(await media.get(record.id, 'alice')).toEqual(record);
  expect(done).toEqual([]);
});

test('the task removes what a busy worker has stored since', async () => {
  await removeMedia(record, deps());
  expect(await deliverCheck(60_000)).toEqual({ done: true });
  expect(done).toEqual(['objects', 'objects']);
});

test('the task of a media that is asked about in a tier is cancelled on the queue of the tier', async () => {
  const before = record;
  const asked = { attempts: 2, tier: 'flex' } as const;
  // Somebody has asked since the record was read.
  await media.ref(record.id).update(asked);
  await removeMedia(before, deps());
  const task = expect.objectContaining({ media_id: record.id, attempt: 2, tier: 'flex' });
  expect(cancelled).toEqual([task, task]);
});
