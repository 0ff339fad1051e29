import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { FakeLibrary } from '../../../test/support/fake-library.ts';
import { NO_FEATURES } from '../../core/media/moments.ts';
import { SCHEMA_VERSION } from '../../core/media/record.ts';
import type { Chunk } from '../../core/stream/body.ts';
import { createLogger } from '../../process/log.ts';
import { Libraries, type Watching } from './library.ts';

const START = Date.parse('2026-11-28T09:00:00.000Z');
const MINUTE = 60_000;

let now: number;
let source: FakeLibrary;
let libraries: Libraries;
let pushed: number[];

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
  now = START;
  source = new FakeLibrary();
  pushed = [];
  libraries = new Libraries({
    moments: NO_FEATURES,
    source,
    logger: createLogger('test', 'silent'),
    now: () => now,
    random: () => 1,
    onPush: (writtenAtMs) => pushed.push(writtenAtMs),
  });
});
afterEach(() => {
  libraries.close();
  jest.useRealTimers();
});

/** A subscriber, and its events as `m1 r3` or `m1 gone`. */
interface Reader extends Watching {
  told: string[];
  /** The ids of the events. */
  positions: string[];
}

function begin(sinceMs?: number, owner = 'alice'): Reader {
  const told: string[] = [];
  const positions: string[] = [];
  const watching = libraries.watch(owner, sinceMs, (id, event) => {
    told.push(`${id} ${stateOf(event)}`);
    positions.push(/^id: (.+)$/m.exec(event.toString())?.[1] ?? '');
  });
  return { ...watching, told, positions };
}

async function watch(sinceMs?: number, owner?: string): Promise<Reader> {
  const reader = begin(sinceMs, owner);
  await reader.sinceMs;
  return reader;
}

function stateOf(event: Chunk): string {
  const text = event.toString();
  if (text.includes('event: removed')) return 'gone';
  return `r${/"revision":(\d+)/.exec(text)?.[1]}`;
}

const iso = (ms: number) => new Date(ms).toISOString();

