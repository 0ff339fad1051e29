import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { eventually } from '../test/support/eventually.ts';
import { isRunning } from '../test/support/is-running.ts';
import { type JobIo, Sandbox, type SandboxOptions } from './client.ts';

const ENTRY = new URL('../test/support/sandbox-process.ts', import.meta.url);
const LIMITS = { processes: 1, memoryBytes: 300e6, heapMb: 64, cpuMs: 1_500 };

const shared = new Sandbox({ entry: ENTRY, ...LIMITS });
afterAll(() => shared.close());

let sandbox: Sandbox;
afterEach(() => {
  if (sandbox !== shared) sandbox.close();
});

function start(options: Partial<SandboxOptions> = {}): void {
  sandbox = new Sandbox({ entry: ENTRY, ...LIMITS, ...options });
}

/** One process for all jobs that leave it as it was. */
function startOrGoOn(): void {
  sandbox = shared;
}

let lanes = 0;
const run = (task: string, io: Partial<JobIo> = {}) =>
  sandbox.run(task, { lane: `lane ${++lanes}`, ...io }, z.string());

async function job(task: string) {
  const [, name, jobs, pid] = /^(.*) (\d+) by (\d+)$/.exec(await run(task)) ?? [];
  return { name, jobs: Number(jobs), pid: Number(pid) };
}

const isGone = (pid: number) => eventually(async () => !isRunning(pid) || undefined);

test('starts no process before the first job, and one for all of them', async () => {
  start();
  expect(sandbox.pids).toEqual([]);
  const done = await Promise.all(['a', 'b', 'c'].map(job));
  expect(done.map(({ name, jobs }) => [name, jobs])).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  expect(sandbox.pids).toEqual([done[0]?.pid]);
});

test.each([
  ['hang', 'cpu'],
  ['heap', 'memory'],
  ['buffers', 'memory'],
  ['crash', 'crash'],
  ['nonsense', 'crash'],
])(
  'a job that would %s ends as one that exceeded a limit, and the next one runs',
  async (task, limit) => {
    start(task === 'hang' ? { cpuMs: 500 } : {});
    const [bad, good] = await Promise.allSettled([run(task), job('b')]);
    expect(bad).toMatchObject({
      status: 'rejected',
      reason: { name: 'LimitExceededError', limit },
    });
    expect(good).toMatchObject({ status: 'fulfilled', value: { name: 'b', jobs: 1 } });
  },
);

test('a job that asks for bytes again and again ends as one that exceeded a limit, and the next one runs', async () => {
  start({ maxReads: 3 });
  let reads = 0;
  const read = async () => {
    // Without the limit the job would never end.
    if (++reads > 10) throw new Error('more than the limit');
    return Buffer.from('x');
  };
  const [bad, good] = await Promise.allSettled([run('read for ever', { read }), job('b')]);
  expect(bad).toMatchObject({ reason: { name: 'LimitExceededError', limit: 'reads' } });
  expect(reads).toBe(3);
  expect(good).toMatchObject({ status: 'fulfilled', value: { name: 'b', jobs: 1 } });
});

test('a job may ask for bytes as often as the one before it', async () => {
  start({ maxReads: 1 });
  const read = async () => Buffer.from('xyz');
  expect([await run('read', { read }), await run('read', { read })]).toEqual(['xyz', 'xyz']);
});

test('the time that a job waits for the service is none of its CPU time', async () => {
  start({ cpuMs: 400 });
  const gate = Promise.withResolvers<Buffer>();
  const reading = run('read', { read: () => gate.promise });
  await once(setTimeoutEvents(1_000), 'over');
  gate.resolve(Buffer.from('xyz'));
  expect(await reading).toBe('xyz');
});

/** Any time over the limit will do. */
function setTimeoutEvents(ms: number): EventTarget {
  const target = new EventTarget();
  setTimeout(() => target.dispatchEvent(new Event('over')), ms);
  return target;
}

describe('a job', () => {
  test('that is silent is given up, and nothing is said of the file', async () => {
    start({ silentMs: 300 });
    const error = await run('sleep').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'Error', message: 'The sandbox did nothing for 300 ms.' });
  });

  test('that works is not silent, however long it takes', async () => {
    start({ cpuMs: 2_500, silentMs: 1_000 });
    await expect(run('hang')).rejects.toMatchObject({ limit: 'cpu' });
  });

  test('that waits for the service is not silent, however long the service takes', async () => {
    start({ silentMs: 300 });
    const gate = Promise.withResolvers<Buffer>();
    const reading = run('read', { read: () => gate.promise });
    await once(setTimeoutEvents(1_000), 'over');
    gate.resolve(Buffer.from('xyz'));
    expect(await reading).toBe('xyz');
  });

  const it = process.platform === 'win32' ? test.skip : test;
  it('that the machine has stopped is not silent, and goes on', async () => {
    start({ silentMs: 300 });
    const { pid } = await job('a');
    const working = run('hang').catch((error: unknown) => error);
    process.kill(pid, 'SIGSTOP');
    await once(setTimeoutEvents(1_000), 'over');
    process.kill(pid, 'SIGCONT');
    expect(await working).toMatchObject({ limit: 'cpu' });
  });
});

test('memory that earlier files left behind is no fault of this one', async () => {
  start();
  await run('keep 150 MB');
  expect(await job('take 150 MB')).toMatchObject({ jobs: 1 });
});

