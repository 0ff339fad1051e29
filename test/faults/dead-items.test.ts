/**
 * What cannot be done is not forgotten: it ends as failed, and the log names it and says why. What its owner has deleted
 * meanwhile is no failure.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Timestamp } from '@google-cloud/firestore';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AppError } from '@media-analysis/shared/errors';
import { Places } from '../../functions/core/media/places.ts';
import type { MediaRecord } from '../../functions/core/media/record.ts';
import { createUploadMedia } from '../../functions/core/work/upload-media.ts';
import type { Work } from '../../functions/core/work/work.ts';
import { createRouter } from '../../functions/http/router.ts';
import { createLogger } from '../../functions/process/log.ts';
import { createWorkerRoutes } from '../../functions/worker/handler.ts';
import { openMedia } from '../support/features.ts';
import { openFirestore } from '../support/firestore.ts';
import { inProcess } from '../support/inspector.ts';
import { mediaRecord } from '../support/media.ts';
import { MemoryObjects, MemoryQueue } from './memory-services.ts';

const MAX_DELIVERIES = 3;
const TASK = 'm1-analyze-1';

const { db } = await openFirestore();
const ref = db.doc('media/m1');

let lines: Record<string, unknown>[];
let analyze: Work;
let server: Server;

beforeAll(async () => {
  const logger = createLogger('worker', 'info', { write: (line) => lines.push(JSON.parse(line)) });
  const queue = new MemoryQueue();
  const deps = {
    ...openMedia(db),
    objects: new MemoryObjects(),
    inspector: inProcess,
    queue,
    places: new Places({ firestore: db, queue, logger, max: 10 }),
    logger,
    leaseMs: 30_000,
    maxDeliveries: MAX_DELIVERIES,
    budgetMs: 10_000,
    now: Date.now,
    random: Math.random,
  };
  const upload = createUploadMedia(
    deps,
    { previewMaxSide: 16, captureLocation: false },
    { model: 'test', promptVersion: '1' },
  );
  const services = {
    deps,
    work: { upload, analyze: (...args: Parameters<Work>) => analyze(...args) },
    sweep: async () => 0,
    tasks: {},
  };
  const { signal } = new AbortController();
  const routes = createWorkerRoutes(
    async () => undefined,
    async () => services,
    signal,
  );
  const handler = createRouter({ routes, logger, project: 'p', allowedOrigins: [] });
  server = createServer((request, response) => void handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  lines = [];
});

/** As Cloud Tasks does it: https://cloud.google.com/tasks/docs/creating-http-target-tasks#handler */
async function deliver(phase: 'upload' | 'analyze', task: string): Promise<number> {
  const { port } = server.address() as AddressInfo;
  const { status } = await fetch(`http://127.0.0.1:${port}/tasks/${phase}-media`, {
    method: 'POST',
    headers: { 'X-CloudTasks-TaskName': task, 'X-CloudTasks-TaskRetryCount': '2' },
    body: JSON.stringify({ media_id: 'm1', attempt: 1 }),
  });
  return status;
}

const stored = { status: 'analyzing', object: 'm1/original', staging_object: null } as const;
const failureIn = (log: Record<string, unknown>[]) =>
  log.find(({ message }) => message === 'failed');
const recordNow = async () => (await ref.get()).data() as MediaRecord;

test('a media whose every worker died', async () => {
  await ref.set(mediaRecord({ ...stored, deliveries: MAX_DELIVERIES }));
  expect(await deliver('analyze', TASK)).toBe(204);
  expect(await recordNow()).toMatchObject({
    status: 'failed',
    error_code: 'internal',
    error_message: expect.stringContaining(`broke off ${MAX_DELIVERIES} times`),
  });
  const about = { media_id: 'm1', attempt: 1, phase: 'analyze', task: TASK, retries: '2' };
  expect(lines).toContainEqual(expect.objectContaining({ ...about, message: 'exhausted' }));
  expect(failureIn(lines)).toMatchObject({ ...about, severity: 'ERROR', code: 'internal' });
});

test('a media whose last delivery failed as all before it', async () => {
  analyze = () => Promise.reject(new AppError('analysis_unavailable', 'The model is away.'));
  await ref.set(mediaRecord({ ...stored }));
  for (let delivery = 1; delivery < MAX_DELIVERIES; delivery++) {
    expect(await deliver('analyze', TASK)).toBe(503);
    expect(failureIn(lines)).toBeUndefined();
  }
  expect(await deliver('analyze', TASK)).toBe(204);
  expect(failureIn(lines)).toMatchObject({
    severity: 'ERROR',
    media_id: 'm1',
    task: TASK,
    code: 'analysis_unavailable',
    deliveries: MAX_DELIVERIES,
  });
});

test('a media whose bytes never came', async () => {
  await ref.set(mediaRecord());
  expect(await deliver('upload', 'm1-upload-1')).toBe(204);
  expect(await recordNow()).toMatchObject({ status: 'failed', error_code: 'media_missing' });
  expect(failureIn(lines)).toMatchObject({
    severity: 'WARNING',
    media_id: 'm1',
    code: 'media_missing',
  });
});

describe('a media that its owner deletes during the work is no failure', () => {
  const moveToBin = () => openMedia(db).bin.put(['m1'], 'alice');
  const erase = () => ref.delete();
  const write: Work = (lease) => lease.release({ status: 'completed' });
  const fail = () => Promise.reject(new AppError('analysis_unavailable', 'The model is away.'));
  test.each([
    ['moves to the bin', 'its result is written', moveToBin, write],
    ['erases', 'its result is written', erase, write],
    ['erases', 'its failure is written', erase, fail],
  ])('which its owner %s before %s', async (_how, _what, remove, work) => {
    await db.doc('bin/m1').delete();
    await ref.set(mediaRecord({ ...stored }));
    analyze = async (lease, limits) => {
      await remove();
      await work(lease, limits);
    };
    expect(await deliver('analyze', TASK)).toBe(503);
    expect(lines).toContainEqual(
      expect.objectContaining({ severity: 'INFO', message: 'deleted during the work' }),
    );
    expect(lines.filter(({ severity }) => severity === 'ERROR')).toEqual([]);
    expect(JSON.stringify(lines)).not.toContain('LeaseLostError');
    expect((await ref.get()).exists).toBe(false);
  });

  test('but one that another delivery has taken is said, and nothing of it is changed', async () => {
    await ref.set(mediaRecord({ ...stored }));
    const expires_at = Timestamp.fromMillis(Date.now() + 30_000);
    analyze = async (lease) => {
      await ref.update({ lease: { token: 'of another delivery', expires_at } });
      await lease.release({ status: 'completed' });
    };
    expect(await deliver('analyze', TASK)).toBe(503);
    const severity = 'WARNING';
    const error = expect.objectContaining({ type: 'LeaseLostError' });
    expect(lines).toContainEqual(
      expect.objectContaining({ severity, message: 'work failed', outcome: 'stop', error }),
    );
    expect(lines.filter((line) => line.severity === 'ERROR')).toEqual([]);
    expect(await recordNow()).toMatchObject({ status: 'analyzing' });
  });
});
