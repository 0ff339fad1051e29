import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../test/support/eventually.ts';
import { isRunning } from '../test/support/is-running.ts';
import { VisionClient } from './client.ts';

const ENTRY = new URL('../test/support/vision-process.ts', import.meta.url);

let vision: VisionClient;
afterEach(() => vision.close());

function start(options: ConstructorParameters<typeof VisionClient>[0] = {}) {
  vision = new VisionClient({ entry: ENTRY, ...options });
}

/** @returns the answer of the test's process: the picture, how many pictures it has analysed, and its process id */
async function look(
  picture: string,
  signal = new AbortController().signal,
  language: string | undefined = 'en',
) {
  const { codes } = await vision.analysePicture(Buffer.from(picture), language, signal);
  const [, name, looked, pid] = /^(.*) (\d+) by (\d+)$/.exec(codes?.[0]?.text ?? '') ?? [];
  return { name, looked: Number(looked), pid: Number(pid) };
}

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vision-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

let doors = 0;
/** A picture whose analysis ends when the test opens it. */
function slowPicture() {
  const door = join(dir, `door${++doors}`);
  return {
    name: `at ${door}`,
    begun: () => eventually(async () => existsSync(door) || undefined),
    open: () => writeFileSync(`${door}.open`, ''),
  };
}

async function isGone(pid: number): Promise<void> {
  await eventually(async () => !isRunning(pid) || undefined);
}

test('the process starts with the first picture and serves all of them', async () => {
  start();
  expect(vision.pid).toBeUndefined();
  const seen = await Promise.all(['a', 'b', 'c'].map((picture) => look(picture)));
  expect(seen.map(({ name, looked }) => [name, looked])).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  expect(new Set(seen.map(({ pid }) => pid))).toEqual(new Set([vision.pid]));
});

test.each([
  ['crash', 'unavailable'],
  ['nonsense', 'unavailable'],
  ['no networks', 'unavailable'],
  ['no picture', 'rejected'],
])('%s fails one picture, and the next one is analysed', async (trouble, failure) => {
  start();
  const results = await Promise.allSettled(['a', trouble, 'b'].map((picture) => look(picture)));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(results[1]).toMatchObject({ reason: { name: 'VisionError', failure } });
});

test('a picture without end ends the process, and the next gets a new one', async () => {
  start({ cpuMs: 1_500 });
  const { pid } = await look('a');
  const [hung, next] = await Promise.allSettled([look('hang'), look('b')]);
  expect(hung).toMatchObject({ reason: { name: 'VisionError', failure: 'rejected' } });
  expect(next).toMatchObject({ status: 'fulfilled', value: { looked: 1 } });
  await isGone(pid);
});

describe('a picture is looked at once', () => {
  test('for all who ask meanwhile, and for all who ask later', async () => {
    start();
    const [one, other] = await Promise.all([look('a'), look('a')]);
    expect([one, other, await look('a')]).toMatchObject(Array(3).fill({ looked: 1 }));
    expect(await look('b')).toMatchObject({ looked: 2 });
  });

  test('in each language, which has a part in how it is read', async () => {
    start();
    await look('a');
    expect(await look('a', undefined, 'ja')).toMatchObject({ looked: 2 });
  });

  test('and the verdict that it cannot be looked at is kept, too', async () => {
    start();
    for (let n = 0; n < 2; n++) {
      await expect(look('no picture')).rejects.toMatchObject({ failure: 'rejected' });
    }
    expect(await look('a')).toMatchObject({ looked: 2 });
  });

  test.each(['no networks', 'no text'])('and again after a failure: %s', async (picture) => {
    start();
    await look(picture).catch(() => undefined);
    await look(picture).catch(() => undefined);
    expect(await look('a')).toMatchObject({ looked: 3 });
  });

  test('and again when so many others have come after it that it is forgotten', async () => {
    start({ maxCached: 2 });
    for (const picture of ['a', 'b', 'c']) await look(picture);
    expect(await look('b')).toMatchObject({ looked: 2 });
    expect(await look('a')).toMatchObject({ looked: 4 });
  });
});

test('a process that was killed while it had nothing to do is started again', async () => {
  start();
  const { pid } = await look('a');
  process.kill(pid, 'SIGKILL');
  await isGone(pid);
  const next = await look('b').catch(() => look('b'));
  expect(next).toMatchObject({ looked: 1 });
});

describe('an abort', () => {
  const reason = new Error('the lease is lost');

  test('of all who want it takes a waiting picture out of the queue', async () => {
    start();
    const slow = slowPicture();
    const controller = new AbortController();
    const first = look(slow.name);
    const waiting = look('b', controller.signal);
    const wanted = [look('c', controller.signal), look('c')];
    controller.abort(reason);
    slow.open();
    await expect(waiting).rejects.toBe(reason);
    await expect(wanted[0]).rejects.toBe(reason);
    expect(await first).toMatchObject({ looked: 1 });
    expect(await wanted[1]).toMatchObject({ name: 'c', looked: 2 });
    expect(await look('b')).toMatchObject({ name: 'b', looked: 3 });
  });

  test('rejects at once, and the look goes on for whoever asks next', async () => {
    start();
    const slow = slowPicture();
    const controller = new AbortController();
    const { pid } = await look('a');
    const running = look(slow.name, controller.signal);
    await slow.begun();
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    const joined = look(slow.name);
    slow.open();
    expect(await joined).toEqual({ name: slow.name, looked: 2, pid });
    expect(await look('b')).toMatchObject({ looked: 3, pid });
  });

  test('loses no result that comes when nobody waits', async () => {
    start();
    const slow = slowPicture();
    const controller = new AbortController();
    const running = look(slow.name, controller.signal);
    await slow.begun();
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    slow.open();
    expect(await look('b')).toMatchObject({ looked: 2 });
    expect(await look(slow.name)).toMatchObject({ looked: 1 });
  });

  test('before the call starts no process', async () => {
    start();
    await expect(look('a', AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(vision.pid).toBeUndefined();
  });
});

test('an idle process ends, and the next picture starts a new one', async () => {
  start({ idleMs: 20 });
  const { pid } = await look('a');
  await isGone(pid);
  expect(await look('b')).toMatchObject({ looked: 1 });
});

test('without the networks the picture is rejected for good', async () => {
  start({ entry: new URL('./not-there.ts', import.meta.url) });
  await expect(look('a')).rejects.toMatchObject({ failure: 'rejected' });
  await expect(look('a')).rejects.toThrow(/local\/facts/);
});
