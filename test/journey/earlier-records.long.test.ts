/**
 * An upgrade and a rollback: this release finishes and shows what an earlier one has written, and leaves alone what a later
 * one has. `records/0.1.0.json` was read from the database of release 0.1.0, which wrote it.
 */
import { readFileSync } from 'node:fs';
import { type DocumentData, FieldValue, Firestore, Timestamp } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Media, mediaSchema } from '@media-analysis/shared/media';
import { type UsageReport, usageReportSchema } from '@media-analysis/shared/usage';
import { SCHEMA_VERSION } from '../../functions/core/media/record.ts';
import {
  client,
  file,
  mediaOf,
  readEvents,
  type Stack,
  type StreamEvent,
  startStack,
  tokenOf,
} from '../support/stack.ts';
import { clientFor } from '../support/storage.ts';

type Documents<Name extends string> = Record<Name, DocumentData>;

interface Recorded {
  media: Documents<
    | ('pending' | 'uploading' | 'stored' | 'analyzing' | 'quota')
    | ('completed' | 'failed' | 'refused' | 'announced')
  >;
  idempotency: Documents<string>;
  removed_usage: Documents<string>;
}

const TEXT = readFileSync(new URL('records/0.1.0.json', import.meta.url), 'utf8');
/** By this much the recorded times are moved: then they are two hours ago, and no lease is held. */
const MOVED_MS = Date.now() - 2 * 3_600_000 - Date.parse('2026-11-26T08:02:00Z');
const RECORDED = JSON.parse(TEXT, (_, value) =>
  typeof value?.time === 'string' ? Timestamp.fromMillis(Date.parse(value.time) + MOVED_MS) : value,
) as Recorded;

let stack: Stack;
let firestore: Firestore;
let user: ReturnType<typeof client>;

beforeAll(async () => {
  stack = await startStack({ environment: { SWEEP_QUIET_S: '1' } });
  const { FIRESTORE_EMULATOR_HOST: host = '', GOOGLE_CLOUD_PROJECT: projectId = '' } =
    stack.environment;
  firestore = new Firestore({ projectId, host, ssl: false });
  user = client(stack, await tokenOf(stack, 'alice'));
});
afterAll(async () => {
  await firestore.terminate();
  await stack.close();
});

const documentOf = (id: string) => firestore.doc(`media/${id}`);

/** Writes a document as it was recorded, under another id, and the objects that it names. */
async function put(record: DocumentData, id: string = record.id, patch: DocumentData = {}) {
  const { STORAGE_EMULATOR_HOST = '', MEDIA_BUCKET = '', STAGING_BUCKET = '' } = stack.environment;
  const storage = clientFor(STORAGE_EMULATOR_HOST);
  const bytes = Buffer.from(await (await file('02-cat.png')).arrayBuffer());
  const renamed = Object.fromEntries(
    Object.entries(record).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace(record.id, id) : value,
    ]),
  );
  const staged = record.staging_object && [STAGING_BUCKET, id];
  const stored = record.object && [MEDIA_BUCKET, `${id}/original`];
  const preview = record.preview_object && [MEDIA_BUCKET, `${id}/preview`];
  for (const object of [staged, stored, preview]) {
    if (object) await storage.bucket(object[0]).file(object[1]).save(bytes, { resumable: false });
  }
  await documentOf(id).set({ ...renamed, id, ...patch });
  return id;
}

async function usage(): Promise<UsageReport> {
  return usageReportSchema.parse(await (await user.call('/api/usage?month=2026-11')).json());
}