test('jobs of one lane run one after the other, and those of another beside them', async () => {
  start({ processes: 2 });
  const [first, second] = [Promise.withResolvers<Buffer>(), Promise.withResolvers<Buffer>()];
  const order: string[] = [];
  const of = (name: string, lane: string, read: () => Promise<Buffer>) =>
    run('read', { lane, read }).then(() => order.push(name));
  const jobs = [
    of('a1', 'a', () => first.promise),
    of('a2', 'a', () => second.promise),
    of('b1', 'b', async () => Buffer.from('xyz')),
  ];
  await jobs[2];
  expect(order).toEqual(['b1']);
  first.resolve(Buffer.from('xyz'));
  second.resolve(Buffer.from('xyz'));
  await Promise.all(jobs);
  expect(order).toEqual(['b1', 'a1', 'a2']);
});

describe('what the service does for a job', () => {
  test('reads and writes for it', async () => {
    startOrGoOn();
    const written: string[] = [];
    const read = async (from: number, to: number) => Buffer.from(`0123456789`.slice(from, to));
    expect(await run('read', { read })).toBe('123');
    const write = async (bytes: Uint8Array) => void written.push(Buffer.from(bytes).toString());
    expect(await run('write', { write })).toBe('written');
    expect(written).toEqual(['ab', 'cd']);
  });

  test('may fail: that is no fault of the file', async () => {
    startOrGoOn();
    const down = new Error('storage is down');
    await expect(run('read', { read: () => Promise.reject(down) })).rejects.toBe(down);
    await expect(run('write', { write: () => Promise.reject(down) })).rejects.toBe(down);
  });

  test('cannot be taken back: a crash after a write is no verdict', async () => {
    start();
    const write = async () => undefined;
    await expect(run('write and crash', { write })).rejects.toMatchObject({ name: 'Error' });
  });
});

test('an error of the job comes with its code', async () => {
  startOrGoOn();
  const error = { name: 'JobError', code: 'media_corrupt', message: 'no such picture' };
  await expect(run('fail')).rejects.toMatchObject(error);
});

test('an error of the job says where it happened', async () => {
  startOrGoOn();
  const stack = expect.stringMatching(/^Error: bad byte\n.*sandbox-process/);
  await expect(run('fail because')).rejects.toMatchObject({
    cause: { message: 'bad byte', stack },
  });
  const unforeseen = expect.stringMatching(/^TypeError: of undefined\n.*sandbox-process/);
  await expect(run('fail unforeseen')).rejects.toMatchObject({ stack: unforeseen });
});

test('an answer that is not what was asked for is refused', async () => {
  startOrGoOn();
  const number = sandbox.run('a', { lane: 'a' }, z.number());
  await expect(number).rejects.toMatchObject({ name: 'ZodError' });
});

test('what a parser prints is not in the log of the service', async () => {
  startOrGoOn();
  expect(await run('print')).toBe('printed');
});

describe('an abort', () => {
  const reason = new Error('the lease is lost');

  test('takes a waiting job out, and ends the process of a running one', async () => {
    start();
    const controller = new AbortController();
    const { pid } = await job('a');
    const running = run('hang', { signal: controller.signal });
    const waiting = run('b', { signal: controller.signal });
    const last = job('c');
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(await last).toMatchObject({ jobs: 1 });
    await isGone(pid);
  });

  test('that came before starts nothing', async () => {
    start();
    await expect(run('a', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(sandbox.pids).toEqual([]);
  });
});

test('with nothing to do its memory is given back, and the next job starts it again', async () => {
  start({ idleMs: 20 });
  const { pid } = await job('a');
  await isGone(pid);
  expect(await job('b')).toMatchObject({ jobs: 1 });
});

test('without a job nothing of it keeps the service alive, its pipes neither', async () => {
  start();
  const pipes = () => process.getActiveResourcesInfo().filter((each) => /Pipe|Process/.test(each));
  const before = pipes();
  await job('a');
  expect(pipes()).toEqual(before);
});

test('the process knows no keys', async () => {
  process.env.GEMINI_API_KEY = 'a-secret';
  start();
  const environment = await run('environment');
  expect(environment).toContain('MALLOC_ARENA_MAX');
  expect(environment).not.toContain('a-secret');
  delete process.env.GEMINI_API_KEY;
});

test.each(['TMPDIR', 'TEMP', 'TMP'])('the process knows the folder that %s names', async (name) => {
  const before = process.env[name];
  process.env[name] = 'a-folder';
  try {
    start();
    expect(JSON.parse(await run('environment'))).toMatchObject({ [name]: 'a-folder' });
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
});

test('not even a process that hangs outlives a service that was killed', async () => {
  const client = new URL('./client.ts', import.meta.url).href;
  const options = JSON.stringify({ ...LIMITS, cpuMs: 600_000 });
  const service = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { Sandbox } from ${JSON.stringify(client)};
       const entry = new URL(${JSON.stringify(ENTRY.href)});
       const sandbox = new Sandbox({ entry, ...${options} });
       const never = sandbox.run('hang', { lane: 'a' }, { parse: (value) => value });
       console.log(sandbox.pids[0]);
       await never;`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  start();
  const [pid] = await once(service.stdout, 'data');
  service.kill('SIGKILL');
  await isGone(Number(pid));
});
