/** A step that dies, comes twice or meets another step still asks once and counts once. */
import { randomUUID } from 'node:crypto';
import { Timestamp } from '@google-cloud/firestore';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Usage } from '@media-analysis/shared/analytics';
import type { AnalysisResult } from '@media-analysis/shared/media';
import { openMedia } from '../../../test/support/features.ts';
import { openFirestore, range } from '../../../test/support/firestore.ts';
import { mediaRecord } from '../../../test/support/media.ts';
import { Moments, NO_FEATURES } from '../../core/media/moments.ts';
import { Places } from '../../core/media/places.ts';
import { askedFor, type MediaRecord, SCHEMA_VERSION } from '../../core/media/record.ts';
import type { MediaStore } from '../../core/media/store.ts';
import type { TaskQueue } from '../../core/media/task-queue.ts';
import { sweep } from '../../core/work/sweep.ts';
import { createLogger } from '../../process/log.ts';
import { reanalysesInWorker } from './moments.ts';
import type { ReanalysisQueue } from './queue.ts';
import type { ReanalysisRecord } from './record.ts';
import { type ReanalyseDeps, reanalysisStep } from './step.ts';
import { ReanalysisStore } from './store.ts';

const { db } = await openFirestore();
const logger = createLogger('test', 'silent');
const MODEL = 'googleai/model';
const VERSION = 'receipt-2';

let owner: string;
let nowMs: number;
/** Names of the created tasks; steps by their suffix. */
let tasks: Set<string>;
let deps: ReanalyseDeps;
let runs: ReanalysisStore;

beforeEach(() => {
  owner = randomUUID();
  nowMs = Date.parse('2026-11-10T12:00:00Z');
  tasks = new Set();
  const now = () => nowMs;
  const queue = {
    enqueue: async (phase: string, { media_id, attempt }: { media_id: string; attempt: number }) =>
      add(`${media_id}-${phase}-${attempt}`),
    enqueueStep: async (_id: string, suffix: string) => add(suffix),
  } as unknown as TaskQueue & ReanalysisQueue;
  const places = new Places({ firestore: db, queue, logger, max: 10, now });
  const { media } = openMedia(db, now);
  deps = { firestore: db, moments: NO_FEATURES, media, queue, places, logger, inFlight: 2, now };
  runs = new ReanalysisStore(db, 2, now);
});

function sweeping() {
  const all = { ...deps, objects: {} as never, quietMs: 120_000 };
  const moments = new Moments([reanalysesInWorker(all)]);
  return { ...all, queue: all.queue as never, moments };
}

function add(name: string): boolean {
  const isNew = !tasks.has(name);
  tasks.add(name);
  return isNew;
}

const usage = (cost_usd: number | null): Usage => ({
  model: MODEL,
  input_tokens: 100,
  output_tokens: 10,
  cost_usd,
  cached: false,
  attempts: 1,
  duration_ms: 1_000,
});

/** Stored media with an outdated answer, the newest first. */
async function stored(count: number, patch: Partial<MediaRecord> = {}): Promise<string[]> {
  const batch = db.batch();
  const ids = range(count).map((n) => {
    const id = `${owner.replaceAll('-', '').slice(0, 12)}${n}`;
    const created_at = Timestamp.fromMillis(nowMs - 1_000 - n);
    const record = mediaRecord({
      id,
      owner_id: owner,
      status: 'completed',
      object: id,
      queue_state: null,
      created_at,
      updated_at: created_at,
      usage: usage(1),
      analyses: answered('receipt-1'),
      ...patch,
    });
    batch.create(deps.media.ref(id), record);
    return id;
  });
  await batch.commit();
  return ids;
}

function answered(version: string): Record<string, AnalysisResult> {
  const made = { status: 'completed', input: {}, output: {}, model: MODEL, version } as const;
  return {
    receipt: { ...made, usage: usage(1), error_code: null, error_message: null, updated_at: '' },
  };
}

async function confirmed(filter: ReanalysisRecord['filter'] = { only: 'any' }): Promise<string> {
  const { id } = await runs.create({
    owner_id: owner,
    analysis: 'receipt',
    input: {},
    language: null,
    model: null,
    tier: null,
    filter,
    target: { model: MODEL, version: VERSION },
  });
  await runs.change(id, owner, 'confirm');
  return id;
}

