/** What a service does to a delivery ends no file: the media waits, and an operator is told what to do. */
import { beforeEach, expect, test } from '@jest/globals';
import type { Phase } from '@media-analysis/shared/media';
import { FLEX_CALL_MS } from '../../functions/analysis/flex.ts';
import { Places } from '../../functions/core/media/places.ts';
import type { MediaRecord } from '../../functions/core/media/record.ts';
import { deliver } from '../../functions/core/work/delivery.ts';
import { createUploadMedia } from '../../functions/core/work/upload-media.ts';
import type { Work, WorkerDeps } from '../../functions/core/work/work.ts';
import { createLogger } from '../../functions/process/log.ts';
import { openMedia } from '../support/features.ts';
import { openFirestore } from '../support/firestore.ts';
import { inProcess } from '../support/inspector.ts';
import { mediaRecord, NOW } from '../support/media.ts';
import { type Gate, MemoryObjects, MemoryQueue } from './memory-services.ts';

const MAX_DELIVERIES = 8;
const { db } = await openFirestore();
const ref = db.doc('media/m1');

let lines: Record<string, unknown>[];
beforeEach(async () => {
  lines = [];
  await ref.set(
    mediaRecord({ staging_object: 'm1', queue_state: 'queued', deliveries: MAX_DELIVERIES - 1 }),
  );
});

type MakeWork = (deps: WorkerDeps) => Work;

const upload: MakeWork = (deps) =>
  createUploadMedia(
    deps,
    { previewMaxSide: 16, captureLocation: false },
    { model: 'test', promptVersion: '1' },
  );

/** The last delivery that the media has, with a Cloud Storage whose every call passes `gate`. */
async function deliverLast(
  phase: Phase,
  make: MakeWork,
  { gate, budgetMs = 60_000 }: { gate?: Gate; budgetMs?: number },
): Promise<MediaRecord> {
  const logger = createLogger('worker', 'info', { write: (line) => lines.push(JSON.parse(line)) });
  const queue = new MemoryQueue();
  const objects = new Map([['m1', Buffer.from('x')]]);
  const deps = {
    ...openMedia(db),
    objects: new MemoryObjects(objects, objects, gate),
    inspector: inProcess,
    queue,
    places: new Places({ firestore: db, queue, logger, max: 10 }),
    logger,
    leaseMs: 30_000,
    maxDeliveries: MAX_DELIVERIES,
    budgetMs,
    now: () => NOW,
    random: Math.random,
  };
  const { signal } = new AbortController();
  const task = { media_id: 'm1', attempt: 1 };
  expect(await deliver({ phase, payload: task, work: make(deps), signal }, deps)).toEqual({
    done: true,
  });
  return (await ref.get()).data() as MediaRecord;
}

const WAITS = {
  wait_code: 'unavailable',
  waits: 1,
  deliveries: MAX_DELIVERIES - 1,
};

test('a Cloud Storage so slow that a delivery ends over it is waited for', async () => {
  const never = new Promise<void>(() => undefined);
  expect(await deliverLast('upload', upload, { gate: () => never, budgetMs: 50 })).toMatchObject(
    WAITS,
  );
});

test('a delivery in the tier flex may work as long as a call takes there, another one may not', async () => {
  const logger = createLogger('worker', 'silent');
  const queue = new MemoryQueue();
  const objects = new MemoryObjects();
  const deps = {
    ...openMedia(db),
    objects,
    inspector: inProcess,
    queue,
    logger,
    places: new Places({ firestore: db, queue, logger, max: 10 }),
    leaseMs: 30_000,
    maxDeliveries: MAX_DELIVERIES,
    now: () => NOW,
    random: Math.random,
    budgetMs: 240_000,
    flexBudgetMs: 1_020_000,
  };
  const { signal } = new AbortController();
  const calls: number[] = [];
  const work: Work = async (lease, { deadline }) => {
    calls.push(deadline - NOW);
    await lease.release({});
  };
  const task = { media_id: 'm1', attempt: 1 };
  await deliver({ phase: 'upload', payload: { ...task, tier: 'flex' }, work, signal }, deps);
  await deliver({ phase: 'upload', payload: task, work, signal }, { ...deps, maxDeliveries: 99 });
  expect(calls).toEqual([969_000, 228_000]);
  expect(calls[0]).toBeGreaterThanOrEqual(FLEX_CALL_MS);
});

test.each([401, 403])(
  'a Cloud Storage that answers %i is waited for, and the log says what to do',
  async (code) => {
    const refused = async () => {
      throw Object.assign(new Error('The account has no access.'), { code });
    };
    const record = await deliverLast('upload', upload, { gate: refused });
    expect(record).toMatchObject(WAITS);
    expect(record.retry_at?.toMillis()).toBeGreaterThan(record.updated_at.toMillis());
    expect(lines).toContainEqual(
      expect.objectContaining({
        severity: 'ERROR',
        message: 'refused by a service',
        what_to_do: expect.stringContaining('roles'),
      }),
    );
  },
);

test('calls to a model end before the delivery does, so that its silence is noticed', async () => {
  const budgetMs = 100_000;
  let deadline = Number.NaN;
  const complete: MakeWork = () => async (lease, limits) => {
    deadline = limits.deadline;
    await lease.release({ status: 'completed' });
  };
  await ref.update({ object: 'm1', staging_object: null });
  await deliverLast('analyze', complete, { budgetMs });
  expect(deadline - NOW).toBe(95_000);
});
