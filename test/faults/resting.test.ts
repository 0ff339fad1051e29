/** A media that has to wait for a service leaves its place to others of its owner, and asks for one again. */
import { beforeEach, expect, test } from '@jest/globals';
import type { TaskPayload } from '@media-analysis/shared/media';
import { ServiceWaitError } from '../../functions/analysis/index.ts';
import { Places } from '../../functions/core/media/places.ts';
import type { MediaRecord } from '../../functions/core/media/record.ts';
import { deliver } from '../../functions/core/work/delivery.ts';
import type { Lease } from '../../functions/core/work/lease.ts';
import type { Work } from '../../functions/core/work/work.ts';
import { createLogger } from '../../functions/process/log.ts';
import { openMedia } from '../support/features.ts';
import { openFirestore } from '../support/firestore.ts';
import { inProcess } from '../support/inspector.ts';
import { mediaRecord, NOW } from '../support/media.ts';
import { MemoryObjects, MemoryQueue } from './memory-services.ts';

const HOUR = 3_600_000;
const TOMORROW = NOW + 10 * HOUR;
const FIRST_TASK: TaskPayload = { media_id: 'm1', attempt: 1 };

const { db } = await openFirestore();
const logger = createLogger('test', 'silent');

let clock: number;
let queue: MemoryQueue;
let places: Places;
beforeEach(async () => {
  clock = NOW;
  queue = new MemoryQueue();
  const now = () => clock;
  places = new Places({ firestore: db, queue, logger, max: 1, now });
  await put('m1', { queue_state: 'queued' });
  await put('m2', { queue_state: 'waiting' });
});

const stored = { status: 'analyzing', object: 'object', staging_object: null } as const;
const put = (id: string, patch: Partial<MediaRecord>) =>
  db.doc(`media/${id}`).set(mediaRecord({ id, ...stored, ...patch }));
const read = async (id: string) => (await db.doc(`media/${id}`).get()).data() as MediaRecord;
const stateOf = async (id: string) => (await read(id)).queue_state;

const complete: Work = (lease) => lease.release({ status: 'completed', progress: 1 });
const capped: Work = async () => {
  throw new ServiceWaitError('analysis_spend_cap', TOMORROW);
};

function deliverTask(payload: TaskPayload, work: Work) {
  const deps = {
    ...openMedia(db, () => clock),
    objects: new MemoryObjects(),
    inspector: inProcess,
    queue,
    places,
    logger,
    leaseMs: 30_000,
    maxDeliveries: 8,
    budgetMs: HOUR,
    now: () => clock,
    random: () => 0,
  };
  return deliver({ phase: 'analyze', payload, work, signal: new AbortController().signal }, deps);
}

/** The task of the last name that has these words. */
function taskNamed(words: string): TaskPayload {
  const name = queue.names.findLast((each) => each.includes(words)) ?? '';
  const task = queue.tasks.get(name);
  if (!task) throw new Error(`no task ${words} among ${queue.names}`);
  return task.payload;
}

test('its place goes to the next one at once', async () => {
  expect(await deliverTask(FIRST_TASK, capped)).toEqual({ done: true });
  expect(await read('m1')).toMatchObject({
    queue_state: 'resting',
    wait_code: 'analysis_spend_cap',
    deliveries: 0,
    waits: 1,
  });
  expect(queue.names).toEqual(['m1-analyze-1-w3', 'm2-analyze-1']);
  expect(await stateOf('m2')).toBe('queued');
});

test('it goes on in its turn, and each of its tasks has a name of its own', async () => {
  await deliverTask(FIRST_TASK, capped);
  clock = TOMORROW;
  // The other one has the only place.
  const refused: Work = () => Promise.reject(new Error('worked without a place'));
  expect(await deliverTask(taskNamed('m1-analyze-1-w'), refused)).toEqual({ done: true });
  expect(await read('m1')).toMatchObject({ queue_state: 'waiting', wait_code: null });
  await deliverTask(taskNamed('m2'), complete);
  expect(await stateOf('m1')).toBe('queued');
  await deliverTask(taskNamed('m1-analyze-1-p1'), complete);
  expect(await read('m1')).toMatchObject({ status: 'completed', queue_state: null });
});

test('a task that comes too early is kept until then', async () => {
  await deliverTask(FIRST_TASK, capped);
  const answer = await deliverTask(FIRST_TASK, complete);
  expect(answer).toEqual({ done: false, status: 429, retryAfterMs: TOMORROW - NOW });
  expect(await stateOf('m1')).toBe('resting');
});

test('a task that cannot be made is replaced by the one that is there', async () => {
  queue.refuse = () => true;
  const answer = await deliverTask(FIRST_TASK, capped);
  expect(answer).toEqual({ done: false, status: 429, retryAfterMs: TOMORROW - NOW });
});

test('what answered others while it rested still counts: the file may be the cause', async () => {
  await deliverTask(FIRST_TASK, capped);
  await db.doc('media/m2').delete();
  clock = TOMORROW;
  await deliverTask(taskNamed('m1-analyze-1-w'), complete);
  let lease: Lease | undefined;
  await deliverTask(taskNamed('m1-analyze-1-p1'), async (each) => {
    lease = each;
    await each.release({ status: 'completed', progress: 1 });
  });
  expect(lease?.waitingSince).toBe(NOW);
});
