/** A step that dies, comes twice or meets another step still creates and counts each media once. */
import { randomUUID } from 'node:crypto';
import type { Storage } from '@google-cloud/storage';
import { beforeEach, expect, test } from '@jest/globals';
import { MemoryObjects } from '../../../test/faults/memory-services.ts';
import { openFirestore, range } from '../../../test/support/firestore.ts';
import { DailyUploads } from '../../core/accept/daily-uploads.ts';
import { NO_FEATURES } from '../../core/media/moments.ts';
import { ownerHash } from '../../core/media/owner-hash.ts';
import { Places } from '../../core/media/places.ts';
import { MediaStore } from '../../core/media/store.ts';
import type { TaskQueue } from '../../core/media/task-queue.ts';
import { createLogger } from '../../process/log.ts';
import type { ImportQueue } from './queue.ts';
import { type ImportRecord, importedId } from './record.ts';
import { type ImportDeps, importStep } from './step.ts';
import { ImportStore } from './store.ts';

const { db } = await openFirestore();
const logger = createLogger('test', 'silent');
const BUCKET = 'shop';
const LEFT = { bytes: 1e9, files: 1_000 };

let owner: string;
let nowMs: number;
/** Names of the created tasks. */
let tasks: Set<string>;
/** Objects in the bucket, or the error of listing it. */
let listing: string[] | Error;
/** Metadata of all objects. */
let said: { contentType: string };
let deps: ImportDeps;
let imports: ImportStore;

beforeEach(() => {
  owner = randomUUID();
  nowMs = Date.parse('2026-11-10T12:00:00Z');
  tasks = new Set();
  listing = range(7).map((n) => `${n}.png`);
  said = { contentType: 'image/png' };
  const now = () => nowMs;
  const queue = {
    enqueue: async (phase: string, { media_id }: { media_id: string }) =>
      add(`${media_id}-${phase}`),
    enqueueImport: async (_id: string, suffix: string) => add(suffix),
  } as unknown as TaskQueue & ImportQueue;
  const media = new MediaStore(db, now);
  const places = new Places({ firestore: db, queue, logger, max: 10, now });
  const storage = { bucket: () => ({ request: async ({ qs }: { qs: Query }) => [page(qs)] }) };
  imports = new ImportStore(db, now);
  deps = {
    moments: NO_FEATURES,
    firestore: db,
    storage: storage as unknown as Storage,
    media,
    queue,
    places,
    logger,
    now,
    dailyUploads: new DailyUploads(db, LEFT, now),
    objects: new MemoryObjects(),
    loopback: 'allow',
    buckets: [BUCKET],
    limits: { inFlight: 3, maxUploadBytes: 1_000, perDay: LEFT },
  };
});

interface Query {
  startOffset?: string;
  maxResults: number;
}

function page({ startOffset = '', maxResults }: Query) {
  if (listing instanceof Error) throw listing;
  const rest = listing.filter((name) => name >= startOffset);
  const items = rest.slice(0, maxResults).map((name) => {
    return { name, generation: '1', size: '100', ...said };
  });
  const isMore = rest.length > maxResults;
  return { kind: 'storage#objects', items, ...(isMore && { nextPageToken: 'more' }) };
}

function add(name: string): boolean {
  const isNew = !tasks.has(name);
  tasks.add(name);
  return isNew;
}

async function begun(): Promise<string> {
  const source = { bucket: BUCKET, prefix: '' };
  const options = { in_place: false, analyze: true, analyses: ['describe'], language: 'en' };
  return (await imports.create({ owner_id: owner, source, ...options })).id;
}

const get = (id: string): Promise<ImportRecord> => imports.get(id, owner);

async function media() {
  return (await db.collection('media').where('owner_id', '==', owner).get()).docs;
}

/** Completes all media in progress. */
async function end(): Promise<void> {
  for (const { ref } of await media()) await ref.update({ status: 'completed', queue_state: null });
}

async function files(): Promise<number> {
  const day = new Date(nowMs).toISOString().slice(0, 10);
  return (await db.doc(`daily_uploads/${day}-${ownerHash(owner)}`).get()).get('files') as number;
}

test('goes on until each object is one media, three at a time', async () => {
  const id = await begun();
  for (const count of [3, 6, 7]) {
    expect(await importStep(id, deps)).toEqual({ done: true });
    // A second delivery of the same task.
    await importStep(id, deps);
    expect(await media()).toHaveLength(count);
    expect(await files()).toBe(count);
    await end();
  }
  await importStep(id, deps);
  const ended = { state: 'completed', found: 7, accepted: 7, done: 7, failed: 0, working: [] };
  expect(await get(id)).toMatchObject({ ...ended, due_at: null });
  expect([...tasks].filter((name) => name.endsWith('-upload'))).toHaveLength(7);
});

test('four steps at the same moment make three media and count them once', async () => {
  const id = await begun();
  const answers = await Promise.all(range(4).map(() => importStep(id, deps)));
  expect(answers.some(({ done }) => done)).toBe(true);
  expect(await media()).toHaveLength(3);
  expect(await files()).toBe(3);
  expect(await get(id)).toMatchObject({ found: 7, accepted: 3 });
});

test('a step that dies before its commit has done nothing, and one that dies after it is made up for', async () => {
  const id = await begun();
  const dying = new MediaStore(db, deps.now);
  dying.create = () => Promise.reject(new Error('ends here'));
  await expect(importStep(id, { ...deps, media: dying })).rejects.toThrow('ends here');
  expect(await media()).toHaveLength(0);
  expect(await get(id)).toMatchObject({ found: 0, accepted: 0, revision: 1 });
  const late = new MediaStore(db, deps.now);
  const { create } = late;
  late.create = async (...args) => {
    await create.apply(late, args);
    throw new Error('ends here');
  };
  await expect(importStep(id, { ...deps, media: late })).rejects.toThrow('ends here');
  expect(tasks.size).toBe(0);
  nowMs += 20_000;
  await importStep(id, deps);
  expect(await media()).toHaveLength(3);
  expect([...tasks].filter((name) => name.endsWith('-upload'))).toHaveLength(3);
});

