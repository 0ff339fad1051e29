/** Delivered at least once, done exactly once: duplicates, crashes, retries, deletes. */

import { Firestore, Timestamp } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import { makePicture } from '../faults/user.ts';
import { type RunningGemini, replies, startGemini } from '../support/gemini-server.ts';
import { longTest } from '../support/long-test.ts';
import { STRICT_IN_LONG_RUN } from '../support/mode.ts';
import { needing } from '../support/needing.ts';
import { signal } from '../support/signal.ts';
import {
  client,
  eventually,
  file,
  mediaOf,
  readEvents,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';

const it = needing('signals');

let gemini: RunningGemini;
let stack: Stack;
let firestore: Firestore;
/** Somebody else in each test: what one has sent before is not analysed again. */
let user: ReturnType<typeof client>;
let users = 0;

beforeAll(async () => {
  gemini = await startGemini();
  stack = await startStack({
    mode: STRICT_IN_LONG_RUN,
    environment: {
      ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
      GEMINI_API_KEY: 'test',
      GEMINI_BASE_URL: gemini.url,
      LEASE_S: '3',
      MAX_DELIVERIES: '3',
    },
  });
  const { FIRESTORE_EMULATOR_HOST: host = '', GOOGLE_CLOUD_PROJECT: projectId = '' } =
    stack.environment;
  firestore = new Firestore({ projectId, host, ssl: false });
});
afterAll(async () => {
  await firestore.terminate();
  await stack.close();
  await gemini.close();
});
beforeEach(async () => {
  user = client(stack, await tokenOf(stack, `user-${users++}`));
});
afterEach(() => gemini.reset());

async function objectsOf(id: string): Promise<string[]> {
  const { STORAGE_EMULATOR_HOST, MEDIA_BUCKET, STAGING_BUCKET } = stack.environment;
  const names = await Promise.all(
    [MEDIA_BUCKET, STAGING_BUCKET].map((bucket) =>
      namesIn(`${STORAGE_EMULATOR_HOST}/storage/v1/b/${bucket}/o?prefix=${id}`),
    ),
  );
  return names.flat();
}

async function namesIn(list: string): Promise<string[]> {
  const { items = [] } = (await (await fetch(list)).json()) as { items?: { name: string }[] };
  return items.map(({ name }) => name);
}

/** Small ones: here it matters who works on them, and when. */
async function tenPhotos(): Promise<File[]> {
  const pictures = await Promise.all(Array.from({ length: 10 }, (_, n) => makePicture(15, n)));
  return pictures.map((picture) => picture.file);
}

/** Waits until a media is as `test` wants it. */
function becomes(id: string, test: (media: Media) => boolean): Promise<Media> {
  return eventually(async () => {
    const media = await user.get(id);
    return test(media) ? media : undefined;
  });
}

describe('two deliveries of one task', () => {
  test('side by side: one works, the other is told to come back, and the model is called once', async () => {
    const bothTold = Promise.withResolvers<void>();
    gemini.enqueue({ until: bothTold.promise });
    const { media_ids } = await user.analyze([await file('02-cat.png')]);
    const [id = ''] = media_ids;
    await eventually(async () => gemini.requests[0]);
    // Cloud Tasks has delivered it and waits for the answer; here it is once more, and once more.
    const again = await Promise.all([
      stack.callWorker('/tasks/analyze-media', { media_id: id, attempt: 1 }),
      stack.callWorker('/tasks/analyze-media', { media_id: id, attempt: 1 }),
    ]);
    expect(again.map(({ status }) => status)).toEqual([503, 503]);
    expect(Number(again[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    bothTold.resolve();
    const media = await becomes(id, ({ status }) => status === 'completed');
    expect(media).toMatchObject({ attempts: 1, usage: { attempts: 1 } });
    expect(gemini.requests).toHaveLength(1);
  });

  test('one after the other: the late one finds the work done and changes nothing', async () => {
    const { media_ids } = await user.analyze([await file('02-cat.png')]);
    const [id = ''] = media_ids;
    const done = await becomes(id, ({ status }) => status === 'completed');
    const late = await Promise.all([
      stack.callWorker('/tasks/upload-media', { media_id: id, attempt: 1 }),
      stack.callWorker('/tasks/analyze-media', { media_id: id, attempt: 1 }),
    ]);
    expect(late.map(({ status }) => status)).toEqual([204, 204]);
    expect(await user.get(id)).toEqual(done);
    expect(gemini.requests).toHaveLength(1);
  });

  test('of the upload task, at the same instant: the bytes are stored once', async () => {
    const { STORAGE_EMULATOR_HOST, MEDIA_BUCKET } = stack.environment;
    const bucket = `${STORAGE_EMULATOR_HOST}/storage/v1/b/${MEDIA_BUCKET}`;
    // From now on the bucket keeps what is written over.
    const body = JSON.stringify({ softDeletePolicy: { retentionDurationSeconds: 604_800 } });
    const headers = { 'Content-Type': 'application/json' };
    expect((await fetch(bucket, { method: 'PATCH', headers, body })).status).toBe(200);
    const { media_ids } = await user.analyze([await file('05-dogs.jpg')]);
    const [id = ''] = media_ids;
    const payload = { media_id: id, attempt: 1 };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => stack.callWorker('/tasks/upload-media', payload)),
    );
    for (const { status } of answers) expect([204, 503]).toContain(status);
    await becomes(id, ({ status }) => status === 'completed');
    expect(await namesIn(`${bucket}/o?softDeleted=true&prefix=${id}`)).toEqual([]);
    expect(gemini.requests).toHaveLength(1);
    const stored = ['original', 'preview', 'small'].map((name) => `${id}/${name}`);
    expect((await objectsOf(id)).sort()).toEqual(stored);
  });

  test('a task of a media that does not exist is done', async () => {
    const answer = await stack.callWorker('/tasks/upload-media', { media_id: 'gone', attempt: 1 });
    expect(answer.status).toBe(204);
  });

  test('a payload that is not ours is refused', async () => {
    const answer = await stack.callWorker('/tasks/upload-media', { media_id: '../x', attempt: 1 });
    expect(answer.status).toBe(400);
  });
});

test('the worker takes nothing without the token of Cloud Tasks', async () => {
  const init = { method: 'POST', body: '{}' };
  expect((await fetch(`${stack.workerUrl}/tasks/sweep`, init)).status).toBe(403);
  const headers = { Authorization: `Bearer ${await tokenOf(stack, 'mallory')}` };
  expect((await fetch(`${stack.workerUrl}/tasks/sweep`, { ...init, headers })).status).toBe(401);
});

longTest('ten photos are analysed five at a time', async () => {
  // Nobody is answered before five are asked for, however long that takes.
  const five = Promise.withResolvers<void>();
  gemini.enqueue(...Array.from({ length: 10 }, () => ({ until: five.promise })));
  let most = 0;
  const unsubscribe = firestore
    .collection('media')
    .where('status', '==', 'analyzing')
    .onSnapshot(({ docs }) => {
      most = Math.max(most, docs.filter((media) => media.get('lease') !== null).length);
    });
  const { media_ids } = await user.analyze(await tenPhotos());
  await eventually(async () => (most >= 5 ? gemini.requests[4] : undefined));
  expect(gemini.requests).toHaveLength(5);
  five.resolve();
  const results = await user.results(media_ids);
  unsubscribe();
  expect(results.map((media) => media?.status)).toEqual(Array(10).fill('completed'));
  expect(most).toBe(5);
});

test('kill -9 of the worker in the middle of a batch loses nothing, and each media has one result', async () => {
  for (let i = 0; i < 10; i++) gemini.enqueue(replies.slow(400));
  const { media_ids } = await user.analyze(await tenPhotos());
  const watching = user.watch(media_ids);
  // Some are done, some are being analysed, some wait.
  await eventually(async () => gemini.requests[6]);
  const interrupted = 5;
  signal(stack.units.worker, 'SIGKILL');
  const events = await watching;
  expect(events.at(-1)).toMatchObject({ event: 'done', data: { completed: 10, failed: 0 } });
  // A call that the crash cut off is made again; one that was answered and stored is not.
  expect(gemini.requests.length).toBeLessThanOrEqual(10 + interrupted);
  for (const id of media_ids) {
    const states = mediaOf(events).filter((media) => media.id === id);
    expect(states.filter(({ status }) => status === 'completed')).toHaveLength(1);
    const progress = states.map((media) => media.progress);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    const stored = (await objectsOf(id)).filter((name) => name !== `${id}/small`);
    expect(stored.sort()).toEqual([`${id}/original`, `${id}/preview`]);
  }
});

test('kill -9 of the stream: the client reconnects and misses nothing', async () => {
  const cut = Promise.withResolvers<void>();
  gemini.enqueue({ until: cut.promise });
  const { media_ids } = await user.analyze([await file('02-cat.png')]);
  const response = await user.call(`/api/media/${media_ids[0]}/stream`);
  const reading = (async () => {
    for await (const event of readEvents(response)) if (event.event === 'done') return 'done';
    return 'ended';
  })().catch(() => 'cut');
  signal(stack.units.stream, 'SIGKILL');
  expect(await reading).toBe('cut');
  cut.resolve();
  // A connection that it had taken as it died is answered with 503: a client tries again.
  const [media] = await eventually(() => user.results(media_ids).catch(() => undefined));
  expect(media).toMatchObject({ status: 'completed' });
});

describe('a model that fails', () => {
  test('for a moment: the item completes, and the receipt tells of the calls', async () => {
    gemini.enqueue(replies.unavailable());
    const { media_ids } = await user.analyze([await file('02-cat.png')]);
    const [media] = await user.results(media_ids);
    expect(media).toMatchObject({ status: 'completed', usage: { attempts: 2 } });
  });

  test('for good: one call, failed with the reason', async () => {
    gemini.enqueue(replies.blockedPrompt());
    const { media_ids } = await user.analyze([await file('02-cat.png')]);
    const [media] = await user.results(media_ids);
    expect(media).toMatchObject({ status: 'failed', error_code: 'analysis_blocked' });
    expect(gemini.requests).toHaveLength(1);
  });

  test('by a quota for the day: waits with retry_at, and the queue is told to slow down', async () => {
    gemini.enqueue(replies.quotaPerDay());
    const { media_ids } = await user.analyze([await file('02-cat.png')]);
    const [id = ''] = media_ids;
    const media = await becomes(id, ({ retry_at }) => retry_at !== null);
    expect(media).toMatchObject({ status: 'analyzing', wait_code: 'analysis_quota' });
    expect(Date.parse(media.retry_at ?? '')).toBeGreaterThan(Date.now());
    const answer = await stack.callWorker('/tasks/analyze-media', { media_id: id, attempt: 1 });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    await user.call(`/api/media/${id}`, { method: 'DELETE' });
    // These processes ask the model nothing more until then; the next ones know nothing of it. One that was left over would
    // let a later test wait for tomorrow.
    for (const pid of stack.units.worker.pids) process.kill(pid, 'SIGKILL');
  });
});

describe('its owner', () => {
  async function failedMedia(): Promise<string> {
    // Refused for good, by our configuration: worth a retry by the owner, not by us.
    gemini.enqueue(replies.invalidArgument());
    const { media_ids } = await user.analyze([await file('02-cat.png')]);
    const [id = ''] = media_ids;
    await becomes(id, ({ status }) => status === 'failed');
    return id;
  }

  test('retries a failed item: the next attempt stores nothing again and completes', async () => {
    const id = await failedMedia();
    const response = await user.call(`/api/media/${id}/retry`, { method: 'POST' });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({
      status: 'pending',
      attempts: 2,
      progress: 0,
      error_code: null,
    });
    const [media] = await user.results([id]);
    expect(media).toMatchObject({ status: 'completed', attempts: 2 });
    // failed, pending, claimed, completed: no claim of the upload phase.
    expect(gemini.requests).toHaveLength(2);
  });

  test('retries twice side by side: one attempt is made', async () => {
    const id = await failedMedia();
    const retry = () => user.call(`/api/media/${id}/retry`, { method: 'POST' });
    const statuses = (await Promise.all([retry(), retry()])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([202, 409]);
    expect((await user.results([id]))[0]).toMatchObject({ attempts: 2 });
  });

  longTest('cannot retry what is completed', async () => {
    const { media_ids } = await user.analyze([await file('02-cat.png')]);
    await user.results(media_ids);
    const response = await user.call(`/api/media/${media_ids[0]}/retry`, {
      method: 'POST',
    });
    expect(response.status).toBe(409);
  });
});

describe('the same Idempotency-Key', () => {
  const key = () => ({ 'Idempotency-Key': crypto.randomUUID() });

  longTest('twice, one after the other: the same media, analysed once', async () => {
    const headers = key();
    const files = [await file('02-cat.png'), await file('03-coffee.webp')];
    const first = await user.analyze(files, headers);
    const results = await user.results(first.media_ids);
    const second = await user.analyze(files, headers);
    expect(second.media_ids).toEqual(first.media_ids);
    expect(second.media).toEqual(results);
    expect(gemini.requests).toHaveLength(2);
  });

  test('twice, side by side: the same media, analysed once, nothing left in staging', async () => {
    const headers = key();
    const files = [await file('02-cat.png'), await file('03-coffee.webp')];
    const both = await Promise.all([user.analyze(files, headers), user.analyze(files, headers)]);
    expect(both[0].media_ids).toEqual(both[1].media_ids);
    await user.results(both[0].media_ids);
    expect(gemini.requests).toHaveLength(2);
    const { STORAGE_EMULATOR_HOST, STAGING_BUCKET } = stack.environment;
    const staged = await fetch(`${STORAGE_EMULATOR_HOST}/storage/v1/b/${STAGING_BUCKET}/o`);
    expect(((await staged.json()) as { items?: unknown[] }).items ?? []).toEqual([]);
  });

  test('for other files is refused', async () => {
    const headers = key();
    const { media_ids } = await user.analyze([await file('02-cat.png')], headers);
    const other = user.analyze([await file('03-coffee.webp')], headers);
    await expect(other).rejects.toThrow(/422.*idempotency_key_reused/);
    await user.results(media_ids);
  });

  test('of another user is another key', async () => {
    const headers = key();
    const mine = await user.analyze([await file('02-cat.png')], headers);
    const response = await fetch(`${stack.url}/local/token`, {
      method: 'POST',
      body: '{"sub":"bob"}',
    });
    const { token } = (await response.json()) as { token: string };
    const bob = client(stack, token);
    const theirs = await bob.analyze([await file('02-cat.png')], headers);
    expect(theirs.media_ids).not.toEqual(mine.media_ids);
    // Their calls would take the answers that the next tests give to the model.
    await Promise.all([user.results(mine.media_ids), bob.results(theirs.media_ids)]);
  });
});

test('the sweeper puts abandoned media back to work, and leaves alone what is busy', async () => {
  const { media_ids } = await user.analyze([await file('02-cat.png')]);
  const [id = ''] = media_ids;
  await user.results(media_ids);
  // As after a crash between the document and its task: stored, pending, and no task anywhere.
  const ref = firestore.collection('media').doc(id);
  const longAgo = Timestamp.fromMillis(Date.now() - 600_000);
  const abandoned = {
    status: 'pending',
    progress: 0,
    analytics: null,
    attempts: 2,
    deliveries: 0,
    revision: 50,
    wanted: ['describe'],
    queue_state: 'queued',
  };
  await ref.update({ ...abandoned, updated_at: longAgo });
  expect(await (await stack.callWorker('/tasks/sweep')).json()).toEqual({ enqueued: 1 });
  expect(await becomes(id, ({ status }) => status === 'completed')).toMatchObject({ attempts: 2 });
  expect(await (await stack.callWorker('/tasks/sweep')).json()).toEqual({ enqueued: 0 });
});

it('a worker that is told to end gives its work back at once, and answers what it was doing', async () => {
  const seen = Promise.withResolvers<void>();
  gemini.enqueue({ until: seen.promise });
  const { media_ids } = await user.analyze([await file('02-cat.png')]);
  const [id = ''] = media_ids;
  await becomes(id, ({ status }) => status === 'analyzing');
  await eventually(async () => gemini.requests[0]);
  // The next worker takes it soon: each state is recorded as it comes.
  const released: string[] = [];
  const unsubscribe = firestore.doc(`media/${id}`).onSnapshot((media) => {
    if (media.get('lease') === null) released.push(media.get('status'));
  });
  signal(stack.units.worker, 'SIGTERM');
  await eventually(async () => released[0]);
  seen.resolve();
  unsubscribe();
  expect(released[0]).toBe('analyzing');
  expect(await becomes(id, ({ status }) => status === 'completed')).toMatchObject({ attempts: 1 });
});
