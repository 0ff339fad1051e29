import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { Bucket, File } from '@google-cloud/storage';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestStorage, refusal, type TestStorage } from '../../support/storage.ts';

let storage: TestStorage;
let bucket: Bucket;
beforeAll(async () => {
  storage = await openTestStorage();
  bucket = await storage.createBucket();
});
afterAll(() => storage.close());

const mediaUrl = (name: string) =>
  `${storage.endpoint}/storage/v1/b/${bucket.name}/o/${encodeURIComponent(name)}?alt=media`;

test.each([
  ['one request', false],
  ['a resumable session', true],
])('bytes uploaded in %s come back the same, verified by both hashes', async (_, resumable) => {
  const content = randomBytes(3_000_001);
  const file = bucket.file(`photos/${resumable}.jpg`);
  await file.save(content, { resumable, validation: 'md5' });
  const [crc32cChecked] = await file.download({ validation: 'crc32c' });
  const [md5Checked] = await file.download({ validation: 'md5' });
  expect(crc32cChecked.equals(content) && md5Checked.equals(content)).toBe(true);
  const [metadata] = await file.getMetadata();
  expect(metadata).toMatchObject({ size: '3000001', contentType: 'image/jpeg' });
});

test.each([0, 1, 65_535, 65_536, 65_537])('%d bytes are stored exactly', async (size) => {
  const content = randomBytes(size);
  for (const resumable of [false, true]) {
    const file = bucket.file(`size-${size}-${resumable}`);
    await file.save(content, { resumable });
    const [read] = await file.download();
    expect(read.equals(content)).toBe(true);
  }
});

test('content that looks like the end of a multipart part is content all the same', async () => {
  const content = '\r\n--boundary--\r\n\r\n--\r\n';
  const file = bucket.file('tricky');
  await file.save(content, { resumable: false });
  expect((await file.download()).toString()).toBe(content);
});

test('a plain media upload takes its type from the header', async () => {
  const url = `${storage.endpoint}/upload/storage/v1/b/${bucket.name}/o?uploadType=media&name=plain`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'text/x-test' },
    body: 'hello',
  });
  expect(await response.json()).toMatchObject({ name: 'plain', contentType: 'text/x-test' });
  expect((await bucket.file('plain').download()).toString()).toBe('hello');
});

test.each([
  'a/b//c',
  'with space',
  '日本語/写真.jpg',
  '../../etc/passwd',
  'a?b#c&d=e%2F+',
  '.hidden',
  ' ',
  'emoji-😀',
  `${'x'.repeat(1024)}`,
  'quote\'"()*!',
])('an object may be called %j', async (name) => {
  const file = bucket.file(name);
  await file.save(name, { resumable: false });
  expect((await file.download()).toString()).toBe(name);
  const [metadata] = await file.getMetadata();
  expect(metadata.name).toBe(name);
  const [files] = await bucket.getFiles({ prefix: name });
  expect(files.map((found) => found.name)).toEqual([name]);
  await file.delete();
});

test.each(['.', '..', 'line\nbreak', 'carriage\rreturn', 'x'.repeat(1025), '写'.repeat(342)])(
  'an object cannot be called %j',
  async (name) => {
    for (const uploadType of ['media', 'resumable']) {
      const query = new URLSearchParams({ uploadType, name });
      const url = `${storage.endpoint}/upload/storage/v1/b/${bucket.name}/o?${query}`;
      const response = await fetch(url, { method: 'POST' });
      expect(response.status).toBe(400);
    }
  },
);

test('a part is read by offsets, from an offset on, or from the end', async () => {
  const file = bucket.file('digits');
  await file.save('0123456789');
  const read = async (options: object) => (await file.download(options)).toString();
  expect(await read({ start: 2, end: 4 })).toBe('234');
  expect(await read({ start: 7 })).toBe('789');
  expect(await read({ end: -3 })).toBe('789');
  expect(await read({ start: 8, end: 99 })).toBe('89');
});

test('a partial answer says which part it is; one past the end is refused', async () => {
  await bucket.file('digits').save('0123456789');
  const fetchRange = (range: string) => fetch(mediaUrl('digits'), { headers: { range } });
  const partial = await fetchRange('bytes=1-3');
  expect(partial.status).toBe(206);
  expect(partial.headers.get('content-range')).toBe('bytes 1-3/10');
  expect(partial.headers.get('content-length')).toBe('3');
  await partial.text();
  const beyond = await fetchRange('bytes=10-');
  expect(beyond.status).toBe(416);
  expect(beyond.headers.get('content-range')).toBe('bytes */10');
  const nonsense = await fetchRange('bytes=5-2');
  expect(nonsense.status).toBe(200);
  expect(await nonsense.text()).toBe('0123456789');
});

test('a download describes what it sends and forbids guessing its type', async () => {
  const file = bucket.file('described');
  await file.save('<b>hi</b>', {
    metadata: {
      contentType: 'text/plain; charset=utf-8',
      contentDisposition: 'attachment; filename="写真.txt"',
      cacheControl: 'public, max-age=60',
    },
  });
  const [metadata] = await file.getMetadata();
  const { headers } = await fetch(mediaUrl('described'));
  expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(Buffer.from(headers.get('content-disposition') ?? '', 'latin1').toString()).toBe(
    'attachment; filename="写真.txt"',
  );
  expect(headers.get('cache-control')).toBe('public, max-age=60');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-goog-generation')).toBe(String(metadata.generation));
  expect(headers.get('x-goog-hash')).toBe(`crc32c=${metadata.crc32c},md5=${metadata.md5Hash}`);
  expect(headers.get('x-goog-stored-content-length')).toBe('9');
});

