import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import type { Bucket, File } from '@google-cloud/storage';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestStorage, type TestStorage } from '../../support/storage.ts';

const CHUNK = 256 * 1024;
const CONTENT = randomBytes(2 * CHUNK + 1000);

let storage: TestStorage;
let bucket: Bucket;
beforeAll(async () => {
  storage = await openTestStorage();
  bucket = await storage.createBucket();
});
afterAll(() => storage.close());

let count = 0;
async function start(options: object = {}): Promise<{ file: File; uri: string }> {
  const file = bucket.file(`resumable-${++count}`);
  const [uri] = await file.createResumableUpload(options);
  return { file, uri };
}

/** Sends bytes `from` up to, not including, `to` of `content` and names the total as given. */
function send(uri: string, from: number, to: number, total: number | '*', content = CONTENT) {
  return fetch(uri, {
    method: 'PUT',
    headers: { 'content-range': `bytes ${from}-${to - 1}/${total}` },
    body: content.subarray(from, to),
  });
}

const ask = (uri: string, total: number | '*' = '*') =>
  fetch(uri, { method: 'PUT', headers: { 'content-range': `bytes */${total}` } });

async function expectProgress(response: Response, bytes: number): Promise<void> {
  expect(response.status).toBe(308);
  expect(response.headers.get('range')).toBe(bytes === 0 ? null : `bytes=0-${bytes - 1}`);
  await response.text();
}

async function expectStored(file: File, content = CONTENT): Promise<void> {
  expect((await file.download())[0].equals(content)).toBe(true);
}

test('chunks of a known size add up to the object, which appears with the last one', async () => {
  const { file, uri } = await start({ metadata: { contentType: 'image/png' } });
  await expectProgress(await ask(uri), 0);
  await expectProgress(await send(uri, 0, CHUNK, CONTENT.length), CHUNK);
  await expectProgress(await send(uri, CHUNK, 2 * CHUNK, CONTENT.length), 2 * CHUNK);
  expect(await file.exists()).toEqual([false]);
  const last = await send(uri, 2 * CHUNK, CONTENT.length, CONTENT.length);
  expect(last.status).toBe(200);
  expect(await last.json()).toMatchObject({
    name: file.name,
    size: String(CONTENT.length),
    contentType: 'image/png',
  });
  await expectStored(file);
});

test('chunks of an unknown size end with the one that names the total', async () => {
  const { file, uri } = await start();
  await expectProgress(await send(uri, 0, 2 * CHUNK, '*'), 2 * CHUNK);
  expect((await send(uri, 2 * CHUNK, CONTENT.length, CONTENT.length)).status).toBe(200);
  await expectStored(file);
});

test('an upload whose last chunk did not know it was the last is ended by its total', async () => {
  const { file, uri } = await start();
  await expectProgress(await send(uri, 0, 2 * CHUNK, '*'), 2 * CHUNK);
  expect((await ask(uri, 2 * CHUNK)).status).toBe(200);
  await expectStored(file, CONTENT.subarray(0, 2 * CHUNK));
});

test('one request without a range brings the whole object', async () => {
  const { file, uri } = await start();
  expect((await fetch(uri, { method: 'PUT', body: CONTENT })).status).toBe(200);
  await expectStored(file);
});

test('an empty object is one request without bytes', async () => {
  const { file, uri } = await start();
  expect((await ask(uri, 0)).status).toBe(200);
  await expectStored(file, Buffer.alloc(0));
});

test('a finished session answers with its object, however often it is asked', async () => {
  const { uri } = await start();
  const first = await (await fetch(uri, { method: 'PUT', body: CONTENT })).json();
  expect(await (await ask(uri)).json()).toEqual(first);
  expect(await (await ask(uri, CONTENT.length)).json()).toEqual(first);
  const repeated = await send(uri, 2 * CHUNK, CONTENT.length, CONTENT.length);
  expect(await repeated.json()).toEqual(first);
});

test('bytes that are there already are skipped when they come again', async () => {
  const { file, uri } = await start();
  await expectProgress(await send(uri, 0, CHUNK, CONTENT.length), CHUNK);
  const different = Buffer.concat([randomBytes(CHUNK), CONTENT.subarray(CHUNK)]);
  await expectProgress(await send(uri, 0, 2 * CHUNK, CONTENT.length, different), 2 * CHUNK);
  expect((await send(uri, 0, CONTENT.length, CONTENT.length, different)).status).toBe(200);
  await expectStored(file);
});

test('a chunk that would leave a gap is refused and the session goes on', async () => {
  const { file, uri } = await start();
  await expectProgress(await send(uri, 0, CHUNK, CONTENT.length), CHUNK);
  expect((await send(uri, 2 * CHUNK, CONTENT.length, CONTENT.length)).status).toBe(503);
  await expectProgress(await ask(uri), CHUNK);
  expect((await send(uri, CHUNK, CONTENT.length, CONTENT.length)).status).toBe(200);
  await expectStored(file);
});

test.each([CONTENT.length, '*' as const])(
  'of a chunk that is no multiple of 256 KiB, whole multiples are kept (total %s)',
  async (total) => {
    const { file, uri } = await start();
    await expectProgress(await send(uri, 0, CHUNK + 1, total), CHUNK);
    await expectProgress(await ask(uri), CHUNK);
    await expectProgress(await send(uri, CHUNK, 2 * CHUNK + 500, total), 2 * CHUNK);
    // The byte after the last multiple was not kept: the upload cannot end with it.
    await expectProgress(await ask(uri, total), 2 * CHUNK);
    const last = await send(uri, 2 * CHUNK, CONTENT.length, CONTENT.length);
    expect(last.status).toBe(200);
    await last.text();
    await expectStored(file);
  },
);

