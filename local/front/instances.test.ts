/** The number of instances, and when they start, freeze and end. Real processes behind real HTTP. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { endWithUs } from '../../test/support/end-with-us.ts';
import { eventually } from '../../test/support/eventually.ts';
import { HANG_LIMIT_MS, orHang } from '../../test/support/hang-limit.ts';
import { needing } from '../../test/support/needing.ts';
import type { CheckInvoker } from './invoker.ts';
import { startWorld, type World, type WorldOptions } from './testing/world.ts';

const it = needing('signals');

let world: World;
const folders: string[] = [];
afterEach(async () => {
  await world.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const start = async (options?: WorldOptions) => {
  world = await startWorld(options);
};

/** Opens a stream and reads its first event, so that the stream certainly runs. */
async function openStream(): Promise<AbortController> {
  const leave = new AbortController();
  const response = await world.call('/stream', { signal: leave.signal });
  await response.body?.getReader().read();
  return leave;
}

/** From ps(1): T for a stopped process, Z for one whose parent has not read its exit status. */
const stateOf = (pid: number) =>
  execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });

const isStopped = (pid: number) => stateOf(pid).startsWith('T');

/** A zombie counts as ended: only its exit status was not read yet. */
function hasEnded(pid: number): boolean {
  try {
    return stateOf(pid).startsWith('Z');
  } catch {
    return true;
  }
}

const untilThereAre = (count: number) =>
  eventually(async () => (world.service.pids.length === count ? true : undefined));

const untilWaiting = (count: number) =>
  eventually(async () => (world.service.waiting === count ? true : undefined));

test('an instance takes as many requests as its concurrency; the next request goes to another one', async () => {
  await start();
  await openStream();
  const first = await world.said();
  await openStream();
  const second = await world.said();
  expect(second.pid).not.toBe(first.pid);
  expect(world.service.pids).toEqual([first.pid, second.pid]);
});

test('no second instance starts as long as one is enough', async () => {
  await start();
  const pids = new Set<number>();
  for (let i = 0; i < 5; i++) pids.add((await world.said()).pid);
  expect(pids.size).toBe(1);
});

test('when all instances are full, a request waits for a place', async () => {
  await start({ settings: { concurrency: 1, maxInstances: 1 }, pendingMs: 2 * HANG_LIMIT_MS });
  const leave = await openStream();
  const waiting = world.said();
  await untilWaiting(1);
  leave.abort();
  expect((await waiting).pid).toBe(world.service.pid);
});

test('when no place becomes free in time, a request is refused with 429', async () => {
  await start({ settings: { concurrency: 1, maxInstances: 1 }, pendingMs: 100 });
  await world.service.listening();
  await openStream();
  const refused = await world.call('/');
  expect(refused.status).toBe(429);
  expect(await refused.text()).toContain('Rate exceeded.');
});

test('when no instance starts, a request is refused with 503', async () => {
  await start({ command: ['--eval', 'process.exit(1)'], pendingMs: 300 });
  const refused = await world.call('/');
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBeNull();
});

test('a request waits longer while an instance starts', async () => {
  await start({ environment: { START_MS: '500' }, pendingMs: 50 });
  expect((await world.said()).pid).toBe(world.service.pid);
});

test('a request waits for a starting instance also after an instance has crashed', async () => {
  await start({ environment: { START_MS: '500' }, pendingMs: 50 });
  await world.said();
  expect((await world.call('/die', { method: 'POST' })).status).toBe(503);
  await eventually(async () => (world.service.pids.length === 0 ? true : undefined));
  // No request waits for one yet.
  expect(world.reports).toEqual(['container ended (1)']);
  await world.said();
});

test('a caller that disconnects while it waits takes no place', async () => {
  await start({ settings: { concurrency: 1, maxInstances: 1 }, pendingMs: 2 * HANG_LIMIT_MS });
  const leave = await openStream();
  const gone = new AbortController();
  const waiting = world.call('/stream', { signal: gone.signal });
  await untilWaiting(1);
  gone.abort();
  await expect(waiting).rejects.toThrow();
  await untilWaiting(0);
  leave.abort();
  await world.said();
});

test('a caller that disconnects during the check of its token takes no place', async () => {
  const asked = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  const checkInvoker: CheckInvoker = async (headers) => {
    asked.resolve();
    await told.promise;
    return headers;
  };
  await start({ settings: { concurrency: 1, maxInstances: 1 }, checkInvoker });
  await world.service.listening();
  const gone = new AbortController();
  const leaving = world.call('/', { signal: gone.signal });
  await asked.promise;
  gone.abort();
  await expect(leaving).rejects.toThrow();
  // The front sees by its connection that the caller has left.
  await sleep(100);
  told.resolve();
  await world.said();
});

test('an instance that is idle for long enough is ended, unless it is one of minInstances', async () => {
  await start({ settings: { minInstances: 1 }, conduct: { idleMs: 50 } });
  const streams = [await openStream(), await openStream(), await openStream()];
  expect(world.service.pids).toHaveLength(2);
  for (const stream of streams) stream.abort();
  await untilThereAre(1);
  const [left] = world.service.pids;
  const { release } = await world.service.acquire(new AbortController().signal);
  release();
  // The instance's timer began before this longer one, in the same process.
  await sleep(51);
  expect((await world.said()).pid).toBe(left);
});

