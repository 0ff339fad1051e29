// Local only: these tests stop, kill and weigh the server's process, and look at its files. More of it: `durability.local.long.test.ts`.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, rmSync, truncateSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { startStorage } from '../../../local-cloud/storage/server.ts';
import { needing } from '../../support/needing.ts';
import { connect, expectNoLossWhenKilled, StorageOnDisk } from '../../support/storage-on-disk.ts';

const CHUNK = 256 * 1024;
const WEEK = 7 * 24 * 60 * 60 * 1000;

let storage: StorageOnDisk;
beforeEach(() => {
  storage = new StorageOnDisk();
});
afterEach(() => storage.remove());

test('everything is still there after a restart', async () => {
  const first = await startStorage({ dataDir: storage.dataDir });
  const before = connect(first.port);
  await before.bucket.create({ labels: { a: 'b' } });
  const content = randomBytes(100_000);
  await before.bucket.file('x').save(content, { metadata: { metadata: { k: 'v' } } });
  const [was] = await before.bucket.file('x').getMetadata();
  await first.close();

  // At its old port Google's client would use connections that have ended.
  const second = await startStorage({ dataDir: storage.dataDir, port: 0 });
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

test('an upload session goes on at its address after a restart, unless its port is taken', async () => {
  const first = await startStorage({ dataDir: storage.dataDir });
  const { bucket, endpoint } = connect(first.port);
  await bucket.create();
  const [session] = await bucket.file('x').createResumableUpload();
  expect(session).toContain(endpoint);
  const put = (body: Buffer, range: string) =>
    fetch(session, { method: 'PUT', body, headers: { 'Content-Range': `bytes ${range}` } });
  const content = randomBytes(2 * CHUNK);
  const size = content.length;
  const some = await put(content.subarray(0, CHUNK), `0-${CHUNK - 1}/${size}`);
  expect(some.status).toBe(308);
  await first.close();

  const second = await startStorage({ dataDir: storage.dataDir });
  const rest = await put(content.subarray(CHUNK), `${CHUNK}-${size - 1}/${size}`);
  expect(rest.status).toBe(200);
  await second.close();

  const other = createServer().listen(first.port, first.host);
  await once(other, 'listening');
  const third = await startStorage({ dataDir: storage.dataDir });
  expect(third.port).not.toBe(first.port);
  const [kept] = await connect(third.port).bucket.file('x').download();
  expect(kept.equals(content)).toBe(true);
  await third.close();
  await new Promise((resolve) => other.close(resolve));
});

test.each([
  ['missing', (path: string) => rmSync(path), 404],
  ['cut', (path: string) => truncateSync(path, 10), 500],
])(
  'a file that is %s is an error with a status, in the form of the API that asked',
  async (_title, change, status) => {
    const running = await startStorage({ dataDir: storage.dataDir });
    const { bucket, endpoint } = connect(running.port);
    await bucket.create();
    await bucket.file('x').save(randomBytes(1_000), { resumable: false });
    const objects = join(storage.dataDir, 'objects');
    for (const name of readdirSync(objects)) change(join(objects, name));
    const logged: string[] = [];
    const log = jest.spyOn(console, 'error').mockImplementation((line) => void logged.push(line));
    const url = `${endpoint}/download/storage/v1/b/${bucket.name}/o/x?alt=media`;
    const whole = await fetch(url);
    const part = await fetch(url, { headers: { range: 'bytes=0-4' } });
    log.mockRestore();
    await running.close();
    expect([whole.status, part.status]).toEqual([status, status]);
    expect(await whole.text()).toContain(`${bucket.name}/x`);
    expect(logged[0]).toContain(`${bucket.name}/x has 1000 bytes`);
  },
);

test('killed at any moment, no acknowledged object is lost and no half object shows', () =>
  expectNoLossWhenKilled(storage, [5]));

test('what a killed process left of dead uploads is swept, an open session is not', async () => {
  const { endpoint, bucket } = await storage.spawn();
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
  for (let turn = 0; storage.files < 3 && turn < 100_000; turn++) await setImmediate();
  expect(storage.files).toBe(3);
  await storage.kill();
  await cut;

  const again = await storage.spawn();
  expect(storage.files).toBe(2);
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
  const service = await startStorage({ dataDir: storage.dataDir });
  const { endpoint, bucket } = connect(service.port);
  await bucket.create();
  const path = `${endpoint}/upload/storage/v1/b/${bucket.name}/o?uploadType=media&name=half`;
  const half = request(path, { method: 'POST', headers: { 'content-length': 1_000_000 } });
  half.on('error', () => undefined).write(randomBytes(500_000));
  for (let turn = 0; storage.files < 1 && turn < 100_000; turn++) await setImmediate();
  expect(storage.files).toBe(1);
  half.destroy();
  // The server is done with every request once it is closed.
  await service.close();
  expect(storage.files).toBe(0);
});

test('generations grow even while the clock stands still or goes back', async () => {
  const times = [5000, 5000, 4000];
  const service = await startStorage({
    dataDir: storage.dataDir,
    now: () => times.shift() ?? 3000,
  });
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
  const service = await startStorage({ dataDir: storage.dataDir, now: () => now });
  const { bucket } = connect(service.port);
  await bucket.create();
  const [uri] = await bucket.file('late').createResumableUpload();
  const headers = { 'content-range': `bytes 0-${CHUNK - 1}/*` };
  const send = () => fetch(uri, { method: 'PUT', headers, body: randomBytes(CHUNK) });
  now += WEEK - 1000;
  expect((await send()).status).toBe(308);
  now += 2000;
  expect((await send()).status).toBe(410);
  expect(storage.files).toBe(0);
  await service.close();
});

test('replaced and deleted content leaves the disk, shared content when its last object does', async () => {
  const service = await startStorage({ dataDir: storage.dataDir });
  const { bucket } = connect(service.port);
  await bucket.create();
  await bucket.file('a').save('one');
  await bucket.file('a').save('two');
  expect(storage.files).toBe(1);
  await bucket.file('a').copy('b');
  await bucket.file('a').delete();
  expect(storage.files).toBe(1);
  await bucket.file('b').delete();
  expect(storage.files).toBe(0);
  await expect(
    bucket.file('c').save('x', { resumable: false, metadata: { md5Hash: 'AAAA' } }),
  ).rejects.toThrow();
  expect(storage.files).toBe(0);
  await service.close();
});

test('without a data directory nothing outlives the server', async () => {
  const scratch = () =>
    readdirSync(tmpdir()).filter((name) => name.startsWith(`storage-${process.pid}-`));
  const before = scratch();
  const service = await startStorage();
  expect(scratch()).not.toEqual(before);
  const { bucket } = connect(service.port);
  await bucket.create();
  await bucket.file('x').save('x');
  await service.close();
  expect(scratch()).toEqual(before);
});

needing('proc')('ten uploads of 10 MB side by side stay out of memory', async () => {
  const { endpoint, bucket } = await storage.spawn();
  await bucket.create();
  await Promise.all(Array.from({ length: 10 }, (_, at) => upload(endpoint, `warm-${at}`, 4)));
  const before = storage.residentMegabytes;
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, storage.residentMegabytes);
  }, 20);
  await Promise.all(Array.from({ length: 10 }, (_, at) => upload(endpoint, `large-${at}`, 10)));
  clearInterval(timer);
  expect(peak - before).toBeLessThanOrEqual(60);
});

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
