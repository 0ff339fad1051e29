import { randomUUID } from 'node:crypto';
import { type AggregateQuery, type AggregateSpec, Timestamp } from '@google-cloud/firestore';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { openFirestore, range } from '../../../test/support/firestore.ts';
import { mediaRecord, NOW } from '../../../test/support/media.ts';
import { createLogger } from '../../process/log.ts';
import { Places } from './places.ts';
import { MEDIA_COLLECTION, type MediaRecord, type QueueState } from './record.ts';
import { MediaStore } from './store.ts';
import type { TaskQueue } from './task-queue.ts';

const MAX = 10;
const { db } = await openFirestore();
const media = new MediaStore(db);
const logger = createLogger('test', 'silent');

let owner: string;
/** The tasks, in the order in which they were created. */
let tasks: { media_id: string; alone?: true }[];
/** The ends of their names. */
let suffixes: string[];
/** Those of one process. */
let places: Places;
let clock: number;
/** How many times media were counted. */
let counts: number;
/** What happens before a count, by its number. */
let before: Record<number, () => Promise<unknown>>;
beforeEach(() => {
  owner = randomUUID();
  tasks = [];
  clock = NOW;
  counts = 0;
  before = {};
  suffixes = [];
  places = open();
});

function open(max = MAX): Places {
  const enqueue = async (_phase: string, task: { media_id: string }, suffix: string) => {
    tasks.push(task);
    suffixes.push(suffix);
  };
  const queue = { enqueue } as unknown as TaskQueue;
  return new Places({ firestore: counted(db), queue, logger, max, now: () => clock });
}

/** The same queries, of which the counts are counted. */
function counted<T extends object>(target: T): T {
  return new Proxy(target, {
    get: (_, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      const isQuery = name === 'collection' || name === 'where';
      return (...args: unknown[]) => {
        const result: unknown = Reflect.apply(member, target, args);
        if (name === 'count') return afterwards(result as AnyCount, before[++counts]);
        return isQuery ? counted(result as object) : result;
      };
    },
  });
}

type AnyCount = Pick<AggregateQuery<AggregateSpec>, 'get'>;
const afterwards = (count: AnyCount, first: (() => Promise<unknown>) | undefined) => ({
  get: async () => {
    await first?.();
    return count.get();
  },
});

let minutes = 0;
/** A media that is a minute newer than the one before. */
const record = (queue_state: QueueState) =>
  mediaRecord({
    id: media.newId(),
    owner_id: owner,
    queue_state,
    created_at: Timestamp.fromMillis(NOW + ++minutes * 60_000),
  });

async function put(...records: MediaRecord[]): Promise<MediaRecord[]> {
  await media.create(records, media.batch());
  return records;
}

/** As a request does it: it guesses or counts, creates, and settles. */
async function accept(count: number, by = places, sent?: number): Promise<void> {
  const marked = await by.toMark(owner, count, sent);
  const records = range(count).map((n) => record(n < marked ? 'queued' : 'waiting'));
  await put(...records);
  await by.settle(owner, records);
}

async function end({ id }: Pick<MediaRecord, 'id'>): Promise<void> {
  await media.ref(id).update({ status: 'completed', queue_state: null });
}

async function inState(state: string): Promise<string[]> {
  const { docs } = await db
    .collection(MEDIA_COLLECTION)
    .where('owner_id', '==', owner)
    .where('queue_state', '==', state)
    .get();
  return docs.map(({ id }) => id).sort();
}
const ids = (records: readonly { id: string }[]) => records.map(({ id }) => id);
const enqueued = () => tasks.map(({ media_id }) => media_id);

describe('an owner', () => {
  test('gets no more places than there are, and the others wait', async () => {
    await accept(25);
    expect(await inState('queued')).toHaveLength(MAX);
    expect(await inState('waiting')).toHaveLength(15);
    expect(enqueued().sort()).toEqual(await inState('queued'));
  });

  test.each([
    [100, 'one instance', () => places],
    [30, 'as many instances', () => open()],
  ])('gets no more places by %d requests side by side, to %s', async (count, _to, instance) => {
    await Promise.all(range(count).map(() => accept(1, instance())));
    expect(await inState('queued')).toHaveLength(MAX);
    expect(enqueued().sort()).toEqual(await inState('queued'));
    expect(await inState('waiting')).toHaveLength(count - MAX);
  });

  test('has no share in the places of another one', async () => {
    await accept(25);
    owner = randomUUID();
    expect(await places.free(owner)).toBe(MAX);
  });
});