test.each([
  ['is smaller than 256 KiB', 0, 1000, CONTENT.length],
  ['is smaller than 256 KiB, of an unknown size', 0, 1000, '*' as const],
  ['ends after the total', 0, CHUNK, CHUNK - 1],
])('a chunk that %s is refused', async (_, from, to, total) => {
  const { uri } = await start();
  expect((await send(uri, from, to, total)).status).toBe(400);
  await expectProgress(await ask(uri), 0);
});

test('a body of another length than its range is refused', async () => {
  const { uri } = await start();
  const headers = { 'content-range': `bytes 0-${CHUNK - 1}/${CONTENT.length}` };
  const body = CONTENT.subarray(0, CHUNK + 1);
  expect((await fetch(uri, { method: 'PUT', headers, body })).status).toBe(400);
  await expectProgress(await ask(uri), 0);
});

test.each(['0-1/2', 'bytes 5-1/10', 'bytes 0-1', 'bytes -5/10', 'bytes a-b/c'])(
  'the range %j is refused',
  async (range) => {
    const { uri } = await start();
    const response = await fetch(uri, { method: 'PUT', headers: { 'content-range': range } });
    expect(response.status).toBe(400);
  },
);

test('a size declared at the start holds to the end', async () => {
  const { uri } = await start({ metadata: { contentLength: CONTENT.length } });
  expect((await send(uri, 0, CHUNK, CONTENT.length + 1)).status).toBe(400);
  expect((await fetch(uri, { method: 'PUT', body: `${CONTENT}more` })).status).toBe(400);
});

test('a cancelled session is over and leaves no object', async () => {
  const { file, uri } = await start();
  await expectProgress(await send(uri, 0, CHUNK, CONTENT.length), CHUNK);
  expect((await fetch(uri, { method: 'DELETE' })).status).toBe(499);
  expect((await ask(uri)).status).toBeGreaterThanOrEqual(400);
  expect((await send(uri, CHUNK, 2 * CHUNK, CONTENT.length)).status).toBeGreaterThanOrEqual(400);
  expect(await file.exists()).toEqual([false]);
});

test('a session that never was is not found', async () => {
  const { uri } = await start();
  expect((await ask(uri.replace(/upload_id=[^&]+/, 'upload_id=guessed'))).status).toBe(404);
});

test('a checksum with the last chunk is checked over all of them', async () => {
  const { file, uri } = await start();
  await expectProgress(await send(uri, 0, CHUNK, CONTENT.length), CHUNK);
  const wrong = await fetch(uri, {
    method: 'PUT',
    headers: {
      'content-range': `bytes ${CHUNK}-${CONTENT.length - 1}/${CONTENT.length}`,
      'x-goog-hash': 'crc32c=AAAAAA==',
    },
    body: CONTENT.subarray(CHUNK),
  });
  expect(wrong.status).toBe(400);
  expect(await file.exists()).toEqual([false]);
});

test('after a cut connection the upload goes on from what arrived', async () => {
  const { file, uri } = await start({ metadata: { contentLength: CONTENT.length } });
  const headers = {
    'content-length': CONTENT.length,
    'content-range': `bytes 0-${CONTENT.length - 1}/${CONTENT.length}`,
  };
  const upload = request(uri, { method: 'PUT', headers });
  const cut = once(upload, 'error');
  upload.write(CONTENT.subarray(0, CHUNK + 5000));
  await until(async () => (await ask(uri)).headers.get('range') === `bytes=0-${CHUNK - 1}`);
  upload.destroy(new Error('cut'));
  await cut;
  await expectProgress(await ask(uri), CHUNK);
  expect((await send(uri, CHUNK, CONTENT.length, CONTENT.length)).status).toBe(200);
  await expectStored(file);
});

/** Asks again until the answer is yes, but not for ever. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (await isSo()) return;
  }
  throw new Error('asked 1000 times in vain');
}

test('a client that comes back does not wait for its own stalled request', async () => {
  const { file, uri } = await start();
  const headers = { 'content-length': CONTENT.length };
  const stalled = request(uri, { method: 'PUT', headers });
  const cutOff = new Promise((resolve) => stalled.on('error', resolve));
  stalled.write(CONTENT.subarray(0, 1000));
  await ask(uri);
  expect((await fetch(uri, { method: 'PUT', body: CONTENT })).status).toBe(200);
  await cutOff;
  await expectStored(file);
});

test("Google's client uploads in chunks, and resumes by the session's URI", async () => {
  const file = bucket.file('by-client');
  await file.save(CONTENT, { resumable: true, chunkSize: CHUNK });
  await expectStored(file);
  const { file: resumed, uri } = await start();
  await expectProgress(await send(uri, 0, CHUNK, '*'), CHUNK);
  const stream = resumed.createWriteStream({
    uri,
    offset: CHUNK,
    isPartialUpload: false,
    validation: false,
  });
  await new Promise((resolve, reject) => {
    stream.on('finish', resolve).on('error', reject).end(CONTENT.subarray(CHUNK));
  });
  await expectStored(resumed);
});

test('gzip on the fly, whose size nobody knows in advance, is stored whole', async () => {
  const text = 'compress me '.repeat(100_000);
  const file = bucket.file('zipped.txt');
  await file.save(text, { resumable: true, gzip: true });
  expect((await file.download()).toString()).toBe(text);
});
