import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { type Bucket, CRC32C } from '@google-cloud/storage';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestStorage, refusal, type TestStorage } from '../../support/storage.ts';

let storage: TestStorage;
let bucket: Bucket;
beforeAll(async () => {
  storage = await openTestStorage();
  bucket = await storage.createBucket();
});
afterAll(() => storage.close());

const CONTENT = Buffer.from('what was meant to arrive');
const md5 = (content: Buffer) => createHash('md5').update(content).digest('base64');
const crc32c = (content: Buffer) => {
  const checksum = new CRC32C();
  checksum.update(content);
  return checksum.toString();
};
const OTHER = Buffer.from('something else');

test("hashes are those that Google's own code computes", async () => {
  const file = bucket.file('hashed');
  await file.save(CONTENT, { resumable: false });
  const [metadata] = await file.getMetadata();
  expect(metadata).toMatchObject({ crc32c: crc32c(CONTENT), md5Hash: md5(CONTENT) });
});

test.each([
  ['crc32c', { crc32c: crc32c(OTHER) }],
  ['md5Hash', { md5Hash: md5(OTHER) }],
])('content that is not what %s says is refused and not stored', async (_, claim) => {
  for (const resumable of [false, true]) {
    const file = bucket.file('corrupted');
    const upload = file.save(CONTENT, { resumable, validation: false, metadata: claim });
    await expect(upload).rejects.toMatchObject({ code: 400 });
    expect(await file.exists()).toEqual([false]);
  }
});

test('content that is what its metadata says is stored', async () => {
  const file = bucket.file('sound');
  const claims = { crc32c: crc32c(CONTENT), md5Hash: md5(CONTENT) };
  await file.save(CONTENT, { resumable: false, metadata: claims });
  expect((await file.download())[0].equals(CONTENT)).toBe(true);
});

test.each([
  ['x-goog-hash', `crc32c=${crc32c(OTHER)}`],
  ['x-goog-hash', `crc32c=${crc32c(CONTENT)},md5=${md5(OTHER)}`],
  ['content-md5', md5(OTHER)],
])('the header %s: %s is checked', async (header, value) => {
  const url = `${storage.endpoint}/upload/storage/v1/b/${bucket.name}/o?uploadType=media&name=h`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { [header]: value },
    body: CONTENT,
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: { code: 400, errors: [{ domain: 'global', reason: 'invalid' }] },
  });
  expect(await bucket.file('h').exists()).toEqual([false]);
});

test.each([
  ['no boundary', 'multipart/related', '{}'],
  ['an end within the content', 'multipart/related; boundary=b', '--b\r\n\r\n{}\r\n--b\r\n\r\nx'],
  ['no JSON', 'multipart/related; boundary=b', '--b\r\n\r\n{\r\n--b\r\n\r\nx\r\n--b--'],
])('a multipart body with %s is refused and not stored', async (_, type, body) => {
  const url = `${storage.endpoint}/upload/storage/v1/b/${bucket.name}/o?uploadType=multipart&name=m`;
  const headers = { 'content-type': type };
  expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(400);
  expect(await bucket.file('m').exists()).toEqual([false]);
});

test('a refused upload leaves the object that was there', async () => {
  const file = bucket.file('kept');
  await file.save(CONTENT);
  const claim = { md5Hash: md5(CONTENT) };
  await expect(
    bucket.file('kept').save(OTHER, { resumable: false, validation: false, metadata: claim }),
  ).rejects.toMatchObject(refusal(400, 'invalid'));
  expect((await file.download())[0].equals(CONTENT)).toBe(true);
});

test('an upload that is refused before its end leaves its connection usable', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const statusOf = async (method: string, path: string, headers = {}, body = Buffer.alloc(0)) => {
    const call = request(`${storage.endpoint}${path}`, { agent, method, headers });
    call.end(body);
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
    return response.statusCode;
  };
  const headers = { 'content-type': 'multipart/related; boundary=b' };
  const tooLong = Buffer.concat([Buffer.from('--b\r\n\r\n'), Buffer.alloc(8_000_000, 'x')]);
  const path = `/upload/storage/v1/b/${bucket.name}/o?uploadType=multipart&name=long`;
  expect(await statusOf('POST', path, headers, tooLong)).toBe(400);
  expect(await statusOf('GET', `/storage/v1/b/${bucket.name}`)).toBe(200);
  agent.destroy();
});