test('a reader that has the current ETag gets no bytes', async () => {
  await bucket.file('cached').save('x');
  const first = await fetch(mediaUrl('cached'));
  const etag = first.headers.get('etag') ?? '';
  const again = () => fetch(mediaUrl('cached'), { headers: { 'if-none-match': etag } });
  expect((await again()).status).toBe(304);
  await bucket.file('cached').save('y');
  expect((await again()).status).toBe(200);
});

test('gzipped content is stored as sent and unpacked for readers who cannot', async () => {
  const text = 'to be compressed '.repeat(1000);
  const file = bucket.file('page.html');
  await file.save(text, { gzip: true, resumable: false });
  const [metadata] = await file.getMetadata();
  expect(metadata.contentEncoding).toBe('gzip');
  expect(Number(metadata.size)).toBeLessThan(text.length);
  expect((await file.download()).toString()).toBe(text);
  const [packed] = await file.download({ decompress: false });
  expect(gunzipSync(packed).toString()).toBe(text);
  // https://cloud.google.com/storage/docs/transcoding: all but those who name gzip get it unpacked.
  for (const accepted of ['identity', 'br', '*', 'gzip;q=0']) {
    const headers = { 'accept-encoding': accepted };
    const plain = await fetch(mediaUrl('page.html'), { headers });
    expect([accepted, plain.headers.get('content-encoding')]).toEqual([accepted, null]);
    expect(await plain.text()).toBe(text);
  }
});

test('metadata changes field by field, and content does not', async () => {
  const file = bucket.file('meta');
  await file.save('x', { metadata: { contentType: 'text/plain', metadata: { a: '1', b: '2' } } });
  const [before] = await file.getMetadata();
  await file.setMetadata({ cacheControl: 'no-store', metadata: { a: null, c: '3' } });
  const [after] = await file.getMetadata();
  expect(after).toMatchObject({
    contentType: 'text/plain',
    cacheControl: 'no-store',
    metadata: { b: '2', c: '3' },
    generation: before.generation,
    md5Hash: before.md5Hash,
    metageneration: '2',
  });
  expect(after.metadata).not.toHaveProperty('a');
  expect(after.etag).not.toBe(before.etag);
});

test('an update by PUT clears what it does not name', async () => {
  const file = bucket.file('put');
  await file.save('x', { metadata: { contentType: 'text/plain', metadata: { a: '1' } } });
  const response = await fetch(`${storage.endpoint}/storage/v1/b/${bucket.name}/o/put`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ contentType: 'text/html' }),
  });
  const resource = await response.json();
  expect(resource).toMatchObject({ contentType: 'text/html', metageneration: '2' });
  expect(resource).not.toHaveProperty('metadata');
});

test('a header value with a line break is refused', async () => {
  const file = bucket.file('split');
  await file.save('x');
  await expect(file.setMetadata({ contentType: 'a\r\nset-cookie: b' })).rejects.toMatchObject(
    refusal(400, 'invalid'),
  );
});

test('each write of a name is a new, higher generation', async () => {
  const file = bucket.file('generations');
  const seen: number[] = [];
  for (const content of ['a', 'b', 'c']) {
    await file.save(content, { resumable: false });
    const [metadata] = await bucket.file(file.name).getMetadata();
    seen.push(Number(metadata.generation));
  }
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(new Set(seen).size).toBe(3);
  expect(String(seen[0])).toMatch(/^\d{16}$/);
});

test('what was overwritten is gone, unless the bucket keeps versions', async () => {
  const versioned = await storage.createBucket({ versioning: { enabled: true } });
  const generations: string[] = [];
  for (const target of [bucket, versioned]) {
    for (const content of ['old', 'new']) {
      const file = target.file('v');
      await file.save(content, { resumable: false });
      generations.push(String(file.metadata.generation));
    }
  }
  const [gone, , kept] = generations;
  const readOld = (where: Bucket, generation = '') => where.file('v', { generation }).download();
  await expect(readOld(bucket, gone)).rejects.toMatchObject({ code: 404 });
  expect((await readOld(versioned, kept)).toString()).toBe('old');
  const [live] = await versioned.getFiles();
  const [all] = await versioned.getFiles({ versions: true });
  expect([live.length, all.length]).toEqual([1, 2]);
});

test('a deleted object is gone; deleting it again is not found', async () => {
  const file = bucket.file('deleted');
  await file.save('x');
  await file.delete();
  expect(await file.exists()).toEqual([false]);
  await expect(file.delete()).rejects.toMatchObject(refusal(404, 'notFound'));
  await file.delete({ ignoreNotFound: true });
});

test.each<[string, (file: File) => Promise<unknown>]>([
  ['read of metadata', (file) => file.getMetadata()],
  ['change of metadata', (file) => file.setMetadata({ contentType: 'a/b' })],
  ['copy', (file) => file.copy('elsewhere')],
])('the %s of a missing object says which one', async (_, act) => {
  const error = await act(bucket.file('missing')).catch((thrown: Error) => thrown);
  expect(error).toMatchObject(refusal(404, 'notFound'));
  expect((error as Error).message).toContain(`No such object: ${bucket.name}/missing`);
});

test('the download of a missing object fails with a plain sentence', async () => {
  await expect(bucket.file('missing').download()).rejects.toMatchObject({
    code: 404,
    message: `No such object: ${bucket.name}/missing`,
  });
});

test('a reader finishes what it began though the object is deleted meanwhile', async () => {
  const content = randomBytes(8_000_000);
  const file = bucket.file('read-while-deleted');
  await file.save(content, { resumable: false });
  const response = await fetch(mediaUrl(file.name));
  await file.delete();
  expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true);
});
