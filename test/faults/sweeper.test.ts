/** The sweeper, against a real Firestore, with a queue that remembers names as Cloud Tasks does. */
import { DocumentReference, Timestamp } from '@google-cloud/firestore';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { TaskPayload } from '@media-analysis/shared/media';
import pino from 'pino';
import { Moments } from '../../functions/core/media/moments.ts';
import { Places } from '../../functions/core/media/places.ts';
import { type MediaRecord, SCHEMA_VERSION } from '../../functions/core/media/record.ts';
import { MediaStore } from '../../functions/core/media/store.ts';
import { deliver } from '../../functions/core/work/delivery.ts';
import { sweep } from '../../functions/core/work/sweep.ts';
import { createUploadMedia } from '../../functions/core/work/upload-media.ts';
import { eraseExpired } from '../../functions/features/bin/erase-expired.ts';
import { EMBEDDER } from '../../functions/features/search/meaning.ts';
import { type SearchDeps, searchInWorker } from '../../functions/features/search/moments.ts';
import { openMedia } from '../support/features.ts';
import { openFirestore } from '../support/firestore.ts';
import { inProcess } from '../support/inspector.ts';
import { analyticsOf } from '../support/library.ts';
import { mediaRecord, NOW } from '../support/media.ts';
import { MemoryObjects, MemoryQueue } from './memory-services.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** The end of the names of tasks that are made now. */
const NOW_HOUR = `h${Math.floor(NOW / HOUR)}`;
/** More than a sweep reads at once. */
const MORE_THAN_A_PAGE = 310;
/** Most media of one owner in the queues. */
const PLACES = 3;
const ago = (ms: number) => Timestamp.fromMillis(NOW - ms);

const { db } = await openFirestore();

let queue: MemoryQueue;
let objects: MemoryObjects;
let lines: Record<string, unknown>[];

beforeEach(async () => {
  const collections = ['media', 'sweeps'].map((name) => db.collection(name).listDocuments());
  const old = (await Promise.all(collections)).flat();
  for (let start = 0; start < old.length; start += 500) {
    const batch = db.batch();
    for (const ref of old.slice(start, start + 500)) batch.delete(ref);
    await batch.commit();
  }
  queue = new MemoryQueue();
  objects = new MemoryObjects();
  lines = [];
});

async function put(patch: Partial<MediaRecord>): Promise<void> {
  const record = mediaRecord({ updated_at: ago(10 * MINUTE), ...patch });
  if (record.object === null) objects.staged.set(record.id, Buffer.from('bytes'));
  await db.doc(`media/${record.id}`).set(record);
}

const logger = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
const places = () => new Places({ firestore: db, queue, logger, max: PLACES, now: () => NOW });
const sweepAt = (nowMs = NOW, now = () => nowMs, embedder?: SearchDeps['embedder']) => {
  const search = searchInWorker({ firestore: db, logger, embedder });
  const erase = () => eraseExpired({ ...openMedia(db, now), objects, queue, logger, now });
  const bin = { name: 'bin', sweeping: [{ isLate: true, run: erase }] };
  const services = { firestore: db, objects, queue, places: places(), logger };
  const moments = new Moments([bin, search]);
  return sweep({ ...services, moments, quietMs: 2 * MINUTE, now });
};

/** Puts many documents at once. */
async function putAll(records: MediaRecord[]): Promise<void> {
  for (let start = 0; start < records.length; start += 500) {
    const batch = db.batch();
    for (const record of records.slice(start, start + 500)) {
      batch.set(db.doc(`media/${record.id}`), record);
    }
    await batch.commit();
  }
}

const enqueuedAgain = () => lines.filter(({ msg }) => msg === 'enqueued again');
const stateOf = async (id: string) => (await db.doc(`media/${id}`).get()).get('queue_state');

function deliverUpload(payload: TaskPayload, now = Date.now) {
  const limits = {
    leaseMs: 30_000,
    maxDeliveries: 8,
    budgetMs: 60_000,
    now,
    random: Math.random,
  };
  const services = {
    ...openMedia(db),
    objects,
    inspector: inProcess,
    queue,
    places: places(),
    logger,
  };
  const deps = { ...services, ...limits };
  const nobody = { model: 'none', promptVersion: '1' };
  const work = createUploadMedia(deps, { previewMaxSide: 16, captureLocation: false }, nobody);
  return deliver({ phase: 'upload', payload, work, signal: new AbortController().signal }, deps);
}

const stored = { status: 'uploading', object: 'm1/original', staging_object: null } as const;

