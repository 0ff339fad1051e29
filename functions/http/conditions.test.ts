import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AppError } from '@media-analysis/shared/errors';
import { ifMatch, sendTagged } from './conditions.ts';
import { sendProblem } from './respond.ts';

/** As it is read; the address `/other` has the same content in another order, `/long` one that is worth compressing. */
const CONTENT = { a: 1, b: { c: [2, { d: 3, e: null }] } };
const CONTENTS: Record<string, object> = {
  '/other': { b: { c: [2, { e: null, d: 3 }] }, a: 1 },
  '/changed': { b: { c: [{ d: 3, e: null }, 2] }, a: 1 },
  '/long': { text: 'x'.repeat(5_000) },
};

let server: http.Server;
let base: string;
beforeAll(async () => {
  server = http.createServer((request, response) => {
    const content = CONTENTS[request.url ?? ''] ?? CONTENT;
    try {
      ifMatch({ request }, (state: object) => state)(content);
      sendTagged({ request, response }, 200, content);
    } catch (error) {
      sendProblem(response, error as AppError);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const ask = (headers: Record<string, string> = {}, method = 'GET', path = '/') =>
  fetch(base + path, { method, headers });
const tagOf = async (path = '/') => (await ask({}, 'GET', path)).headers.get('etag') ?? '';
async function statusOf(...how: Parameters<typeof ask>): Promise<number> {
  const response = await ask(...how);
  await response.arrayBuffer();
  return response.status;
}

test('a tag is of the content, in whatever order its fields are', async () => {
  expect(await tagOf()).toMatch(/^"[\w-]{22}"$/);
  expect(await tagOf('/other')).toBe(await tagOf());
  expect(await tagOf('/changed')).not.toBe(await tagOf());
});

test('a compressed answer has a tag of its own, and both are of the same state', async () => {
  const [small, plain] = await Promise.all(
    ['gzip', 'identity'].map((each) => ask({ 'Accept-Encoding': each }, 'GET', '/long')),
  );
  const tags = [small, plain].map((each) => each?.headers.get('etag') ?? '');
  expect(tags[0]).toBe(tags[1]?.replace(/"$/, '-gzip"'));
  for (const tag of tags) {
    expect(await statusOf({ 'If-Match': tag }, 'PATCH', '/long')).toBe(200);
    const read = await ask({ 'If-None-Match': tag }, 'GET', '/long');
    expect([read.status, read.headers.get('etag')]).toEqual([304, tag]);
  }
});

test.each<[string, number]>([
  ['TAG', 200],
  ['*', 200],
  [' "a,b" , TAG', 200],
  ['W/"a", TAG', 200],
  ['"a", "b"', 412],
  // RFC 9110 §13.1.1: the comparison is a strong one.
  ['W/TAG', 412],
  ['TAG without quotes', 400],
  ['"a', 400],
  ['*, TAG', 400],
  [',', 400],
])('If-Match: %s is %i', async (header, status) => {
  const tag = await tagOf();
  const sent = header.replace(/TAG( without quotes)?/, (_, bare) =>
    bare ? tag.slice(1, -1) : tag,
  );
  expect(await statusOf({ 'If-Match': sent }, 'PATCH')).toBe(status);
});

test.each<[string, string, number]>([
  ['GET', 'TAG', 304],
  ['HEAD', 'TAG', 304],
  ['GET', '*', 304],
  ['GET', '"a", W/TAG', 304],
  ['GET', '"a"', 200],
  ['GET', 'a', 400],
  ['PATCH', 'TAG', 200],
])('%s with If-None-Match: %s is %i', async (method, header, status) => {
  const sent = header.replace('TAG', await tagOf());
  const response = await ask({ 'If-None-Match': sent }, method);
  expect(response.status).toBe(status);
  if (status === 304) {
    expect(await response.text()).toBe('');
    expect(response.headers.get('etag')).toContain(await tagOf());
  }
});