describe('a subscriber', () => {
  test('is told what is new, changes, is deleted and comes back', async () => {
    const { told, positions } = await watch();
    source.write({ id: 'm1', revision: 1 }, START + 1);
    source.write({ id: 'm1', revision: 2 }, START + 2);
    source.remove('m1', START + 3);
    source.restore('m1', START + 4);
    expect(told).toEqual(['m1 r1', 'm1 r2', 'm1 gone', 'm1 r3']);
    // The media has left the database, so the time is not known.
    expect(positions).toEqual([1, 2, 2, 4].map((ms) => iso(START + ms)));
  });

  test('is told nothing of another owner', async () => {
    const { told } = await watch(START - 30 * MINUTE);
    source.write({ id: 'theirs', owner_id: 'bob' }, START + 1);
    source.remove('theirs', START + 2);
    expect(told).toEqual([]);
  });

  test('is told of the deletion of a media that has not changed for long, and when it is erased at once', async () => {
    source.write({ id: 'old' }, START - 90 * 24 * 60 * MINUTE);
    source.write({ id: 'new' }, START);
    const { told } = await watch();
    source.remove('old', START + 1);
    source.erase('new');
    expect(told).toEqual(['new r1', 'old gone', 'new gone']);
  });

  test('is told first what it has missed, the oldest change first, and no change twice', async () => {
    source.write({ id: 'before' }, START - 62 * MINUTE);
    source.write({ id: 'm2', revision: 3 }, START - 10 * MINUTE);
    source.write({ id: 'm1', revision: 2 }, START - 20 * MINUTE);
    source.write({ id: 'm3' }, START - 15 * MINUTE);
    source.remove('m3', START - 5 * MINUTE);
    // The listeners begin a minute before now, so this change is read and also heard.
    source.write({ id: 'm4' }, START - 10);
    const { told, positions, sinceMs } = await watch(START - 60 * MINUTE);
    await Promise.resolve();
    expect(await sinceMs).toBe(START - 60 * MINUTE);
    expect(told).toEqual(['m1 r2', 'm2 r3', 'm3 gone', 'm4 r1']);
    expect(positions).toEqual([20, 10, 5, 10 / MINUTE].map((ago) => iso(START - ago * MINUTE)));
    source.write({ id: 'm4', revision: 2 }, START + 1);
    expect(told.at(-1)).toBe('m4 r2');
  });

  test('is told a minute more than it asks for: clocks differ', async () => {
    source.write({ id: 'm1' }, START - 31 * MINUTE);
    source.write({ id: 'm2' }, START - 31 * MINUTE - 1);
    const { told } = await watch(START - 30 * MINUTE);
    expect(told).toEqual(['m1 r1']);
  });

  test.each([
    ['no time', undefined, START],
    ['an hour', START - 60 * MINUTE, START - 60 * MINUTE],
    ['more than an hour', START - 60 * MINUTE - 1, START],
    ['a time to come', START + 5 * MINUTE, START],
  ])('that asks for %s hears from when on it is told', async (_, asked, since) => {
    expect(await (await watch(asked)).sinceMs).toBe(since);
  });

  test('that has missed a thousand changes is told them, and one that missed more is told so', async () => {
    for (let n = 0; n < 1_000; n++) source.write({ id: `m${n}` }, START - 30 * MINUTE + n);
    const inTime = await watch(START - 40 * MINUTE);
    expect(await inTime.sinceMs).toBe(START - 40 * MINUTE);
    expect(inTime.told).toHaveLength(1_000);
    source.write({ id: 'm1000' }, START - 10 * MINUTE);
    source.reads = 0;
    const late = await watch(START - 40 * MINUTE);
    expect(await late.sinceMs).toBe(START);
    expect([late.told, source.reads]).toEqual([[], 1_001]);
    source.write({ id: 'm1001' }, START + 1);
    expect(late.told).toEqual(['m1001 r1']);
  });

  test('loses nothing that happens while it is read what it has missed', async () => {
    source.write({ id: 'm1', revision: 1 }, START - 20 * MINUTE);
    const gate = Promise.withResolvers<void>();
    source.gate = gate.promise;
    const { told, sinceMs } = begin(START - 30 * MINUTE);
    await Promise.resolve();
    source.write({ id: 'm2', revision: 1 }, START + 1);
    source.write({ id: 'm1', revision: 2 }, START + 2);
    source.write({ id: 'm2', revision: 2 }, START + 3);
    expect(told).toEqual([]);
    gate.resolve();
    await sinceMs;
    expect(told).toEqual(['m1 r2', 'm2 r2']);
  });

  test('is told no earlier state by listeners that are late', async () => {
    const first = await watch();
    source.write({ id: 'm1', revision: 4 }, START + 1);
    source.late.add('media');
    source.remove('m1', START + 2);
    source.restore('m1', START + 3);
    source.late.add('bin');
    source.write({ id: 'm2', revision: 7 }, START + 4);
    source.remove('m2', START + 5);
    const second = await watch(START);
    expect(second.told).toEqual(['m1 r5', 'm2 gone']);
    source.catchUp();
    expect(second.told).toEqual(['m1 r5', 'm2 gone']);
    expect(first.told).toEqual(['m1 r4', 'm1 gone', 'm1 r5', 'm2 gone']);
  });

  test('a media that comes back at once is not taken for gone, whichever listener is late', async () => {
    const { told } = await watch();
    source.write({ id: 'm1', revision: 4 }, START + 1);
    source.late.add('bin');
    source.remove('m1', START + 2);
    source.restore('m1', START + 3);
    source.catchUp();
    expect(told).toEqual(['m1 r4', 'm1 gone', 'm1 r5']);
  });

  test('is told nothing that this release cannot show; then all that it can', async () => {
    const { told } = await watch();
    const schema_version = SCHEMA_VERSION + 1;
    source.write({ id: 'm1', schema_version, status: 'dreaming' as never }, START + 1);
    source.write({ id: 'm2', revision: 2 }, START + 2);
    source.write({ id: 'm1', revision: 2 }, START + 3);
    expect(told).toEqual(['m2 r2', 'm1 r2']);
  });

  test('that leaves is told nothing more, also while it is read for', async () => {
    source.write({ id: 'm1' }, START - 20 * MINUTE);
    const { told, sinceMs, stop } = begin(START - 30 * MINUTE);
    stop();
    await sinceMs;
    source.write({ id: 'm2' }, START + 1);
    expect(told).toEqual([]);
    expect(source.listeners.size).toBe(0);
  });
});