test('what its owner cancels while a step is under way stays cancelled, and nothing comes of that step', async () => {
  const id = await begun();
  const met = new MediaStore(db, deps.now);
  const { create } = met;
  met.create = async (...args) => {
    await imports.change(id, owner, 'cancel');
    await create.apply(met, args);
  };
  expect(await importStep(id, { ...deps, media: met })).toEqual({ done: true });
  expect(await get(id)).toMatchObject({ state: 'cancelled', found: 0, accepted: 0 });
  expect(await media()).toHaveLength(0);
  expect([...tasks]).toEqual([]);
});

test('two imports of the same objects make one media of each', async () => {
  const ids = [await begun(), await begun()];
  for (const _ of range(4)) {
    await Promise.all(ids.map((id) => importStep(id, deps)));
    await end();
  }
  for (const _ of range(2)) for (const id of ids) await importStep(id, deps);
  expect(await media()).toHaveLength(7);
  expect(await files()).toBe(7);
  const runs = await Promise.all(ids.map(get));
  expect(runs.map(({ state }) => state)).toEqual(['completed', 'completed']);
  const [first, second] = runs.map(({ accepted, skipped }) => ({ accepted, skipped }));
  expect((first?.accepted ?? 0) + (second?.accepted ?? 0)).toBe(7);
  expect((first?.skipped ?? 0) + (second?.skipped ?? 0)).toBe(7);
});

test('two thousand objects that are in the bin are passed over in one step, and the next one goes on at once', async () => {
  listing = range(2_100).map((n) => `${String(n).padStart(5, '0')}.png`);
  for (let start = 0; start < listing.length; start += 300) {
    const batch = db.batch();
    for (const name of listing.slice(start, start + 300)) {
      const object = { name, generation: '1', size: 100, content_type: 'image/png' };
      batch.create(db.doc(`bin/${importedId(owner, BUCKET, object)}`), { owner_id: owner });
    }
    await batch.commit();
  }
  const id = await begun();
  await importStep(id, deps);
  expect(await get(id)).toMatchObject({ found: 2_000, skipped: 2_000, state: 'running' });
  expect([...tasks]).toEqual(['p2']);
  await importStep(id, deps);
  expect(await get(id)).toMatchObject({ found: 2_100, skipped: 2_100, state: 'completed' });
});

test('two hundred objects whose names and types are as long as can be go into one record', async () => {
  listing = range(210).map((n) => `${'画'.repeat(330)}${String(n).padStart(3, '0')}.jpg`);
  said = { contentType: 'x'.repeat(8_000) };
  const id = await begun();
  expect(await importStep(id, deps)).toEqual({ done: true });
  expect(await get(id)).toMatchObject({ found: 200, accepted: 3, failed: 0 });
});

test('without the right to list, it pauses and says the command that gives it', async () => {
  const refused = 'worker@p.iam.gserviceaccount.com does not have storage.objects.list access.';
  listing = Object.assign(new Error(refused), { code: 403 });
  const id = await begun();
  expect(await importStep(id, deps)).toEqual({ done: true });
  const stopped = await get(id);
  expect(stopped).toMatchObject({ state: 'paused', error_code: 'forbidden', due_at: null });
  expect(stopped.error_message).toContain(
    'gcloud storage buckets add-iam-policy-binding gs://shop --member=serviceAccount:worker@p.iam.gserviceaccount.com --role=roles/storage.objectViewer',
  );
  listing = ['a.png'];
  await imports.change(id, owner, 'resume');
  await importStep(id, deps);
  expect(await get(id)).toMatchObject({ accepted: 1, error_code: null, error_message: null });
});

test('what its owner sends goes first, and what a reanalysis asks about does not', async () => {
  const record = { owner_id: owner, queue_state: 'waiting' };
  const fresh = db.doc(`media/${owner}`);
  await fresh.set(record);
  const id = await begun();
  await importStep(id, deps);
  expect(await get(id)).toMatchObject({ wait_code: 'fresh_uploads', found: 0 });
  await fresh.set({ ...record, asked_by: 'reanalysis' });
  await importStep(id, deps);
  expect(await get(id)).toMatchObject({ wait_code: null, accepted: 3 });
});

test('an outage of Cloud Storage is waited for by its task, and counts nothing', async () => {
  listing = Object.assign(new Error('busy'), { code: 503 });
  const id = await begun();
  await expect(importStep(id, deps)).rejects.toMatchObject({ code: 503 });
  expect(await get(id)).toMatchObject({ state: 'running', revision: 1 });
});

test('a bucket that the operator has taken off the list is read no more', async () => {
  const id = await begun();
  await importStep(id, deps);
  await end();
  await importStep(id, { ...deps, buckets: [] });
  const stopped = await get(id);
  expect(stopped).toMatchObject({ state: 'paused', error_code: 'forbidden', accepted: 3, done: 3 });
  expect(stopped.error_message).toContain('IMPORT_BUCKETS');
});

test('an owner has twenty imports under way at most', async () => {
  for (const _ of range(20)) await begun();
  await expect(begun()).rejects.toMatchObject({ code: 'rate_limited' });
  const [first] = (await imports.list(owner, 50)).records;
  await imports.change(first?.id ?? '', owner, 'cancel');
  await begun();
});