describe('is put on its queue again', () => {
  test('what was recorded and never enqueued', async () => {
    await put({});
    expect(await sweepAt()).toBe(1);
    expect(queue.names).toEqual([`m1-upload-1-r1-${NOW_HOUR}`]);
    expect(enqueuedAgain()).toEqual([
      expect.objectContaining({ media_id: 'm1', status: 'pending', attempt: 1, quiet_s: 600 }),
    ]);
  });

  test('what was stored and never went on', async () => {
    await put({ ...stored, attempts: 2 });
    await sweepAt();
    expect(queue.names).toEqual([`m1-analyze-2-r1-${NOW_HOUR}`]);
  });

  test('what was being worked on by somebody who died', async () => {
    await put({ ...stored, lease: { token: 't', expires_at: ago(3 * MINUTE) } });
    expect(await sweepAt()).toBe(1);
  });

  test('what has waited for a quota, and was forgotten', async () => {
    await put({ ...stored, status: 'analyzing', retry_at: ago(3 * MINUTE) });
    expect(await sweepAt()).toBe(1);
  });

  test('each of very many', async () => {
    const ids = Array.from({ length: MORE_THAN_A_PAGE }, (_, i) => `m${i}`);
    await putAll(ids.map((id) => mediaRecord({ id, updated_at: ago(10 * MINUTE) })));
    expect(await sweepAt()).toBe(MORE_THAN_A_PAGE);
    expect(new Set(queue.names).size).toBe(MORE_THAN_A_PAGE);
  });
});

describe('is left alone', () => {
  test.each<[string, Partial<MediaRecord>]>([
    ['what something has just happened to', { updated_at: ago(MINUTE) }],
    ['what somebody works on', { lease: { token: 't', expires_at: ago(-1) } }],
    [
      'what somebody worked on a moment ago: the queue will come back to it',
      { lease: { token: 't', expires_at: ago(MINUTE) } },
    ],
    ['what waits for a quota', { ...stored, status: 'analyzing', retry_at: ago(-DAY) }],
    ['what may go on since a moment ago', { ...stored, retry_at: ago(MINUTE) }],
    ['what is completed', { status: 'completed' }],
    ['what has failed', { status: 'failed' }],
  ])('%s', async (_title, patch) => {
    await put(patch);
    expect(await sweepAt()).toBe(0);
    expect(queue.names).toEqual([]);
  });

  test('for the rest of the hour what only waits its turn in a long queue', async () => {
    await put({});
    const hour = Math.ceil(NOW / HOUR) * HOUR;
    expect(await sweepAt(hour)).toBe(1);
    for (let minute = 5; minute < 60; minute += 5) {
      expect(await sweepAt(hour + minute * MINUTE)).toBe(0);
    }
    expect(queue.names).toHaveLength(1);
    expect(enqueuedAgain()).toHaveLength(1);
  });
});

test('what was purged from its queue gets another task with the next sweep, though the old names stay taken', async () => {
  await put({});
  const hour = Math.ceil(NOW / HOUR) * HOUR;
  await sweepAt(hour);
  for (let minute = 5; minute < 60; minute += 5) {
    queue.purge();
    expect(await sweepAt(hour + minute * MINUTE)).toBe(1);
  }
  expect(new Set(queue.names).size).toBe(12);
});

describe('bytes that a browser sends straight to the bucket', () => {
  test('are waited for, for a day', async () => {
    await put({ queue_state: 'announced', created_at: ago(DAY - MINUTE) });
    objects.staged.clear();
    expect(await sweepAt()).toBe(0);
  });

  test('are looked for after that: the worker says that they are missing', async () => {
    await put({ queue_state: 'announced', created_at: ago(DAY + MINUTE) });
    objects.staged.clear();
    expect(await sweepAt()).toBe(1);
    const [task] = [...queue.tasks.values()];
    if (task) await deliverUpload(task.payload);
    const record = (await db.doc('media/m1').get()).data() as MediaRecord;
    expect(record).toMatchObject({ status: 'failed', error_code: 'media_missing' });
    expect(record.error_message).toContain('m1.jpg');
    await expect(new MediaStore(db).retry('m1', 'alice')).rejects.toMatchObject({
      code: 'not_retryable',
    });
  });

  test('are worked on if they arrived and nobody said so', async () => {
    await put({ queue_state: 'announced', created_at: ago(30 * MINUTE) });
    expect(await sweepAt()).toBe(1);
    expect(queue.names).toEqual(['m1-upload-1']);
    expect(objects.kept).toEqual(['m1']);
  });
});

test('one that cannot be put back keeps none of the others from it, and is named in the log', async () => {
  await put({ id: 'm1' });
  await put({ id: 'm2' });
  queue.refuse = (name) => name.startsWith('m1');
  expect(await sweepAt()).toBe(1);
  expect(queue.names).toEqual([`m2-upload-1-r1-${NOW_HOUR}`]);
  expect(lines).toContainEqual(expect.objectContaining({ level: 50, media_id: 'm1' }));
});