describe('what release 0.1.0 has written', () => {
  const { media } = RECORDED;

  test('says nothing of versions', () => {
    expect(TEXT).not.toContain('schema_version');
  });

  test.each([
    ['is stored', 'pending', '/tasks/upload-media'],
    ['is analysed', 'stored', '/tasks/analyze-media'],
  ] as const)('%s by the task that 0.1.0 has made for it', async (_, state, task) => {
    const { content_key } = media[state];
    const id = await put(media[state], `task${state}`);
    const payload = { media_id: id, attempt: 1, ...(content_key && { content_key }) };
    expect((await stack.callWorker(task, payload)).status).toBe(204);
    expect(await user.results([id])).toMatchObject([{ status: 'completed', error_code: null }]);
    expect((await documentOf(id).get()).get('schema_version')).toBe(SCHEMA_VERSION);
  });

  test('goes on by the sweep wherever 0.1.0 has left it, if its task is lost', async () => {
    const states = ['pending', 'uploading', 'stored', 'analyzing', 'quota'] as const;
    const ids = await Promise.all(states.map((state) => put(media[state], `swept${state}`)));
    const swept = await stack.callWorker('/tasks/sweep', {});
    expect(await swept.json()).toEqual({ enqueued: states.length });
    const results = await user.results(ids);
    expect(results.map((result) => [result?.status, result?.analytics?.model])).toEqual(
      states.map(() => ['completed', 'local/facts']),
    );
  });

  test('is confirmed if it was announced', async () => {
    const id = await put(media.announced, 'announced');
    expect((await user.call(`/api/media/${id}/uploaded`, { method: 'POST' })).status).toBe(202);
    expect(await user.results([id])).toMatchObject([{ status: 'completed' }]);
  });

  test('is shown if it is over, is tried again, and counts in what the month has cost', async () => {
    for (const [id, document] of Object.entries(RECORDED.removed_usage)) {
      await firestore.doc(`removed_usage/${id}`).set(document);
    }
    const before = (await usage()).items;
    const ids = [
      await put(media.completed),
      await put(media.failed),
      await put(media.refused, 'refused'),
    ];
    expect((await usage()).items).toBe(before + 1);
    const seen = mediaOf(await user.watch(ids));
    expect(seen).toHaveLength(3);
    expect(seen).toMatchObject([
      { status: 'completed', analytics: media.completed.analytics, wait_code: null },
      { status: 'failed', error_code: 'media_corrupt' },
      { status: 'failed', error_code: 'analysis_unavailable' },
    ]);
    const listed = (await (await user.call(`/api/media?ids=${ids}`)).json()) as { media: Media[] };
    expect(listed.media).toEqual(seen);
    expect((await user.call(`/api/media/${ids[0]}/content`)).status).toBe(302);
    expect((await user.call(`/api/media/${ids[1]}/retry`, { method: 'POST' })).status).toBe(409);
    expect((await user.call(`/api/media/${ids[2]}/retry`, { method: 'POST' })).status).toBe(202);
    expect(await user.results(ids.slice(2))).toMatchObject([{ status: 'completed', attempts: 2 }]);
  });

  test('answers a request that is sent again after the upgrade', async () => {
    for (const [id, document] of Object.entries(RECORDED.idempotency)) {
      await firestore.doc(`idempotency/${id}`).set(document);
    }
    await put(media.completed);
    await put(media.failed);
    const cat = await file('02-cat.png');
    const cut = new File([cat.slice(0, 20_000)], 'cut.png', { type: 'image/png' });
    const { media_ids } = await user.analyze([cat, cut], { 'Idempotency-Key': 'k1' });
    expect(media_ids).toEqual([media.completed.id, media.failed.id]);
  });
});

describe('what a later release has written, as after a rollback,', () => {
  const later = { schema_version: SCHEMA_VERSION + 1, a_new_field: 'kept' };
  const { pending, announced, refused } = RECORDED.media;

  test('is shown and left alone: not worked on, not failed, not changed by its owner', async () => {
    const ids = [
      await put(pending, 'laterpending', { ...later, queue_state: 'queued' }),
      await put(announced, 'laterannounced', { ...later, queue_state: 'announced' }),
      await put(refused, 'laterrefused', later),
    ] as const;
    const snapshots = () => Promise.all(ids.map((id) => documentOf(id).get()));
    const before = await snapshots();

    const task = { media_id: ids[0], attempt: 1 };
    // A task for later takes the place of this one: an answer of 503 would slow down the queue for all others.
    expect((await stack.callWorker('/tasks/upload-media', task)).status).toBe(204);
    expect((await stack.callWorker('/tasks/sweep', {})).status).toBe(200);
    for (const [path, method] of [
      [`${ids[1]}/uploaded`, 'POST'],
      [`${ids[2]}/retry`, 'POST'],
      [ids[2], 'DELETE'],
    ] as const) {
      const response = await user.call(`/api/media/${path}`, { method });
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({
        code: 'unavailable',
        detail: expect.stringContaining('was written by a later version of this service'),
      });
    }

    const after = await snapshots();
    expect(after.map(({ updateTime }) => updateTime)).toEqual(
      before.map(({ updateTime }) => updateTime),
    );
    const shown = (await (await user.call(`/api/media?ids=${ids}`)).json()) as { media: Media[] };
    expect(shown.media.map(({ status }) => status)).toEqual(['pending', 'pending', 'failed']);
    expect(shown.media.map((media) => mediaSchema.parse(media))).toEqual(shown.media);
    expect(await user.results([ids[2]])).toMatchObject([{ status: 'failed' }]);
  });

  test('and cannot be shown is said to be so, and hides none of the others', async () => {
    const unknown = await put(pending, 'laterunknown', { ...later, status: 'dreaming' });
    const other = await put(refused, 'besides');
    const one = await user.call(`/api/media/${unknown}`);
    expect(one.status).toBe(503);
    expect(await one.json()).toMatchObject({
      detail: expect.stringContaining('cannot be shown by the one that runs now'),
    });
    const listed = (await (await user.call(`/api/media?ids=${unknown},${other}`)).json()) as {
      media: Media[];
    };
    expect(listed.media.map(({ id }) => id)).toEqual([other]);
    const events: StreamEvent[] = [];
    const stream = await user.call(`/api/agent/analyze-media/stream?ids=${unknown},${other}`);
    for await (const event of readEvents(stream)) {
      events.push(event);
      // The stream waits for a state that can be shown.
      if (event.event === 'problem') {
        await documentOf(unknown).update({ status: 'failed', revision: FieldValue.increment(1) });
      }
    }
    const told = mediaOf(events).map(({ id, status }) => [id, status]);
    expect(told.toSorted()).toEqual([
      [other, 'failed'],
      [unknown, 'failed'],
    ]);
    expect(events.filter(({ event }) => event !== undefined)).toMatchObject([
      { event: 'problem', data: { media_id: unknown, code: 'unavailable' } },
      { event: 'done', data: { failed: 2 } },
    ]);
  });
});
