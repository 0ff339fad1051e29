import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../test/support/eventually.ts';
import { isRunning } from '../test/support/is-running.ts';
import { VisionClient } from './client.ts';

const ENTRY = new URL('../test/support/vision-process.ts', import.meta.url);

let vision: VisionClient;
afterEach(() => vision.close());

function start(options: ConstructorParameters<typeof VisionClient>[0] = {}) {
  vision = new VisionClient({ entry: ENTRY, ...options });
}

/**
 * @returns What the test's vision process answers: the picture, how many pictures it has analysed,
 * and its process id.
 */
async function look(picture: string, signal = new AbortController().signal) {
  const { objects } = await vision.analysePicture(Buffer.from(picture), 'en', signal);
  const [, name, looked, pid] = /^(.*) (\d+) by (\d+)$/.exec(objects?.[0]?.label ?? '') ?? [];
  return { name, looked: Number(looked), pid: Number(pid) };
}

async function isGone(pid: number): Promise<void> {
  await eventually(async () => !isRunning(pid) || undefined);
}

test('the process starts with the first picture and serves all of them', async () => {
  start();
  expect(vision.pid).toBeUndefined();
  const seen = await Promise.all(['a', 'slow', 'b', 'c'].map((picture) => look(picture)));
  expect(seen.map(({ name, looked }) => [name, looked])).toEqual([
    ...[
      ['a', 1],
      ['slow', 2],
      ['b', 3],
      ['c', 4],
    ],
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

test('a picture that takes too long ends the process, and the next gets a new one', async () => {
  start({ cpuMs: 1_500 });
  const { pid } = await look('a');
  const [hung, next] = await Promise.allSettled([look('hang'), look('b')]);
  expect(hung).toMatchObject({ reason: { name: 'VisionError', failure: 'timeout' } });
  expect(next).toMatchObject({ status: 'fulfilled', value: { looked: 1 } });
  await isGone(pid);
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

  test('removes a waiting picture from the queue', async () => {
    start();
    const controller = new AbortController();
    const first = look('slow');
    const waiting = look('b', controller.signal);
    const last = look('c');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(await first).toMatchObject({ looked: 1 });
    expect(await last).toMatchObject({ looked: 2 });
  });

  test('rejects at once while the picture is analysed, and the process goes on', async () => {
    start();
    const controller = new AbortController();
    const { pid } = await look('a');
    const running = look('slow', controller.signal);
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(await look('b')).toEqual({ name: 'b', looked: 3, pid });
  });

  test('before the call starts no process', async () => {
    start();
    await expect(look('a', AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(vision.pid).toBeUndefined();
  });
});

test('a picture that finds the waiting list full is refused as unavailable', async () => {
  start({ maxWaiting: 2 });
  const results = await Promise.allSettled(['a', 'b', 'c', 'd'].map((picture) => look(picture)));
  expect(results.map(({ status }) => status)).toEqual([
    ...['fulfilled', 'fulfilled', 'fulfilled', 'rejected'],
  ]);
  expect(results[3]).toMatchObject({ reason: { name: 'VisionError', failure: 'unavailable' } });
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