describe('media in the queues are counted', () => {
  test('once for a request of which the process has just counted the owner’s media', async () => {
    await accept(4);
    counts = 0;
    await accept(4);
    await accept(4);
    expect(counts).toBe(2);
    expect(await inState('queued')).toHaveLength(MAX);
    expect(await inState('waiting')).toHaveLength(2);
  });

  test('once for the first files of an owner’s day', async () => {
    await accept(4, places, 0);
    await accept(6, open(), 4);
    expect(counts).toBe(2);
    expect(await inState('queued')).toHaveLength(MAX);
  });

  test('less what other requests to the same process are about to mark', async () => {
    const marks = await Promise.all([6, 3, 3].map((wanted) => places.toMark(owner, wanted, 0)));
    expect(marks.reduce((sum, each) => sum + each)).toBe(MAX);
    expect(counts).toBe(0);
  });

  test('before the marks of an owner who has sent more today', async () => {
    await accept(1, places, MAX);
    expect(counts).toBe(2);
  });

  test('again if the last count is two seconds old', async () => {
    await accept(1);
    clock += 2_000;
    counts = 0;
    await accept(1);
    expect(counts).toBe(2);
  });

  test('for all requests side by side together', async () => {
    await Promise.all(range(100).map(() => places.free(owner)));
    expect(counts).toBe(2);
  });

  test('after the marks, so that media of yesterday are found', async () => {
    await put(...range(8).map(() => record('queued')));
    await accept(4, places, 0);
    expect(await inState('queued')).toHaveLength(MAX);
    expect(await inState('waiting')).toHaveLength(2);
  });

  test('after the marks of each request, by which a wrong guess is mended', async () => {
    await accept(1);
    const other = open();
    await accept(MAX - 1, other);
    await accept(3);
    expect(await inState('queued')).toHaveLength(MAX);
    expect(await inState('waiting')).toHaveLength(3);
    for (const { media_id: id } of [...tasks]) await end({ id });
    // This process still believes that there is no place.
    await accept(2);
    expect(await inState('queued')).toHaveLength(5);
    expect(await inState('waiting')).toEqual([]);
  });
});

describe('a place that gets free', () => {
  test('goes to the newest batch first, and in it to the first file', async () => {
    const of = (batch_id: string) => ({ ...record('waiting'), batch_id });
    const older = await put(...range(3).map(() => of('older')));
    const newer = await put(...range(4).map(() => of('newer')));
    await put(record('queued'));
    await open(4).refill(owner);
    expect(enqueued()).toEqual(ids(newer.slice(0, 3)));
    for (const each of newer.slice(0, 2)) await end(each);
    // The newer batch has one left, so the other place is for the older one.
    await open(4).refill(owner);
    expect(enqueued().slice(3)).toEqual(ids([...newer.slice(3), ...older.slice(0, 1)]));
  });

  test('goes to the newest media that waits', async () => {
    const [ended] = await put(...range(MAX).map(() => record('queued')));
    const waiting = await put(...range(3).map(() => record('waiting')));
    if (ended) await end(ended);
    await places.refill(owner);
    expect(enqueued()).toEqual(ids(waiting.slice(-1)));
    expect(await inState('queued')).toHaveLength(MAX);
  });

  test('goes to one media, though all that end look at the same time', async () => {
    const queued = await put(...range(MAX).map(() => record('queued')));
    await put(...range(30).map(() => record('waiting')));
    const ended = queued.slice(0, 5);
    await Promise.all(
      ended.map(async (each) => {
        await end(each);
        await places.refill(owner);
      }),
    );
    expect(await inState('queued')).toHaveLength(MAX);
    expect(new Set(enqueued()).size).toBe(5);
    expect(tasks).toHaveLength(5);
  });

  test('and nine more go to ten batches of one file each, in a single round', async () => {
    await put(...range(12).map(() => record('waiting')));
    await places.refill(owner, 1);
    expect(await inState('queued')).toHaveLength(MAX);
    expect(enqueued()).toHaveLength(MAX);
  });

  test('goes to some that look at their ends, though those before them have ended meanwhile', async () => {
    const queued = await put(...range(MAX - 3).map(() => record('queued')));
    await put(...range(30).map(() => record('waiting')));
    before[2] = () => Promise.all(queued.map(end));
    await places.refill(owner, 1);
    expect(tasks.map(({ alone }) => alone)).toEqual([undefined, undefined, undefined]);
  });

  test('is passed on from one to the next until none waits', async () => {
    await accept(35);
    for (let done = 0; done < tasks.length; done++) {
      const [id = ''] = enqueued().slice(done);
      await end({ id });
      if (!tasks[done]?.alone) await places.refill(owner);
    }
    expect(new Set(enqueued()).size).toBe(35);
    expect(await inState('queued')).toEqual([]);
  });

  test('is given to media that came when it was free again, though no end was left to look', async () => {
    const queued = await put(...range(MAX).map(() => record('queued')));
    const late = [record('waiting'), record('waiting')];
    await Promise.all(queued.map(end));
    await put(...late);
    await places.settle(owner, late);
    expect(enqueued().sort()).toEqual(ids(late).sort());
  });
});

