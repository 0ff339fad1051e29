/** The moments of a delivery and of the sweep, with features made for these tests: those that work, throw, are slow or hang. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Analytics, Usage } from '@media-analysis/shared/analytics';
import pino from 'pino';
import { MemoryObjects, MemoryQueue } from '../../../test/faults/memory-services.ts';
import { openFirestore } from '../../../test/support/firestore.ts';
import { inProcess } from '../../../test/support/inspector.ts';
import { mediaRecord } from '../../../test/support/media.ts';
import type { Analyzer } from '../../analysis/index.ts';
import type { MediaFacts } from '../../inspect/index.ts';
import { type Feature, Moments } from '../media/moments.ts';
import { Places } from '../media/places.ts';
import { type MediaRecord, taskOf } from '../media/record.ts';
import { MediaStore } from '../media/store.ts';
import { createAnalyzeMedia } from './analyze-media.ts';
import { claim } from './claim.ts';
import { deliver } from './delivery.ts';
import { sweep } from './sweep.ts';
import type { WorkerDeps } from './work.ts';

const { db } = await openFirestore();

const LEASE_MS = 500;
const BUDGET_MS = 300;
const MINUTE_MS = 60_000;
const NEVER = new Promise<never>(() => undefined);
const BROKEN = new Error('broken');
/** A field that the core does not write here, and that stands for one of a feature. */
const NOTE = 'batch_id';
const ANALYTICS = { title: 'A cat', safety: { verdict: 'safe' } } as Analytics;
const USAGE = { cost_usd: 1, input_tokens: 1, output_tokens: 1, attempts: 1 } as Usage;

let lines: Record<string, unknown>[];
let asked: string[];
let queue: MemoryQueue;
/** What happens while the model is asked. */
let meanwhile: () => Promise<unknown>;
beforeEach(() => {
  lines = [];
  asked = [];
  queue = new MemoryQueue();
  meanwhile = async () => undefined;
});

const logger = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });

let count = 0;
/** A stored photo whose analysis is the next step. */
async function put(patch: Partial<MediaRecord> = {}): Promise<MediaRecord> {
  const id = `m${++count}`;
  const facts = { kind: 'image' } as MediaFacts;
  const stored = { status: 'uploading', object: `${id}/original`, staging_object: null } as const;
  const record = mediaRecord({ ...stored, facts, owner_id: id, ...patch, id });
  await db.doc(`media/${id}`).set(record);
  return record;
}
const stored = async ({ id }: MediaRecord) => (await db.doc(`media/${id}`).get()).data();

function depsOf(features: Partial<Feature>[], budgetMs: number): WorkerDeps {
  const named = features.map((each, n) => ({ name: `feature ${n}`, ...each }));
  const moments = new Moments(named, logger);
  return {
    moments,
    media: new MediaStore(db, Date.now, moments),
    objects: new MemoryObjects(),
    inspector: inProcess,
    queue,
    places: new Places({ firestore: db, queue, logger, max: 3 }),
    logger,
    leaseMs: LEASE_MS,
    maxDeliveries: 8,
    budgetMs,
    now: Date.now,
    random: Math.random,
  };
}

/** Delivers the task of an analysis. The model answers with the same description each time. */
function deliverWith(record: MediaRecord, features: Partial<Feature>[], budgetMs = 30_000) {
  const model = {
    asking: () => model,
    model: 'googleai/model',
    analyze: async (_input: unknown, { pay }: { pay?: (usd: number) => Promise<unknown> }) => {
      await pay?.(0.01);
      asked.push(record.id);
      await meanwhile();
      return { analytics: ANALYTICS, usage: USAGE };
    },
  } as unknown as Analyzer;
  const deps = depsOf(features, budgetMs);
  const work = createAnalyzeMedia(deps, model);
  const { signal } = new AbortController();
  return deliver({ phase: 'analyze', payload: taskOf(record), work, signal }, deps);
}