describe('media that wait for a place', () => {
  const waiting = (id: string, owner_id: string, minutes: number) =>
    put({ id, owner_id, queue_state: 'waiting', created_at: ago(minutes * MINUTE) });

  test('get it, the newest first, if nothing else has given it to them', async () => {
    await put({ id: 'busy', updated_at: ago(0) });
    for (const minutes of [20, 30, 40]) await waiting(`alice${minutes}`, 'alice', minutes);
    await waiting('bob', 'bob', 20);
    await sweepAt();
    expect(queue.names.sort()).toEqual(['alice20-upload-1', 'alice30-upload-1', 'bob-upload-1']);
    expect(await stateOf('alice40')).toBe('waiting');
  });

  test('stay where they are while all places are taken', async () => {
    for (let n = 0; n < PLACES; n++) await put({ id: `busy${n}`, updated_at: ago(0) });
    await waiting('alice', 'alice', 20);
    await sweepAt();
    expect(queue.names).toEqual([]);
  });
});

describe('media that rest', () => {
  const resting = (id: string, minutes: number, patch: Partial<MediaRecord> = {}) => {
    const wait = { retry_at: ago(minutes * MINUTE), wait_code: 'analysis_spend_cap' } as const;
    const rest = { queue_state: 'resting', waits: 2, ...wait } as const;
    return put({ id, ...stored, status: 'analyzing', updated_at: ago(DAY), ...rest, ...patch });
  };

  test('are left alone until their time has come, and stand still for nobody’s alert', async () => {
    await resting('tomorrow', -60);
    await resting('now', 1);
    expect(await sweepAt()).toBe(0);
    expect(queue.names).toEqual([]);
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'swept', oldest_s: 0 }));
  });

  test('get a place if their task was lost', async () => {
    await resting('lost', 3);
    expect(await sweepAt()).toBe(1);
    expect(queue.names).toEqual(['lost-analyze-1-p2']);
    expect(await stateOf('lost')).toBe('queued');
  });

  test('wait for a place if none is free', async () => {
    for (let n = 0; n < PLACES; n++) await put({ id: `busy${n}`, updated_at: ago(0) });
    await resting('lost', 10);
    await sweepAt();
    expect(queue.names).toEqual([]);
    expect(await stateOf('lost')).toBe('waiting');
  });

  test('stand still if not even the sweep can bring them back', async () => {
    await resting('lost', 10);
    const refused = () => Promise.reject(new Error('UNAVAILABLE'));
    jest.spyOn(DocumentReference.prototype, 'update').mockImplementationOnce(refused);
    expect(await sweepAt()).toBe(0);
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'swept', oldest_s: 600 }));
  });

  test('are all found, however many they are', async () => {
    const records = Array.from({ length: MORE_THAN_A_PAGE }, (_, n) =>
      mediaRecord({
        id: `m${n}`,
        ...stored,
        queue_state: 'resting',
        retry_at: ago(HOUR + n),
      }),
    );
    await putAll(records);
    expect(await sweepAt()).toBe(MORE_THAN_A_PAGE);
    expect(queue.names).toHaveLength(PLACES);
  });
});

describe('a document of an earlier version, which has no state', () => {
  async function putOld(patch: Partial<MediaRecord>): Promise<void> {
    const { queue_state, ...old } = mediaRecord({ updated_at: ago(10 * MINUTE), ...patch });
    await db.doc(`media/${old.id}`).set(old);
  }

  test('goes on if its bytes are there', async () => {
    await putOld({ id: 'stored', ...stored });
    objects.staged.set('staged', Buffer.from('bytes'));
    await putOld({ id: 'staged' });
    expect(await sweepAt()).toBe(2);
    expect(queue.names.sort()).toEqual(['staged-upload-1', 'stored-analyze-1']);
  });

  test('is announced if its bytes may still come', async () => {
    await putOld({});
    await sweepAt();
    expect(queue.names).toEqual([]);
    expect(await stateOf('m1')).toBe('announced');
  });

  test('goes on too if its attempt was begun by an earlier version during a release', async () => {
    await put({ ...stored, queue_state: null });
    expect(await sweepAt()).toBe(1);
    expect(queue.names).toEqual(['m1-analyze-1']);
  });

  test('keeps no place if an earlier version has ended its work during a release', async () => {
    await put({ status: 'completed', queue_state: 'queued' });
    expect(await places().free('alice')).toBe(PLACES - 1);
    await sweepAt();
    expect(await places().free('alice')).toBe(PLACES);
  });

  test('is left alone if its work has ended', async () => {
    await putOld({ status: 'completed' });
    await sweepAt();
    expect(await stateOf('m1')).toBeUndefined();
  });
});