describe('the end of a media', () => {
  const alone = () => tasks.map((task) => task.alone === true);

  test('is looked after only for the last three places: with fewer media none can wait', async () => {
    await accept(MAX - 3);
    expect(alone()).toEqual(Array(MAX - 3).fill(true));
  });

  test('of one of three at least is looked after while all places are taken', async () => {
    await accept(4);
    await accept(6);
    await accept(1);
    expect(alone().filter((each) => !each)).toHaveLength(3);
    for (const [n, task] of tasks.entries()) {
      await end({ id: task.media_id });
      if (!alone()[n]) await places.refill(owner);
    }
    expect(tasks).toHaveLength(11);
  });

  test('is always looked after if there are only three places', async () => {
    places = open(3);
    await accept(2);
    expect(alone()).toEqual([false, false]);
  });
});

describe('a media whose rest is over', () => {
  const rested = () => ({
    ...record('resting'),
    waits: 3,
    retry_at: Timestamp.fromMillis(NOW),
    wait_code: 'analysis_spend_cap' as const,
  });
  const ask = async ({ id }: MediaRecord) => places.ask(await media.ref(id).get());

  test('gets a place and a task of another name, and its reason to wait is over', async () => {
    const [one] = await put(rested());
    if (one) expect(await ask(one)).toBe(true);
    expect(await inState('queued')).toEqual(enqueued());
    expect(suffixes).toEqual(['-p3']);
    expect((await media.ref(`${one?.id}`).get()).data()).toMatchObject({
      retry_at: null,
      wait_code: null,
      revision: 2,
    });
  });

  test('waits for its turn if there is no place', async () => {
    const [first] = await put(...range(MAX).map(() => record('queued')));
    const [one] = await put(rested());
    if (one) await ask(one);
    expect(await inState('waiting')).toEqual([one?.id]);
    expect(tasks).toEqual([]);
    if (first) await end(first);
    await places.refill(owner);
    expect(enqueued()).toEqual([one?.id]);
  });

  test('gets no place too many, though hundreds ask at the same moment', async () => {
    const all = await put(...range(200).map(rested));
    await Promise.all(all.map(ask));
    expect(await inState('queued')).toHaveLength(MAX);
    expect(enqueued().sort()).toEqual(await inState('queued'));
    expect(await inState('waiting')).toHaveLength(200 - MAX);
  });

  test('asks once, though its task is delivered twice', async () => {
    const [one] = await put(rested());
    const seen = await media.ref(`${one?.id}`).get();
    expect(await places.ask(seen)).toBe(true);
    expect(await places.ask(seen)).toBe(false);
    expect(tasks).toHaveLength(1);
  });
});

test('a media that was deleted before it was given back stops nothing', async () => {
  const records = await put(...range(MAX + 2).map(() => record('queued')));
  const [deleted] = records.slice(-1);
  if (deleted) await media.remove(deleted.id, owner);
  await places.settle(owner, records);
  expect(await inState('queued')).toHaveLength(MAX);
});

test('what a caller that died had marked gets its task, but not while there are too many marks', async () => {
  const records = await put(...range(MAX + 1).map(() => record('queued')));
  await places.resume(owner, records);
  expect(tasks).toEqual([]);
  const [ended, ...rest] = records;
  if (ended) await end(ended);
  await places.resume(owner, rest);
  expect(enqueued().sort()).toEqual(ids(rest).sort());
});