const AGAIN = { done: false, status: 503, retryAfterMs: 0 };

describe('claiming', () => {
  const claiming: Feature['claiming'] = (_record, phase) => ({ [NOTE]: `claimed for ${phase}` });

  test('is written with the claim', async () => {
    const record = await put();
    meanwhile = async () =>
      expect(await stored(record)).toMatchObject({ revision: 2, [NOTE]: 'claimed for analyze' });
    expect(await deliverWith(record, [{ claiming }])).toEqual({ done: true });
    expect(asked).toHaveLength(1);
  });

  test.each([undefined, 'before'])(
    'is taken back by a claim that did no work: %s',
    async (before) => {
      const record = await put(before === undefined ? {} : { [NOTE]: before });
      const { media, moments } = depsOf([{ claiming }], BUDGET_MS);
      const options = { leaseMs: LEASE_MS, maxDeliveries: 8, moments };
      const { lease } = await claim(media.ref(record.id), 'analyze', taskOf(record), options);
      expect((await stored(record))?.[NOTE]).toBe('claimed for analyze');
      await lease?.giveBack();
      expect((await stored(record))?.[NOTE]).toBe(before);
    },
  );

  test('is not written by a claim that only says that the work broke off', async () => {
    const record = await put({ deliveries: 8 });
    await deliverWith(record, [{ claiming }]);
    expect(await stored(record)).toMatchObject({ status: 'failed' });
    expect(await stored(record)).not.toHaveProperty(NOTE);
  });
});

describe('asking', () => {
  test.each<[string, NonNullable<Feature['asking']>]>([
    ['throws', () => Promise.reject(BROKEN)],
    ['hangs', () => NEVER],
  ])('that %s costs nothing: no model is asked', async (_how, asking) => {
    const record = await put();
    const answer = await deliverWith(record, [{ asking }], BUDGET_MS);
    expect(asked).toEqual([]);
    const { usage, lease, status } = (await stored(record)) ?? {};
    expect({ usage, lease, status }).toEqual({ usage: null, lease: null, status: 'analyzing' });
    expect(answer.done || answer.status === 503).toBe(true);
    await db.doc(`media/${record.id}`).update({ retry_at: null, queue_state: 'queued' });
    expect(await deliverWith(record, [])).toEqual({ done: true });
  });

  test('may refuse each call to the model', async () => {
    const record = await put();
    const asking = async () => ({ pay: () => Promise.reject(BROKEN) });
    expect(await deliverWith(record, [{}, { asking }])).toEqual(AGAIN);
    expect(asked).toEqual([]);
  });

  test('is told which analysis is the first one of the delivery', async () => {
    const seen: unknown[] = [];
    const record = await put();
    await deliverWith(record, [{ asking: async (_of, next) => void seen.push(next) }]);
    expect(seen).toEqual([{ name: 'describe', isFirst: true }]);
  });

  test('writes in the commit of the answer, or not at all', async () => {
    const beside = db.collection('beside');
    const asking: Feature['asking'] = async ({ record: { id } }) => ({
      write: (batch) => void batch.set(beside.doc(id), {}),
    });
    const [kept, lost] = [await put(), await put()];
    meanwhile = async () => expect((await beside.doc(kept.id).get()).exists).toBe(false);
    await deliverWith(kept, [{ asking }]);
    expect((await beside.doc(kept.id).get()).exists).toBe(true);
    meanwhile = () => db.doc(`media/${lost.id}`).delete();
    await deliverWith(lost, [{ asking }]);
    expect((await beside.doc(lost.id).get()).exists).toBe(false);
  });
});