test('with minInstances 0 the last instance ends, and the next request starts one', async () => {
  await start({ conduct: { idleMs: 50 } });
  const { pid } = await world.said();
  await untilThereAre(0);
  expect((await world.said()).pid).not.toBe(pid);
});

test('in spread mode two requests of one caller reach two instances', async () => {
  await start({ settings: { minInstances: 2 }, conduct: { spreads: true } });
  const seen = new Set<number>();
  await eventually(async () => seen.add((await world.said()).pid).size === 2 || undefined);
  // From now on both serve.
  const pids = [(await world.said()).pid, (await world.said()).pid];
  expect(new Set(pids).size).toBe(2);
});

test('an instance that dies is replaced, and its requests get 503', async () => {
  await start({ settings: { minInstances: 1 } });
  const { pid } = await world.said();
  expect((await world.call('/die', { method: 'POST', body: 'x' })).status).toBe(503);
  // Happens also without a request.
  const others = () => world.service.pids.filter((each) => each !== pid);
  await eventually(async () => (others().length === 1 ? true : undefined));
  expect((await world.said()).pid).not.toBe(pid);
});

it('after its answer an instance has no CPU, until the next request', async () => {
  await start({ conduct: { freezes: true } });
  const folder = mkdtempSync(join(tmpdir(), 'front-'));
  folders.push(folder);
  const file = join(folder, 'work');
  const { pid } = await world.said(`/after?file=${file}`);
  await eventually(async () => (isStopped(pid) ? true : undefined));
  const done = () => readFileSync(file, { encoding: 'utf8', flag: 'a+' }).length;
  const before = done();
  await sleep(200);
  expect(done()).toBe(before);
  await openStream();
  await eventually(async () => (done() > before ? true : undefined));
  expect((await world.said()).pid).toBe(pid);
});

it('an instance with an open stream is never frozen', async () => {
  await start({ conduct: { freezes: true } });
  const response = await world.call('/stream');
  const reader = response.body?.getReader();
  await reader?.read();
  const { pid } = await world.said();
  for (let i = 0; i < 10; i++) expect((await reader?.read())?.done).toBe(false);
  expect(isStopped(pid)).toBe(false);
  await reader?.cancel();
  await eventually(async () => (isStopped(pid) ? true : undefined));
});

it('an instance that is told to end finishes its requests and gets no new ones', async () => {
  await start({ environment: { TERM: 'drain' } });
  await world.service.listening();
  const held = world.said('/hold');
  const { pid } = await world.said();
  const closing = world.service.close();
  expect((await held).pid).toBe(pid);
  expect((await world.call('/')).status).toBe(503);
  await closing;
});

it('an instance that still runs after the grace period is killed, and its requests are cut off', async () => {
  await start({ environment: { TERM: 'ignore' }, graceMs: 200 });
  const stream = await world.call('/stream');
  const cut = expect(stream.text()).rejects.toThrow();
  await world.service.close();
  await cut;
  expect(world.service.pids).toEqual([]);
});

it('a frozen instance gets SIGTERM like any other', async () => {
  // An instance that is frozen then cannot end by itself in time, and is killed.
  const graceMs = 1.5 * HANG_LIMIT_MS;
  await start({ conduct: { freezes: true }, environment: { TERM: 'drain' }, graceMs });
  const { pid } = await world.said();
  await eventually(async () => (isStopped(pid) ? true : undefined));
  await orHang(world.service.close(), 'the end of a frozen instance');
  expect(world.service.pids).toEqual([]);
});

it('every second idle instance ends without SIGTERM', async () => {
  // An instance that got SIGTERM would ignore it and stay for a long time.
  await start({ conduct: { idleMs: 30, vanishes: true }, environment: { TERM: 'ignore' } });
  const first = await world.said();
  // Between two of these requests it is idle for long enough.
  const second = await eventually(async () => {
    const said = await world.said();
    return said.pid === first.pid ? undefined : said;
  });
  await eventually(async () => (world.service.pids.includes(second.pid) ? undefined : true));
  expect(world.service.pids).toContain(first.pid);
  process.kill(first.pid, 'SIGKILL');
});

it('a frozen instance ends when its front is killed', async () => {
  await start();
  const module = new URL('./testing/world.ts', import.meta.url).href;
  const program = `import { startWorld } from '${module}';
    const world = await startWorld({ conduct: { freezes: true } });
    console.log((await world.said()).pid);`;
  const front = endWithUs(
    spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const [line] = (await once(front.stdout, 'data')) as [Buffer];
  const pid = Number(line);
  try {
    await eventually(async () => (isStopped(pid) ? true : undefined));
    front.kill('SIGKILL');
    await eventually(async () => (hasEnded(pid) ? true : undefined));
  } finally {
    if (!hasEnded(pid)) process.kill(pid, 'SIGKILL');
  }
});
