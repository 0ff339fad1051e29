import { once } from 'node:events';
import http from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AppError } from '@media-analysis/shared/errors';
import { z } from 'zod';
import { readJson } from './body.ts';
import { parseIds } from './ids.ts';
import { sendJson, sendProblem } from './respond.ts';

const schema = z.strictObject({ name: z.string(), size: z.number().optional() });

let server: http.Server;
let failure: PromiseWithResolvers<unknown>;
beforeAll(async () => {
  server = http.createServer((request, response) => {
    readJson(request, schema).then(
      (body) => sendJson(response, 200, body),
      (error: unknown) => {
        failure.resolve(error);
        sendProblem(response, error instanceof AppError ? error : new AppError('internal', '!'));
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const port = () => (server.address() as AddressInfo).port;

async function post(
  body: string | Uint8Array<ArrayBuffer>,
): Promise<{ status: number; body: unknown }> {
  failure = Promise.withResolvers();
  const response = await fetch(`http://127.0.0.1:${port()}/`, { method: 'POST', body });
  return { status: response.status, body: await response.json() };
}

/** A valid body of exactly this size. */
const bodyOf = (bytes: number) => `{"name":"${'x'.repeat(bytes - '{"name":""}'.length)}"}`;

describe('a JSON body', () => {
  test('is checked by the schema', async () => {
    expect(await post('{"name":"あ"}')).toEqual({ status: 200, body: { name: 'あ' } });
  });

  test('has no half letters, which Firestore does not take', async () => {
    const answer = await post(String.raw`{"name":"a\ud83d \udc00b \ud83d\ude00"}`);
    expect(answer.body).toEqual({ name: 'a\ufffd \ufffdb 😀' });
  });

  test('may have 64 KiB', async () => {
    expect(await post(bodyOf(64 * 1024))).toMatchObject({ status: 200 });
  });

  test.each([64 * 1024 + 1, 10_000_000])(
    'may not have %d bytes, and its sender gets an answer',
    async (n) => {
      expect(await post(bodyOf(n))).toMatchObject({
        status: 413,
        body: { code: 'body_too_large' },
      });
    },
  );

  test.each(['', 'null garbage', '{"name":"a"', "{'name':1}", '\ufeff{"name":"a"}'])(
    'that is no JSON is malformed: %j',
    async (body) => {
      expect(await post(body)).toMatchObject({ status: 400, body: { code: 'malformed_body' } });
    },
  );

  test.each([
    ['{"name":1}', /^name: /],
    ['{"name":"a","size":"1"}', /^size: /],
    ['{"name":"a","extra":1}', /extra/],
    ['{"name":"a","__proto__":{"admin":true}}', /__proto__/],
    ['[]', /^the request: /],
    ['null', /^the request: /],
  ])('that does not fit is refused, and told where: %s', async (body, detail) => {
    const answer = await post(body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect((answer.body as { detail: string }).detail).toMatch(detail);
  });

  test('that is cut off is an error of the sender', async () => {
    failure = Promise.withResolvers();
    const socket = connect(port(), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"name":');
    await once(server, 'request');
    socket.destroy();
    expect(await failure.promise).toMatchObject({ name: 'AppError', code: 'malformed_body' });
  });
});

describe('a list of ids', () => {
  test.each([
    ['a,b', ['a', 'b']],
    [' a , b,,a,', ['a', 'b']],
    ['a/b,$', ['a/b', '$']],
  ])('%j names each once', (text, ids) => {
    expect(parseIds(text)).toEqual(ids);
  });

  test.each([null, '', ' ', ',,'])('%j names none', (text) => {
    expect(() => parseIds(text)).toThrow(/at least one/);
  });

  test('may have 100 ids, not more', () => {
    const ids = Array.from({ length: 100 }, (_, n) => `m${n}`);
    expect(parseIds(`${ids}`)).toHaveLength(100);
    expect(parseIds(`${ids},m0`)).toHaveLength(100);
    expect(() => parseIds(`${ids},m100`)).toThrow(/at most 100/);
  });
});