describe('answered', () => {
  test('comes before the description is written', async () => {
    const seen: unknown[] = [];
    const record = await put();
    const answered = async (analytics: Analytics) => {
      seen.push(analytics, (await stored(record))?.analytics);
    };
    await deliverWith(record, [{ asking: async () => ({ answered }) }]);
    expect(seen).toEqual([ANALYTICS, null]);
    expect(await stored(record)).toMatchObject({ status: 'completed', analytics: ANALYTICS });
  });

  test('that throws leaves the description unwritten, and the delivery is repeated', async () => {
    const record = await put();
    const asking = async () => ({ answered: () => Promise.reject(BROKEN) });
    expect(await deliverWith(record, [{ asking }])).toEqual(AGAIN);
    // What it has cost is on the record all the same.
    const unfinished = { status: 'analyzing', analytics: null, lease: null, usage: USAGE };
    expect(await stored(record)).toMatchObject(unfinished);
    expect(await deliverWith(record, [])).toEqual({ done: true });
    expect(await stored(record)).toMatchObject({ analytics: ANALYTICS });
  });
});

describe('changing', () => {
  const beside = db.collection('beside of changing');
  const isEnd = ({ status }: MediaRecord) => status === 'completed';
  const tells: Feature['changing'] = async (before, after) => ({
    change: { [NOTE]: `${before.status} to ${after.status}` },
    write: (batch) => void batch.set(beside.doc(after.id), {}),
  });

  test('adds to the commit of each write', async () => {
    const record = await put();
    meanwhile = async () =>
      expect(await stored(record)).toMatchObject({ [NOTE]: 'uploading to analyzing' });
    await deliverWith(record, [{ changing: tells }]);
    expect(await stored(record)).toMatchObject({ [NOTE]: 'analyzing to completed' });
    expect((await beside.doc(record.id).get()).exists).toBe(true);
  });

  test('writes nothing if the commit is refused', async () => {
    const record = await put();
    meanwhile = () => db.doc(`media/${record.id}`).delete();
    await deliverWith(record, [
      { changing: async (...all) => (isEnd(all[1]) ? tells(...all) : undefined) },
    ]);
    expect((await beside.doc(record.id).get()).exists).toBe(false);
  });

  test('that throws leaves everything unwritten, and the delivery is repeated', async () => {
    const record = await put();
    let faults = 0;
    const fails: Feature['changing'] = async (_before, after) => {
      if (isEnd(after) && ++faults === 1) throw BROKEN;
      return undefined;
    };
    const features = [{ changing: tells }, { changing: fails }];
    meanwhile = () => beside.doc(record.id).delete();
    expect(await deliverWith(record, features)).toEqual(AGAIN);
    // The release after the fault says what the first one had to say.
    expect(faults).toBe(2);
    expect(await stored(record)).toMatchObject({ status: 'completed', analytics: ANALYTICS });
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['the claim', 'analyzing'],
    ['the answer', 'completed'],
  ])(
    'that never returns from %s is ended by the time of the delivery, and another delivery does the work',
    async (_which, status) => {
      const record = await put();
      const hangs: Feature['changing'] = (_before, after) =>
        after.status === status ? NEVER : Promise.resolve(undefined);
      const features = [{ changing: tells }, { changing: hangs }];
      await expect(deliverWith(record, features, BUDGET_MS)).rejects.toThrow(/took more than/);
      expect(await stored(record)).toMatchObject({ analytics: null });
      await db.doc(`media/${record.id}`).update({ lease: null });
      expect(await deliverWith(record, [])).toEqual({ done: true });
    },
  );
});

describe('derived fields', () => {
  /** Follows from the description and from the note of another feature. */
  const derivedBy = (made: string[]): NonNullable<Feature['derived']> => ({
    from: ['analytics', NOTE],
    fields: ['same_as'],
    make: ({ analytics, batch_id = 'no note' }) => {
      const same_as = `${analytics?.title ?? 'nothing'}, ${batch_id}`;
      made.push(same_as);
      return { same_as };
    },
  });

  test('follow what a delivery writes, in the same write and in no other', async () => {
    const made: string[] = [];
    const record = await put();
    await deliverWith(record, [{ derived: derivedBy(made) }]);
    expect(await stored(record)).toMatchObject({ revision: 3, same_as: 'A cat, no note' });
    expect(made).toEqual(['A cat, no note']);
  });

  test('follow what another feature adds to a write', async () => {
    const record = await put();
    const changing: Feature['changing'] = async (_before, { status }) => ({
      change: { [NOTE]: status },
    });
    const derived = derivedBy([]);
    meanwhile = async () =>
      expect(await stored(record)).toMatchObject({ same_as: 'nothing, analyzing' });
    await deliverWith(record, [{ derived }, { changing }]);
    expect(await stored(record)).toMatchObject({ same_as: 'A cat, completed' });
  });
});

