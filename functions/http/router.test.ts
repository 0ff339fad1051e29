import { once } from 'node:events';
import http from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { AppError, problemSchema } from '@media-analysis/shared/errors';
import { createLogger } from '../process/log.ts';
import { sendJson } from './respond.ts';
import { type Call, createRouter, type Route } from './router.ts';

const ORIGIN = 'https://app.example';
const SECRET = 'postgres://root:hunter2@10.0.0.1';

const logged: { [field: string]: unknown }[] = [];
const logger = createLogger('test', 'debug', {
  write: (line: string) => void logged.push(JSON.parse(line)),
});

let aborted: Promise<unknown> | undefined;

const echo = async ({ response, params, url, request }: Call) =>
  sendJson(response, 200, { params, q: url.searchParams.get('q'), method: request.method });

const routes: Route[] = [
  { method: 'GET', path: '/items', handle: echo },
  { method: 'POST', path: '/items', handle: echo },
  { method: 'GET', path: '/items/:id', handle: echo },
  { method: 'GET', path: '/streams', noHead: true, handle: echo },
  {
    method: 'GET',
    path: '/throws/:what',
    handle: async ({ response, params }) => {
      if (params.what === 'late') response.writeHead(200).write('half');
      if (params.what === 'app') {
        throw new AppError('rate_limited', 'Slow down.', {
          retryAfterMs: 1_001,
          cause: new Error(SECRET),
        });
      }
      throw params.what === 'string' ? SECRET : new TypeError(SECRET);
    },
  },
  {
    method: 'GET',
    path: '/hangs',
    handle: ({ signal, response }) => {
      aborted = once(signal, 'abort');
      response.write('.');
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    },
  },
];

