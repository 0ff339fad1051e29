/** The sweeper, against a real Firestore, with a queue that remembers names as Cloud Tasks does. */
import { Timestamp } from '@google-cloud/firestore';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { TaskPayload } from '@media-analysis/shared/media';
import pino from 'pino';
import type { MediaRecord } from '../../functions/media/record.ts';
import { MediaStore } from '../../functions/media/store.ts';
import { deliver } from '../../functions/worker/delivery.ts';
import { sweep } from '../../functions/worker/sweep.ts';
import { createUploadMedia } from '../../functions/worker/upload-media.ts';
import { openFirestore } from '../support/firestore.ts';
import { inProcess } from '../support/inspector.ts';
import { mediaRecord, NOW } from '../support/media.ts';
import { MemoryObjects, MemoryQueue } from './memory-services.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const ago = (ms: number) => Timestamp.fromMillis(NOW - ms);

const { db } = await openFirestore();

let queue: MemoryQueue;
let objects: MemoryObjects;
let lines: Record<string, unknown>[];

beforeEach(async () => {
  const old = await db.collection('media').listDocuments();
  await Promise.all(old.map((ref) => ref.delete()));
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
const sweepAt = (nowMs = NOW) =>
  sweep({ firestore: db, objects, queue, logger, quietMs: 2 * MINUTE, now: () => nowMs });

function deliverUpload(payload: TaskPayload) {
  const media = new MediaStore(db);
  const limits = { leaseMs: 30_000, maxDeliveries: 8, budgetMs: 60_000, now: Date.now };
  const deps = { media, objects, inspector: inProcess, queue, logger, ...limits };
  const nobody = { model: 'none', promptVersion: '1' };
  const work = createUploadMedia(deps, { previewMaxSide: 16, captureLocation: false }, nobody);
  return deliver('upload', payload, deps, work, new AbortController().signal);
}

const stored = { status: 'uploading', object: 'm1/original', staging_object: null } as const;

describe('is put on its queue again', () => {
  test('what was recorded and never enqueued', async () => {
    await put({});
    expect(await sweepAt()).toBe(1);
    expect(queue.names).toEqual(['m1-upload-1-r1']);
    expect(lines).toEqual([
      expect.objectContaining({ media_id: 'm1', status: 'pending', attempt: 1, quiet_s: 600 }),
    ]);
  });

  test('what was stored and never went on', async () => {
    await put({ ...stored, attempts: 2 });
    await sweepAt();
    expect(queue.names).toEqual(['m1-analyze-2-r1']);
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
    const ids = Array.from({ length: 650 }, (_, i) => `m${i}`);
    const batch = db.batch();
    for (const id of ids) {
      objects.staged.set(id, Buffer.from('bytes'));
      batch.set(db.doc(`media/${id}`), mediaRecord({ id, updated_at: ago(10 * MINUTE) }));
    }
    await batch.commit();
    expect(await sweepAt()).toBe(650);
    expect(new Set(queue.names).size).toBe(650);
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

  test('what only waits its turn in a long queue, however often it is swept', async () => {
    await put({});
    expect(await sweepAt()).toBe(1);
    for (let hour = 1; hour <= 5; hour++) expect(await sweepAt(NOW + hour * 60 * MINUTE)).toBe(0);
    expect(queue.names).toHaveLength(1);
    expect(lines).toHaveLength(1);
  });
});

describe('bytes that a browser sends straight to the bucket', () => {
  test('are waited for, for a day', async () => {
    await put({ created_at: ago(DAY - MINUTE) });
    objects.staged.clear();
    expect(await sweepAt()).toBe(0);
  });

  test('are looked for after that: the worker says that they are missing', async () => {
    await put({ created_at: ago(DAY + MINUTE) });
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
    await put({ created_at: ago(30 * MINUTE) });
    expect(await sweepAt()).toBe(1);
  });
});

test('one that cannot be put back keeps none of the others from it, and is named in the log', async () => {
  await put({ id: 'm1' });
  await put({ id: 'm2' });
  queue.refuse = (name) => name.startsWith('m1');
  expect(await sweepAt()).toBe(1);
  expect(queue.names).toEqual(['m2-upload-1-r1']);
  expect(lines).toContainEqual(expect.objectContaining({ level: 50, media_id: 'm1' }));
});