describe('ended', () => {
  test('comes after the last write, and waits for it no longer than it takes', async () => {
    const seen: unknown[] = [];
    const ended: Feature['ended'] = async ({ record, before }) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      seen.push(before.status, record.status, (await stored(record))?.status);
    };
    expect(await deliverWith(await put(), [{ ended }])).toEqual({ done: true });
    expect(seen).toEqual(['uploading', 'completed', 'completed']);
  });

  test('comes after a delivery that failed, too', async () => {
    const seen: unknown[] = [];
    const ended: Feature['ended'] = async ({ record }) => void seen.push(record.status);
    await deliverWith(await put({ deliveries: 8 }), [{ ended }]);
    expect(seen).toEqual(['failed']);
  });

  test.each<[string, NonNullable<Feature['ended']>]>([
    ['throws', () => Promise.reject(BROKEN)],
    [
      'throws at once',
      () => {
        throw BROKEN;
      },
    ],
  ])('that %s fails nothing, and is in the log', async (_how, ended) => {
    const record = await put();
    const others: string[] = [];
    const notes = { ended: async () => void others.push('ended') };
    expect(await deliverWith(record, [{ ended }, notes])).toEqual({ done: true });
    expect(await stored(record)).toMatchObject({ status: 'completed' });
    expect(others).toEqual(['ended']);
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: 'left to the sweep', feature: 'feature 0' }),
    );
  });
});

describe('sweeping', () => {
  const sweepWith = (...features: Partial<Feature>[]) =>
    sweep({ ...depsOf(features, BUDGET_MS), firestore: db, quietMs: 2 * MINUTE_MS });
  const throwsAtOnce = () => {
    throw BROKEN;
  };
  const fails = () => Promise.reject(BROKEN);

  /** A media whose task is lost: the core's own part brings it back. */
  const lost = () => put();

  test.each([
    ['fails', fails],
    ['throws at once', throwsAtOnce],
  ])('a late part that %s fails no sweep, and the next ones run', async (_how, run) => {
    const ran: string[] = [];
    const note = (name: string, isLate: boolean) => ({
      isLate,
      run: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return ran.push(name);
      },
    });
    const { id } = await lost();
    const parts = [
      { isLate: true, run },
      note('late', true),
      note('later', true),
      note('first', false),
    ];
    const brought = await sweepWith({ sweeping: parts });
    expect(ran).toEqual(['first', 'late', 'later']);
    expect(brought).toBeGreaterThan(0);
    expect(queue.names.some((name) => name.startsWith(`${id}-`))).toBe(true);
    expect(lines).toContainEqual(expect.objectContaining({ level: 50 }));
  });

  test.each([
    ['fails', fails],
    ['throws at once', throwsAtOnce],
  ])('a part that %s fails the sweep, after all other parts', async (_how, run) => {
    const ran: string[] = [];
    const { id } = await lost();
    const others = [
      { run: async () => ran.push('beside') },
      { isLate: true, run: async () => ran.push('late') },
    ];
    await expect(sweepWith({ sweeping: [{ run }] }, { sweeping: others })).rejects.toBe(BROKEN);
    expect(ran).toEqual(['beside', 'late']);
    expect(queue.names.some((name) => name.startsWith(`${id}-`))).toBe(true);
  });
});