const run = (id: string) => runs.get(id, owner);
const get = (id: string) => deps.media.get(id, owner);

/** Ends the attempt as the worker does. @param cost The sum over all attempts. */
async function end(id: string, cost = 2, isDone = true): Promise<void> {
  const { attempts, analyses, made, earlier_usage } = await get(id);
  const answer = {
    attempt: attempts,
    at: '',
    input: {},
    language: 'en',
    usage: null,
    asked: MODEL,
  };
  await deps.media.ref(id).update({
    status: 'completed',
    queue_state: null,
    usage: usage(cost - (earlier_usage?.cost_usd ?? 0)),
    ...(isDone && { analyses: answered(VERSION), made: { ...made, receipt: answer } }),
    ...(!isDone && { 'analyses.receipt': { ...analyses?.receipt, status: 'failed' } }),
  });
}

test('it passes over a media that has no room for one more answer', async () => {
  const long = askedFor({ question: 'x'.repeat(20_000) }, nowMs);
  const others = Object.fromEntries(range(20).map((n) => [`other-${n}`, long]));
  await stored(1, { analyses: { ...answered('receipt-1'), ...others } });
  const id = await confirmed();
  await reanalysisStep(id, deps);
  await reanalysisStep(id, deps);
  expect(await run(id)).toMatchObject({ state: 'completed', done: 0, skipped: 1 });
});

test('it asks about two at a time, counts them, and completes', async () => {
  const ids = await stored(3);
  const id = await confirmed();
  await reanalysisStep(id, deps);
  expect((await run(id)).asked.map(({ media_id }) => media_id)).toEqual(ids.slice(0, 2));
  expect([...tasks]).toEqual(
    expect.arrayContaining([`${ids[0]}-analyze-2`, `${ids[1]}-analyze-2`]),
  );
  await end(ids[0] ?? '', 3.5);
  await end(ids[1] ?? '', 1, false);
  await reanalysisStep(id, deps);
  expect(await run(id)).toMatchObject({ done: 1, failed: 1, cost_usd: 2.5 });
  await end(ids[2] ?? '');
  await reanalysisStep(id, deps);
  const ended = await run(id);
  expect(ended).toMatchObject({ state: 'completed', done: 2, failed: 1, skipped: 0, asked: [] });
  expect(ended.due_at).toBeNull();
  expect(ended.expires_at?.toMillis()).toBe(nowMs + 30 * 24 * 3_600_000);
});

test('a step that dies after it has written down what it asks is made up for by the next', async () => {
  const ids = await stored(2);
  const id = await confirmed();
  let calls = 0;
  const dying = Object.assign(Object.create(deps.media) as MediaStore, {
    ask: async (...args: Parameters<MediaStore['ask']>) => {
      if (++calls === 2) throw new Error('The process ends here.');
      return deps.media.ask(...args);
    },
  });
  await expect(reanalysisStep(id, { ...deps, media: dying })).rejects.toThrow('ends here');
  expect((await run(id)).asked).toHaveLength(2);
  await reanalysisStep(id, deps);
  const attempts = await Promise.all(ids.map(async (each) => (await get(each)).attempts));
  expect(attempts).toEqual([2, 2]);
  // The first media was asked about before the end, but its task was not created.
  nowMs += 11_000;
  await reanalysisStep(id, deps);
  expect([...tasks]).toEqual(expect.arrayContaining(ids.map((each) => `${each}-analyze-2`)));
});

test('steps side by side ask once and count once', async () => {
  const ids = await stored(4);
  const id = await confirmed();
  const together = () => Promise.all(range(4).map(() => reanalysisStep(id, deps)));
  await together();
  for (const each of ids.slice(0, 2)) await end(each);
  await together();
  expect(await run(id)).toMatchObject({ done: 2, cost_usd: 2 });
  const attempts = await Promise.all(ids.map(async (each) => (await get(each)).attempts));
  expect(attempts).toEqual([2, 2, 2, 2]);
});

test('a step that comes after the end of a run, or late, asks nothing', async () => {
  const [first = ''] = await stored(1);
  const id = await confirmed();
  let isCancelled = false;
  const late = Object.assign(Object.create(deps.media) as MediaStore, {
    ask: async (...args: Parameters<MediaStore['ask']>) => {
      if (!isCancelled) await runs.change(id, owner, 'cancel');
      isCancelled = true;
      return deps.media.ask(...args);
    },
  });
  await reanalysisStep(id, { ...deps, media: late });
  expect((await get(first)).attempts).toBe(1);
  await reanalysisStep(id, deps);
  expect(await run(id)).toMatchObject({ state: 'cancelled', asked: [], done: 0, failed: 0 });
});

