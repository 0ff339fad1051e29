// Local only: these tests stop, kill and weigh the server's process, and look at its files.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startStorage } from '../../../local/storage/server.ts';
import { endWithUs } from '../../support/end-with-us.ts';
import { needing } from '../../support/needing.ts';
import { clientFor } from '../../support/storage.ts';

const it = needing('proc');

const PROGRAM = fileURLToPath(new URL('../../support/storage-process.ts', import.meta.url));
const CHUNK = 256 * 1024;
const WEEK = 7 * 24 * 60 * 60 * 1000;

let dataDir: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'storage-test-'));
});
afterEach(async () => {
  await kill();
  rmSync(dataDir, { recursive: true });
});

/** Starts a server process on the data directory and connects to it. */
async function spawnStorage() {
  child = endWithUs(
    spawn(process.execPath, [PROGRAM, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  if (!child.stdout) throw new Error('no output to read the port from');
  const [port] = await once(createInterface(child.stdout), 'line');
  return connect(Number(port));
}

function connect(port: number) {
  const endpoint = `http://127.0.0.1:${port}`;
  return { endpoint, bucket: clientFor(endpoint).bucket('durable-bucket') };
}

async function kill(): Promise<void> {
  if (child?.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const filesOnDisk = () => readdirSync(join(dataDir, 'objects')).length;

test('everything is still there after a restart', async () => {
  const first = await startStorage({ dataDir });
  const before = connect(first.port);
  await before.bucket.create({ labels: { a: 'b' } });
  const content = randomBytes(100_000);
  await before.bucket.file('x').save(content, { metadata: { metadata: { k: 'v' } } });
  const [was] = await before.bucket.file('x').getMetadata();
  await first.close();

  const second = await startStorage({ dataDir });
  const { bucket } = connect(second.port);
  expect((await bucket.getMetadata())[0].labels).toEqual({ a: 'b' });
  const [is] = await bucket.file('x').getMetadata();
  const { selfLink: _s, mediaLink: _m, ...stable } = was;
  expect(is).toMatchObject(stable);
  expect((await bucket.file('x').download())[0].equals(content)).toBe(true);
  const newer = bucket.file('x');
  await newer.save('newer', { resumable: false });
  expect(Number(newer.metadata.generation)).toBeGreaterThan(Number(was.generation));
  await second.close();
});

test('killed at any moment, no acknowledged object is lost and no half object shows', async () => {
  let { bucket } = await spawnStorage();
  await bucket.create();
  const acknowledged = new Set<string>();
  for (let round = 0; round < 3; round++) {
    const uploads = Array.from({ length: 30 }, async (_, at) => {
      const name = `${round}-${at}`;
      const content = contentOf(name);
      await bucket.file(name).save(content, { resumable: at % 3 === 0 });
      acknowledged.add(name);
    });
    // Killed in the middle: some uploads are acknowledged, others are on their way.
    await Promise.any(uploads);
    for (let at = 0; at < round * 5; at++) await setImmediate();
    await kill();
    await Promise.allSettled(uploads);
    ({ bucket } = await spawnStorage());
    const [files] = await bucket.getFiles();
    const names = new Set(files.map((file) => file.name));
    expect([...acknowledged].filter((name) => !names.has(name))).toEqual([]);
    for (const file of files) {
      expect((await file.download())[0].equals(contentOf(file.name))).toBe(true);
    }
  }
  expect(acknowledged.size).toBeGreaterThan(2);
});

/** 200 kB or so that depend on the name. */
function contentOf(name: string): Buffer {
  return Buffer.from(`${name} `.repeat(40_000));
}

test('what a killed process left of dead uploads is swept, an open session is not', async () => {
  const { endpoint, bucket } = await spawnStorage();
  await bucket.create();
  await bucket.file('whole').save('whole');
  const content = randomBytes(3 * CHUNK);
  const [uri] = await bucket.file('session').createResumableUpload();
  const headers = { 'content-range': `bytes 0-${CHUNK - 1}/${content.length}` };
  await fetch(uri, { method: 'PUT', headers, body: content.subarray(0, CHUNK) });
  const path = `${endpoint}/upload/storage/v1/b/${bucket.name}/o?uploadType=media&name=half`;
  const half = request(path, { method: 'POST', headers: { 'content-length': 1_000_000 } });
  const cut = once(half, 'error');
  half.write(randomBytes(500_000));
  for (let turn = 0; filesOnDisk() < 3 && turn < 100_000; turn++) await setImmediate();
  expect(filesOnDisk()).toBe(3);
  await kill();
  await cut;

  const again = await spawnStorage();
  expect(filesOnDisk()).toBe(2);
  const resumed = uri.replace(endpoint, again.endpoint);
  const status = await fetch(resumed, { method: 'PUT', headers: { 'content-range': 'bytes */*' } });
  expect([status.status, status.headers.get('range')]).toEqual([308, `bytes=0-${CHUNK - 1}`]);
  const rest = { 'content-range': `bytes ${CHUNK}-${content.length - 1}/${content.length}` };
  const body = content.subarray(CHUNK);
  expect((await fetch(resumed, { method: 'PUT', headers: rest, body })).status).toBe(200);
  expect((await again.bucket.file('session').download())[0].equals(content)).toBe(true);
  expect(await again.bucket.file('half').exists()).toEqual([false]);
});

test('an upload whose sender hangs up leaves no bytes behind', async () => {
  const service = await startStorage({ dataDir });
  const { endpoint, bucket } = connect(service.port);
  await bucket.create();
  const path = `${endpoint}/upload/storage/v1/b/${bucket.name}/o?uploadType=media&name=half`;
  const half = request(path, { method: 'POST', headers: { 'content-length': 1_000_000 } });
  half.on('error', () => undefined).write(randomBytes(500_000));
  for (let turn = 0; filesOnDisk() < 1 && turn < 100_000; turn++) await setImmediate();
  expect(filesOnDisk()).toBe(1);
  half.destroy();
  // The server is done with every request once it is closed.
  await service.close();
  expect(filesOnDisk()).toBe(0);
});

test('generations grow even while the clock stands still or goes back', async () => {
  const times = [5000, 5000, 4000];
  const service = await startStorage({ dataDir, now: () => times.shift() ?? 3000 });
  const { bucket } = connect(service.port);
  await bucket.create();
  const generations: number[] = [];
  for (const content of ['a', 'b', 'c']) {
    const file = bucket.file('x');
    await file.save(content, { resumable: false });
    generations.push(Number(file.metadata.generation));
  }
  const [first = 0, second = 0, third = 0] = generations;
  expect(second).toBeGreaterThan(first);
  expect(third).toBeGreaterThan(second);
  await service.close();
});

test('a session ends after a week, and its bytes with it', async () => {
  let now = Date.now();
  const service = await startStorage({ dataDir, now: () => now });
  const { bucket } = connect(service.port);
  await bucket.create();
  const [uri] = await bucket.file('late').createResumableUpload();
  const headers = { 'content-range': `bytes 0-${CHUNK - 1}/*` };
  const send = () => fetch(uri, { method: 'PUT', headers, body: randomBytes(CHUNK) });
  now += WEEK - 1000;
  expect((await send()).status).toBe(308);
  now += 2000;
  expect((await send()).status).toBe(410);
  expect(filesOnDisk()).toBe(0);
  await service.close();
});

test('replaced and deleted content leaves the disk, shared content when its last object does', async () => {
  const service = await startStorage({ dataDir });
  const { bucket } = connect(service.port);
  await bucket.create();
  await bucket.file('a').save('one');
  await bucket.file('a').save('two');
  expect(filesOnDisk()).toBe(1);
  await bucket.file('a').copy('b');
  await bucket.file('a').delete();
  expect(filesOnDisk()).toBe(1);
  await bucket.file('b').delete();
  expect(filesOnDisk()).toBe(0);
  await expect(
    bucket.file('c').save('x', { resumable: false, metadata: { md5Hash: 'AAAA' } }),
  ).rejects.toThrow();
  expect(filesOnDisk()).toBe(0);
  await service.close();
});

test('without a data directory nothing outlives the server', async () => {
  const scratch = () =>
    readdirSync(tmpdir())
      .filter((name) => name.startsWith('storage-'))
      .sort();
  const before = scratch();
  const service = await startStorage();
  const { bucket } = connect(service.port);
  await bucket.create();
  await bucket.file('x').save('x');
  await service.close();
  expect(
    scratch().filter((name) => !before.includes(name) && !name.startsWith('storage-test-')),
  ).toEqual([]);
});

it('20 uploads of 10 MB side by side stay out of memory', async () => {
  const { endpoint, bucket } = await spawnStorage();
  await bucket.create();
  await Promise.all(Array.from({ length: 20 }, (_, at) => upload(endpoint, `warm-${at}`, 4)));
  const before = residentMegabytes();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMegabytes());
  }, 20);
  await Promise.all(Array.from({ length: 20 }, (_, at) => upload(endpoint, `large-${at}`, 10)));
  clearInterval(timer);
  expect(peak - before).toBeLessThanOrEqual(60);
});

/** Memory of the server's process, as Linux counts it. */
function residentMegabytes(): number {
  const status = readFileSync(`/proc/${child?.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

async function upload(endpoint: string, name: string, megabytes: number): Promise<void> {
  const piece = Buffer.alloc(1 << 20, name);
  const url = `${endpoint}/upload/storage/v1/b/durable-bucket/o?uploadType=media&name=${name}`;
  const response = await fetch(url, {
    method: 'POST',
    body: Readable.from(Array.from({ length: megabytes }, () => piece)),
    duplex: 'half',
  } as RequestInit);
  const { size } = (await response.json()) as { size: string };
  expect(size).toBe(String(megabytes << 20));
}
