/** Calls that the model's service has never seen, recognised by Node's real errors. */
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCertificate } from '../../test/support/google/certificate.ts';
import { startHttps } from '../../test/support/google/https.ts';
import { ForeignAnswerError, whatToDoAbout } from './errors.ts';
import { foreignAnswer, unreachable } from './unreachable.ts';

const KEY = '?key=secret';

let plain: Server;
let silent: ReturnType<typeof createTcpServer>;
let untrusted: Awaited<ReturnType<typeof startHttps>>;
let requests = 0;
let closedPort = 0;
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  const count = () => void requests++;
  untrusted = await startHttps(await createCertificate(['localhost']), (_request, response) => {
    count();
    response.end();
  });
  plain = createServer((_request, response) => {
    count();
    response.end();
  });
  // Hangs up during the handshake of TLS.
  silent = createTcpServer((socket) => socket.once('data', () => socket.destroy()));
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  closedPort = portOf(closed);
  await new Promise((resolve) => closed.close(resolve));
});
afterAll(async () => {
  await untrusted.close();
  await new Promise((resolve) => plain.close(resolve));
  await new Promise((resolve) => silent.close(resolve));
});

async function errorOf(url: string): Promise<Error> {
  const call = fetch(url, { method: 'POST', body: 'a photo' });
  return call.then(
    () => Promise.reject(new Error('It was answered.')),
    (error: Error) => error,
  );
}

describe('a call that never left', () => {
  test.each<[string, () => string, RegExp, RegExp | undefined]>([
    [
      'because the certificate is not trusted',
      () => `https://127.0.0.1:${untrusted.port}/v1${KEY}`,
      /SELF_SIGNED_CERT|UNABLE_TO_VERIFY|DEPTH_ZERO/,
      /NODE_EXTRA_CA_CERTS/,
    ],
    [
      'because the other side speaks no TLS',
      () => `https://127.0.0.1:${portOf(plain)}/v1${KEY}`,
      /SSL|EPROTO/,
      /GEMINI_BASE_URL/,
    ],
    [
      'because the other side hangs up before TLS',
      () => `https://127.0.0.1:${portOf(silent)}/v1${KEY}`,
      /ECONNRESET/,
      undefined,
    ],
    [
      'because no program may ask that port',
      () => `http://127.0.0.1:1/v1${KEY}`,
      /bad port/,
      /GEMINI_BASE_URL/,
    ],
    [
      'because nobody listens',
      () => `http://127.0.0.1:${closedPort}/v1`,
      /ECONNREFUSED/,
      undefined,
    ],
  ])(
    '%s is told apart, with its reason and the address without its query',
    async (_title, urlOf, reason, advice) => {
      const url = urlOf();
      const error = unreachable(await errorOf(url), url);
      expect(error?.message).toMatch(reason);
      expect(error?.message).toContain(`no connection to ${url.split('?')[0]}:`);
      expect(error?.message).not.toContain('secret');
      if (advice) expect(whatToDoAbout(new Error('x', { cause: error }))).toMatch(advice);
      else expect(whatToDoAbout(error)).toBeUndefined();
      expect(requests).toBe(0);
    },
  );

  test.each([
    ['a name that there is not', 'ENOTFOUND', 'getaddrinfo', /GEMINI_BASE_URL/],
    ['a certificate that has expired', 'CERT_HAS_EXPIRED', undefined, /NODE_EXTRA_CA_CERTS/],
    ['a certificate of another name', 'ERR_TLS_CERT_ALTNAME_INVALID', undefined, /NODE_EXTRA/],
    ['a connection that takes too long', 'ETIMEDOUT', 'connect', undefined],
    ['no route', 'EHOSTUNREACH', 'connect', undefined],
  ])('%s', (_title, code, syscall, advice) => {
    const cause = Object.assign(new Error('x'), { code, ...(syscall && { syscall }) });
    const error = unreachable(new TypeError('fetch failed', { cause }), 'https://a.example/');
    expect(error).toBeDefined();
    if (advice) expect(error?.whatToDo).toMatch(advice);
    else expect(error?.whatToDo).toBeUndefined();
  });
});

test.each([
  ['a connection that broke', 'ECONNRESET', 'read'],
  ['one that the other side closed', 'UND_ERR_SOCKET', undefined],
  ['no headers in time', 'UND_ERR_HEADERS_TIMEOUT', undefined],
  ['bytes that TLS cannot read', 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', undefined],
  ['a pipe that is closed', 'EPIPE', 'write'],
])('%s may have come after the call: it counts', (_title, code, syscall) => {
  const cause = Object.assign(new Error('x'), { code, ...(syscall && { syscall }) });
  expect(
    unreachable(new TypeError('fetch failed', { cause }), 'https://a.example/'),
  ).toBeUndefined();
});

describe('an answer with status 200', () => {
  const head = (type?: string) => ({
    status: 200,
    url: `https://a.example/v1${KEY}`,
    headers: new Headers(type === undefined ? {} : { 'content-type': type }),
  });
  const EVENTS = 'text/event-stream';

  test.each([
    ['a page', 'text/html', '<html>Please sign in</html>'],
    ['a page that calls itself events', EVENTS, '<html>"candidates":</html>'],
    ['events of another service', EVENTS, 'data: {"status":"ok"}\n\n'],
    ['JSON of another service', 'application/json', '{"error":"no such app"}'],
    ['nothing', undefined, ''],
    ['the API’s words in HTML', 'text/html; charset=utf-8', '{"candidates":[]}'],
  ])('that is %s is foreign', (_title, type, body) => {
    const error = foreignAnswer(head(type), body, true);
    expect(error).toBeInstanceOf(ForeignAnswerError);
    expect(error?.message).toContain(`from https://a.example/v1: status 200, ${type ?? 'no'}`);
    expect(error?.message).not.toContain('secret');
  });

  test('shows the operator 80 characters of it, on one line', () => {
    const error = foreignAnswer(head('text/html'), `<html>\n\u0007${'x'.repeat(200)}`, true);
    expect(error?.message).toMatch(/, "<html> \\u0007x{72}"$/);
  });

  test.each([
    ['an answer', EVENTS, 'data: {"candidates":[{"content":{}}]}', true],
    ['one that broke off', EVENTS, 'data: {"candidates":[{"con', false],
    ['a blocked prompt', 'application/json', '[{"promptFeedback":{}}]', true],
    ['an error in the stream', EVENTS, 'data: {"error": {"code": 503}}', true],
    ['tokens alone', EVENTS, 'data: {"usageMetadata": {}}', true],
    ['events of which none came', EVENTS, '', true],
    ['a connection that broke at once', 'application/json', '', false],
  ])('that is the API’s is not: %s', (_title, type, body, isEnded) => {
    expect(foreignAnswer(head(type), body, isEnded)).toBeUndefined();
  });
});