describe('the listeners', () => {
  test('are two for an owner, whatever the number of subscribers, and end with the last one', async () => {
    const readers = [await watch(), await watch(START - 50 * MINUTE), await watch()];
    expect([...source.listeners].map(({ of, fromMs }) => [of, fromMs])).toEqual([
      ['media', START - MINUTE],
      ['bin', START - MINUTE],
    ]);
    const bob = await watch(undefined, 'bob');
    expect(source.listeners.size).toBe(4);
    bob.stop();
    for (const { stop } of readers.slice(1)) stop();
    source.write({ id: 'm1' }, START + 1);
    expect(readers.map(({ told }) => told)).toEqual([['m1 r1'], [], []]);
    readers[0]?.stop();
    expect(source.listeners.size).toBe(0);
    const later = await watch();
    source.write({ id: 'm2' }, START + 2);
    expect(later.told).toContain('m2 r1');
  });

  test('are opened again where they stood after they died, and tell what was missed, and what was erased', async () => {
    const { told } = await watch();
    source.write({ id: 'm1' }, START + 5 * MINUTE);
    source.write({ id: 'm2' }, START + 5 * MINUTE);
    source.die('media');
    source.die('bin');
    source.write({ id: 'm3' }, START + 6 * MINUTE);
    source.erase('m2');
    now = START + 7 * MINUTE;
    expect(told).toEqual(['m1 r1', 'm2 r1']);
    await jest.advanceTimersByTimeAsync(200);
    expect([...source.listeners].map(({ of, fromMs }) => [of, fromMs])).toEqual([
      ['media', START + 4 * MINUTE],
      ['bin', START - MINUTE],
    ]);
    expect(told).toEqual(['m1 r1', 'm2 r1', 'm3 r1', 'm2 gone']);
  });

  test('do not come back after the last subscriber has left', async () => {
    const { stop } = await watch();
    source.die('media');
    stop();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(source.listeners.size).toBe(0);
  });

  test('are opened anew above a thousand documents, after five minutes at the earliest', async () => {
    const { told } = await watch();
    const from = () => [...source.listeners].find(({ of }) => of === 'media')?.fromMs;
    for (let n = 0; n <= 1_000; n++) source.write({ id: `m${n}` }, START + n);
    expect(from()).toBe(START - MINUTE);
    now = START + 5 * MINUTE + 1;
    source.write({ id: 'last' }, now);
    expect(from()).toBe(now - MINUTE);
    await Promise.resolve();
    // The first snapshot of the new listener repeats nothing, and a media that it lacks is not gone.
    expect(told).toHaveLength(1_002);
    source.write({ id: 'm5', revision: 2 }, now + 1);
    source.remove('m6', now + 2);
    expect(told.slice(1_002)).toEqual(['m5 r2', 'm6 gone']);
  });

  test('the age of a change is recorded, that of what was there before is not', async () => {
    source.write({ id: 'm1' }, START - 10);
    await watch(START - 30 * MINUTE);
    await Promise.resolve();
    source.write({ id: 'm2' }, START + 1);
    source.late.add('media');
    source.remove('m2', START + 2);
    expect(pushed).toEqual([START + 1, START + 2]);
  });
});

test.each([
  ['without the index, it is unavailable', 9, { code: 'unavailable', retryAfterMs: 60_000 }],
  ['another refusal is passed on as it is', 7, { code: 7 }],
])('%s', async (_, code, expected) => {
  source.fault = Object.assign(new Error('refused'), { code });
  const { sinceMs, stop } = begin();
  await expect(sinceMs).rejects.toMatchObject(expected);
  stop();
  expect(source.listeners.size).toBe(0);
});