test('a step from before a pause, that comes when the run goes on, asks nothing beside its plan', async () => {
  const [first = ''] = await stored(1);
  const id = await confirmed();
  const late = Object.assign(Object.create(deps.media) as MediaStore, {
    ask: async (...args: Parameters<MediaStore['ask']>) => {
      await runs.change(id, owner, 'pause');
      await reanalysisStep(id, deps);
      await runs.change(id, owner, 'resume');
      return deps.media.ask(...args);
    },
  });
  await reanalysisStep(id, { ...deps, media: late });
  expect(await get(first)).toMatchObject({ attempts: 1 });
  await reanalysisStep(id, deps);
  await end(first);
  await reanalysisStep(id, deps);
  expect(await run(id)).toMatchObject({ state: 'completed', done: 1, skipped: 0, cost_usd: 1 });
});

test('a media that somebody else has asked about at the same moment is tried again at the end', async () => {
  const [first = ''] = await stored(1);
  const id = await confirmed();
  const met = Object.assign(Object.create(deps.media) as MediaStore, {
    ask: async (...args: Parameters<MediaStore['ask']>) => {
      await deps.media.ask(first, owner, { name: 'alt-text', input: {} }, 'queued');
      return deps.media.ask(...args);
    },
  });
  await reanalysisStep(id, { ...deps, media: met });
  expect(await get(first)).not.toHaveProperty('asked_by');
  await reanalysisStep(id, deps);
  expect(await run(id)).toMatchObject({ busy: [first], wait_code: 'fresh_uploads', done: 0 });
  await deps.media.ref(first).update({ status: 'completed', queue_state: null });
  await reanalysisStep(id, deps);
  expect(await get(first)).toMatchObject({ asked_by: id, attempts: 3 });
});

test('a media that somebody else has brought up to date meanwhile is not asked about again', async () => {
  const [first = ''] = await stored(1);
  const id = await confirmed();
  const met = Object.assign(Object.create(deps.media) as MediaStore, {
    ask: async (...args: Parameters<MediaStore['ask']>) => {
      await deps.media.ask(first, owner, { name: 'receipt', input: {} }, 'queued');
      await end(first);
      return deps.media.ask(...args);
    },
  });
  await reanalysisStep(id, { ...deps, media: met });
  await reanalysisStep(id, deps);
  expect(await get(first)).toMatchObject({ attempts: 2, status: 'completed' });
  expect(await run(id)).toMatchObject({ state: 'completed', done: 0, skipped: 1, cost_usd: 0 });
});

test('a run that is cancelled while a step plans stays cancelled', async () => {
  const [first = ''] = await stored(1);
  const id = await confirmed();
  const firestore = Object.assign(Object.create(db) as typeof db, {
    getAll: async (...args: Parameters<typeof db.getAll>) => {
      // When it reads the media before it asks.
      const [ref] = args;
      if (ref && 'path' in ref && ref.path.startsWith('media/'))
        await runs.change(id, owner, 'cancel');
      return db.getAll(...args);
    },
  });
  await reanalysisStep(id, { ...deps, firestore });
  expect(await run(id)).toMatchObject({ state: 'cancelled', asked: [] });
  expect(await get(first)).toMatchObject({ attempts: 1 });
});

test('one that rests to the end is counted as skipped', async () => {
  await stored(1, { status: 'pending', queue_state: 'resting' });
  const id = await confirmed();
  await reanalysisStep(id, deps);
  expect(await run(id)).toMatchObject({ state: 'completed', done: 0, skipped: 1 });
});

test('one that is not stored yet is in the quote, as it is asked about when it is', async () => {
  const [media = ''] = await stored(1, { status: 'uploading', object: null, analyses: {} });
  const id = await confirmed();
  expect((await run(id)).quote).toMatchObject({ media: 1, not_possible: 0 });
  await deps.media.ref(media).update({ status: 'completed', object: media });
  await reanalysisStep(id, deps);
  expect((await run(id)).asked).toMatchObject([{ media_id: media }]);
});