describe('a document of a later version, as after a rollback,', () => {
  const later = { schema_version: SCHEMA_VERSION + 1 };
  const dataOf = async (id: string) => (await db.doc(`media/${id}`).get()).data();

  test.each<[string, Partial<MediaRecord>]>([
    ['that is queued', {}],
    ['that waits', { queue_state: 'waiting' }],
    ['that was announced, and whose bytes are there', { queue_state: 'announced' }],
    ['that rests', { queue_state: 'resting', retry_at: ago(10 * MINUTE) }],
    ['without a state', { queue_state: null }],
    ['that has ended with a place', { status: 'completed' }],
  ])('%s is left alone by the sweep', async (_, patch) => {
    await put({ ...patch, ...later });
    const before = await dataOf('m1');
    expect(await sweepAt()).toBe(0);
    expect(await dataOf('m1')).toEqual(before);
    expect(queue.names).toEqual([]);
  });

  test('keeps no media of this version from a place', async () => {
    const waiting = { queue_state: 'waiting', created_at: ago(MINUTE), ...later } as const;
    await putAll(Array.from({ length: 7 }, (_, n) => mediaRecord({ id: `later${n}`, ...waiting })));
    await put({ id: 'own', queue_state: 'waiting', created_at: ago(HOUR) });
    await places().refill('alice');
    expect(queue.names).toEqual(['own-upload-1']);
  });

  test('is looked at again by one task every five minutes, however often it is delivered', async () => {
    await put({ ...later });
    const before = await dataOf('m1');
    const task = { media_id: 'm1', attempt: 1 };
    for (const _ of [1, 2]) expect(await deliverUpload(task, () => NOW)).toEqual({ done: true });
    expect(queue.names).toEqual([`m1-upload-1-n${Math.floor(NOW / (5 * MINUTE))}`]);
    expect(await deliverUpload(task, () => NOW + 5 * MINUTE)).toEqual({ done: true });
    expect(queue.names).toHaveLength(2);
    queue.refuse = () => true;
    expect(await deliverUpload(task)).toMatchObject({ done: false, status: 429 });
    expect(await dataOf('m1')).toEqual(before);
  });
});

describe('however many files are announced', () => {
  const announced = (n: number) =>
    mediaRecord({
      id: `announced${n}`,
      owner_id: 'mallory',
      queue_state: 'announced',
      updated_at: ago(20 * MINUTE + n),
      created_at: ago(20 * MINUTE),
    });

  test('what was lost is brought back by one sweep', async () => {
    await putAll(Array.from({ length: 1_000 }, (_, n) => announced(n)));
    await put({ id: 'lost', updated_at: ago(10 * MINUTE) });
    expect(await sweepAt()).toBe(1);
    expect(queue.names).toEqual([`lost-upload-1-r1-${NOW_HOUR}`]);
  });

  test('a sweep goes on where the last one had to stop', async () => {
    await putAll(Array.from({ length: 700 }, (_, n) => announced(n)));
    // All of the time of a part is over after its first page.
    let clock = NOW;
    const stagedSize = async () => {
      clock += 1_000;
      return undefined;
    };
    const looked: string[] = [];
    objects.stagedSize = async (name: string) => {
      looked.push(name);
      return stagedSize();
    };
    const looks: number[] = [];
    for (let n = 0; n < 4; n++) {
      clock = NOW;
      const before = looked.length;
      await sweepAt(NOW, () => clock);
      looks.push(looked.length - before);
    }
    expect(looks).toEqual([300, 300, 100, 300]);
    expect(new Set(looked.slice(0, 700)).size).toBe(700);
  });
});

test('the log says how long the one has stood still that has waited for longest', async () => {
  await put({ id: 'queued', updated_at: ago(10 * MINUTE) });
  await put({ id: 'waiting', queue_state: 'waiting', owner_id: 'bob', updated_at: ago(HOUR) });
  for (let n = 0; n < PLACES; n++) await put({ id: `b${n}`, owner_id: 'bob', updated_at: ago(0) });
  await sweepAt();
  expect(lines).toContainEqual(expect.objectContaining({ msg: 'swept', oldest_s: 3_600 }));
});

test('what is erased does not wait for a service that makes vectors', async () => {
  const analytics = analyticsOf({ title: 'A dog' });
  await put({ id: 'm1', status: 'completed', queue_state: null, analytics, meaning_by: EMBEDDER });
  const binned = mediaRecord({ id: 'b1', status: 'completed', queue_state: null });
  const over = Timestamp.fromMillis(0);
  const ref = db.doc('bin/b1');
  await ref.set({ ...binned, binned_at: over, erase_at: over });
  const wasThere: boolean[] = [];
  const embedMedia = async () => {
    wasThere.push((await ref.get()).exists);
    return 'away' as const;
  };
  await sweepAt(NOW, () => NOW, { by: 'a/1', embedMedia });
  expect(wasThere).toEqual([false]);
});
