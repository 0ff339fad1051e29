// Local only: Cloud Storage answers every origin on its JSON API, the local one (see cors.ts) does not.

import type { Bucket } from '@google-cloud/storage';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestStorage, type TestStorage } from '../../support/storage.ts';

const ORIGIN = 'https://app.test';
const CORS = [
  { origin: [ORIGIN], method: ['GET', 'PUT'], responseHeader: ['Content-Type'], maxAgeSeconds: 60 },
  { origin: ['*'], method: ['HEAD'] },
];

let storage: TestStorage;
let bucket: Bucket;
beforeAll(async () => {
  storage = await openTestStorage();
  bucket = await storage.createBucket({ cors: CORS });
  await bucket.file('x').save('x');
});
afterAll(() => storage.close());

const jsonUrl = () => `${storage.endpoint}/storage/v1/b/${bucket.name}/o/x?alt=media`;
const xmlUrl = () => `${storage.endpoint}/${bucket.name}/x`;

/** The CORS headers of an answer. */
async function cors(url: string, method: string, headers: Record<string, string>) {
  const response = await fetch(url, { method, headers });
  await response.arrayBuffer();
  return Object.fromEntries(
    [...response.headers].filter(([name]) => name.startsWith('access-control-')),
  );
}

const preflight = (url: string, origin: string, method: string, requested = 'content-type') =>
  cors(url, 'OPTIONS', {
    origin,
    'access-control-request-method': method,
    'access-control-request-headers': requested,
  });

test("the bucket's origin may read answers of both APIs, also refusals", async () => {
  for (const url of [jsonUrl(), xmlUrl(), jsonUrl().replace('/x', '/missing')]) {
    expect(await cors(url, 'GET', { origin: ORIGIN })).toEqual({
      'access-control-allow-origin': ORIGIN,
      'access-control-expose-headers': 'Content-Type',
    });
  }
});

test('another origin or another method is not allowed', async () => {
  expect(await cors(jsonUrl(), 'GET', { origin: 'https://evil.test' })).toEqual({});
  expect(await cors(jsonUrl(), 'PATCH', { origin: ORIGIN })).toEqual({});
  expect(await preflight(jsonUrl(), 'https://evil.test', 'GET')).toEqual({});
  expect(await preflight(xmlUrl(), ORIGIN, 'DELETE')).toEqual({});
});

test('a preflight tells methods, headers and how long to remember', async () => {
  for (const url of [jsonUrl(), xmlUrl()]) {
    expect(await preflight(url, ORIGIN, 'PUT')).toEqual({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': 'GET, PUT',
      'access-control-allow-headers': 'Content-Type',
      'access-control-max-age': '60',
    });
  }
});

test('a rule for everyone names no one', async () => {
  const allowed = await cors(jsonUrl(), 'HEAD', { origin: 'https://any.test' });
  expect(allowed).toEqual({ 'access-control-allow-origin': '*' });
});

test('an upload session belongs to the origin it was started for, without any bucket rule', async () => {
  const closed = await storage.createBucket();
  const [uri] = await closed.file('upload').createResumableUpload({ origin: ORIGIN });
  expect(await preflight(uri, ORIGIN, 'PUT', 'content-range,content-type')).toMatchObject({
    'access-control-allow-origin': ORIGIN,
    'access-control-allow-methods': 'PUT',
    'access-control-allow-headers': 'content-range,content-type',
  });
  expect(await preflight(uri, 'https://evil.test', 'PUT')).toEqual({});
  const status = await fetch(uri, {
    method: 'PUT',
    headers: { origin: ORIGIN, 'content-range': 'bytes */*' },
  });
  expect(status.status).toBe(308);
  expect(status.headers.get('access-control-allow-origin')).toBe(ORIGIN);
  expect(status.headers.get('access-control-expose-headers')).toContain('Range');
});

test('a session started for no origin is closed to scripts', async () => {
  const closed = await storage.createBucket();
  const [uri] = await closed.file('upload').createResumableUpload();
  expect(await preflight(uri, ORIGIN, 'PUT')).toEqual({});
});

test('rules that make no sense are refused', async () => {
  const rules = [{ origin: 'not a list' }] as never;
  await expect(bucket.setMetadata({ cors: rules })).rejects.toMatchObject({ code: 400 });
});