let server: http.Server;
let base: string;
beforeAll(async () => {
  const handle = createRouter({ routes, logger, project: 'p', allowedOrigins: [ORIGIN] });
  server = http.createServer((request, response) => void handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
afterEach(() => {
  logged.length = 0;
});

/** Sends this request line unchanged, and returns the whole answer. */
async function raw(line: string): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.end(`${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}

async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
}

describe('where a request goes', () => {
  test('to the route of its path and method, with the decoded parameters of the path', async () => {
    const response = await fetch(`${base}/items/a%20%2F%E3%81%82?q=1`);
    expect(await response.json()).toEqual({ params: { id: 'a /あ' }, q: '1', method: 'GET' });
    const posted = await fetch(`${base}/items`, { method: 'POST' });
    expect(await posted.json()).toMatchObject({ method: 'POST' });
  });

  test('every unit answers /health', async () => {
    const response = await fetch(`${base}/health`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  });

  test.each(['/', '/item', '/items/', '/items/a/b', '/ITEMS', '/items%2Fa'])(
    'nowhere: %s is a 404 problem',
    async (path) => {
      const problem = await problemOf(await fetch(base + path));
      expect(problem).toMatchObject({ status: 404, code: 'not_found' });
    },
  );

  test('a method that the path does not accept is a 405 problem that names the accepted ones', async () => {
    const response = await fetch(`${base}/items`, { method: 'DELETE' });
    expect(await problemOf(response)).toMatchObject({ status: 405, code: 'method_not_allowed' });
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  test.each(['OPTIONS', 'PUT', 'PATCH', 'PROPFIND'])('%s is no exception', async (method) => {
    const response = await fetch(`${base}/items/a`, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('HEAD has the headers of GET, and no body', async () => {
    const got = await raw('GET /items/a HTTP/1.1');
    const [head = ''] = got.split('\r\n\r\n');
    const plain = (text: string) =>
      text.replaceAll(/^(Date|X-Request-Id|Content-Length):.*$/gm, '');
    expect(plain(await raw('HEAD /items/a HTTP/1.1'))).toBe(plain(`${head}\r\n\r\n`));
    expect(await raw('HEAD /items/a HTTP/1.1')).toMatch(/^Content-Length: \d+\r$/m);
    const stream = await fetch(`${base}/streams`, { method: 'HEAD' });
    expect([stream.status, stream.headers.get('allow')]).toEqual([405, 'GET']);
  });

  test('a path that is not encoded correctly is a 400 problem', async () => {
    const problem = await problemOf(await fetch(`${base}/items/%E3%81`));
    expect(problem).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  test.each([
    'GET //evil/items/a HTTP/1.1',
    'GET /\\evil/items/a HTTP/1.1',
    'GET ///items/a/b HTTP/1.1',
  ])('no part of a path is taken for a host: %s', async (line) => {
    expect(await raw(line)).toMatch(/^HTTP\/1.1 404 /);
  });

  test('an absolute address is one of ours, whatever host it names (RFC 9112 §3.2.2)', async () => {
    expect(await raw('GET http://elsewhere/items/a HTTP/1.1')).toMatch(/^HTTP\/1.1 200 /);
    expect(await raw('GET http://[/items/a HTTP/1.1')).toMatch(/^HTTP\/1.1 4\d\d /);
  });
});

describe('errors in a route', () => {
  test.each(['error', 'string'])(
    'a thrown %s is a 500 problem without details, which are in the log',
    async (what) => {
      const response = await fetch(`${base}/throws/${what}`);
      const text = await response.clone().text();
      expect(await problemOf(response)).toMatchObject({ status: 500, code: 'internal' });
      expect(text).not.toMatch(/hunter2|TypeError|router/);
      expect(logged.find(({ code }) => code === 'internal')).toMatchObject({ severity: 'ERROR' });
    },
  );

  test('an AppError becomes its problem document with Retry-After, without its cause', async () => {
    const response = await fetch(`${base}/throws/app`);
    expect(response.headers.get('retry-after')).toBe('2');
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ status: 429, detail: 'Slow down.' });
    expect(JSON.stringify(problem)).not.toContain('hunter2');
    expect(logged.find(({ code }) => code === 'rate_limited')).toMatchObject({ severity: 'INFO' });
  });

  test('an answer that has started is cut off, so that no caller takes it for complete', async () => {
    const response = await fetch(`${base}/throws/late`);
    await expect(response.text()).rejects.toThrow();
  });

  test('a caller that disconnects aborts the signal', async () => {
    const controller = new AbortController();
    const response = await fetch(`${base}/hangs`, { signal: controller.signal });
    expect(response.status).toBe(200);
    controller.abort();
    await aborted;
  });

  test('the query, which may hold secrets, is not logged', async () => {
    await fetch(`${base}/throws/error?token=sesame`);
    await fetch(`${base}/items?token=sesame`);
    expect(logged.length).toBeGreaterThan(1);
    expect(JSON.stringify(logged)).not.toContain('sesame');
  });
});

describe('the id of a request', () => {
  const TRACE = '0af7651916cd43dd8448eb211c80319c';
  const idOf = (response: Response) => response.headers.get('x-request-id');

  test('is in each answer, in its problem and in its lines of the log; no two have the same', async () => {
    const first = await fetch(`${base}/throws/error`);
    expect(idOf(first)).toMatch(/^[0-9a-f]{32}$/);
    expect((await problemOf(first)).request_id).toBe(idOf(first));
    expect(logged.find(({ code }) => code === 'internal')?.request_id).toBe(idOf(first));
    const second = await fetch(`${base}/items`);
    expect(idOf(second)).toMatch(/^[0-9a-f]{32}$/);
    expect(idOf(second)).not.toBe(idOf(first));
    expect((await second.json()) as object).not.toHaveProperty('request_id');
  });

  test('is that of the trace whose traceparent the caller sends', async () => {
    const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
    expect(idOf(await fetch(`${base}/items`, { headers: { traceparent } }))).toBe(TRACE);
  });

  test.each([
    { traceparent: `00-${TRACE.toUpperCase()}-b7ad6b7169203331-01` },
    { traceparent: `00-${TRACE}-0000000000000000-01` },
    { traceparent: TRACE },
    { 'X-Request-Id': TRACE },
  ])('is never whatever a caller says: %j', async (headers) => {
    const id = idOf(await fetch(`${base}/items`, { headers }));
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(id?.toLowerCase()).not.toBe(TRACE);
  });
});

describe('calls from other origins', () => {
  const from = (origin: string, init: RequestInit = {}) =>
    fetch(`${base}/items`, { ...init, headers: { ...init.headers, Origin: origin } });
  const preflight = (origin: string) =>
    from(origin, { method: 'OPTIONS', headers: { 'Access-Control-Request-Method': 'POST' } });

  test('an allowed one may read the answer, also an error', async () => {
    for (const response of [await from(ORIGIN), await from(ORIGIN, { method: 'DELETE' })]) {
      expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(response.headers.get('access-control-allow-credentials')).toBe('true');
      expect(response.headers.get('access-control-expose-headers')).toMatch(
        /ETag.*Retry-After.*Idempotent-Replayed/,
      );
    }
  });

  test('an allowed one learns before the call which methods and headers it may send', async () => {
    const response = await preflight(ORIGIN);
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(response.headers.get('access-control-allow-methods')).toBe('GET, POST, PATCH, DELETE');
    expect(response.headers.get('access-control-allow-headers')).toMatch(
      /Authorization.*Content-Type.*Idempotency-Key, If-Match, If-None-Match/,
    );
  });

  test.each(['https://evil.example', 'null', `${ORIGIN}.evil.example`, 'http://app.example', '*'])(
    'no other origin may: %s',
    async (origin) => {
      for (const response of [await from(origin), await preflight(origin)]) {
        expect(response.headers.get('access-control-allow-origin')).toBeNull();
        expect(response.headers.get('access-control-allow-credentials')).toBeNull();
        expect(response.headers.get('vary')).toBe('Origin');
      }
    },
  );
});