test('a video that another model answers for is up to date by that one', async () => {
  const made = {
    attempt: 1,
    at: '',
    input: {},
    language: 'en',
    usage: null,
    asked: 'googleai/other',
  };
  await stored(1, {
    content_type: 'video/mp4',
    analyses: answered(VERSION),
    made: { receipt: made },
  });
  const quoted = (target: ReanalysisRecord['target']) =>
    runs.create({
      owner_id: owner,
      analysis: 'receipt',
      input: {},
      language: null,
      model: null,
      tier: null,
      filter: { only: 'any' },
      target,
    });
  const openai = { model: 'openai/m', version: VERSION };
  const video = { model: 'googleai/other', version: VERSION };
  expect((await quoted(openai)).quote).toMatchObject({ media: 1, up_to_date: 0 });
  expect((await quoted({ ...openai, video })).quote).toMatchObject({ media: 0, up_to_date: 1 });
});

test('what a later release has written is neither in the quote nor asked about', async () => {
  await stored(1, { schema_version: SCHEMA_VERSION + 1 });
  const id = await confirmed();
  await reanalysisStep(id, deps);
  expect(await run(id)).toMatchObject({ state: 'completed', quote: { media: 0 }, skipped: 0 });
});

test('many that are up to date are passed over in several steps', async () => {
  await stored(400, { analyses: answered(VERSION) });
  await stored(0);
  const id = await confirmed();
  await reanalysisStep(id, deps);
  expect(await run(id)).toMatchObject({ state: 'completed', quote: { media: 0, up_to_date: 400 } });
});

test('steps that go on at once have each a task of its own, also within one second', async () => {
  const id = await confirmed({ only: 'any', ids: range(6_001).map((n) => `gone${n}`) });
  await reanalysisStep(id, deps);
  await reanalysisStep(id, deps);
  expect([...tasks]).toHaveLength(2);
  await reanalysisStep(id, deps);
  expect(await run(id)).toMatchObject({ state: 'completed' });
});

describe('a lost task', () => {
  test('is made again by the sweeper, once in a minute', async () => {
    await stored(1);
    const id = await confirmed();
    nowMs += 130_000;
    tasks.clear();
    const swept = sweeping();
    await sweep(swept);
    const steps = [...tasks].filter((name) => /^s\d+$/.test(name));
    expect(steps).toHaveLength(1);
    await sweep(swept);
    expect([...tasks].filter((name) => /^s\d+$/.test(name))).toEqual(steps);
    await reanalysisStep(id, deps);
    expect((await run(id)).asked).toHaveLength(1);
  });

  test.each(['pause', 'cancel'] as const)(
    'of a run before its first step is not made again after %s',
    async (change) => {
      await stored(1);
      const id = await confirmed();
      await runs.change(id, owner, change);
      await reanalysisStep(id, deps);
      nowMs += 130_000;
      await sweep(sweeping());
      expect([...tasks].filter((name) => /^s\d+$/.test(name))).toEqual([]);
      expect((await run(id)).due_at).toBeNull();
    },
  );

  test('of a run that has ended is missed by nobody', async () => {
    const id = await confirmed();
    await reanalysisStep(id, deps);
    expect(await run(id)).toMatchObject({ state: 'completed', due_at: null });
  });
});

test('a run that is under way is in the list of its owner, however many quotes came after it', async () => {
  const id = await confirmed();
  const batch = db.batch();
  const record = await run(id);
  for (const n of range(60)) {
    const created_at = Timestamp.fromMillis(nowMs + n + 1);
    const ref = db.collection('reanalyses').doc(`${owner.replaceAll('-', '')}${n}`);
    batch.create(ref, { ...record, id: ref.id, state: 'quoted', created_at });
  }
  await batch.commit();
  const ids = (await runs.list(owner, 50)).records.map((each) => each.id);
  expect(ids).toHaveLength(51);
  expect(ids.at(-1)).toBe(id);
});

test('the looks of many steps become one task', async () => {
  const ids = await stored(3);
  const id = await confirmed();
  for (const _ of range(5)) await reanalysisStep(id, deps);
  const looks = [...tasks].filter((name) => /^t\d+$/.test(name));
  expect(looks).toHaveLength(1);
  await end(ids[0] ?? '');
  await reanalysisStep(id, deps);
  expect([...tasks].filter((name) => /^t\d+$/.test(name))).toEqual(looks);
});
