import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPusher, type Pusher, parseRetryAfter } from './push.ts';

let pusher: Pusher;
let server: Server | undefined;

beforeEach(() => {
  pusher = createPusher();
});
afterEach(async () => {
  pusher.close();
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}/`;
}

function push(url: string, deadlineMs = 10_000) {
  const body = Buffer.from('hello');
  return pusher.push({ url, method: 'POST', headers: {}, body, deadlineMs });
}

describe('push', () => {
  test('returns the status and the wait that the target asks for', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(503, { 'Retry-After': '7' }).end('busy');
    });
    expect(await push(url)).toEqual({ kind: 'response', httpStatus: 503, retryAfterMs: 7_000 });
  });

  test('connects to the given host but keeps the name in the URL of the task', async () => {
    let called: string | undefined;
    const url = await serve((request, response) => {
      called = request.headers.host;
      response.writeHead(204).end();
    });
    pusher = createPusher(new Map([['worker.example', new URL(url).host]]));
    expect(await push('http://worker.example/')).toMatchObject({ httpStatus: 204 });
    expect(called).toBe('worker.example');
  });

  test('does not follow redirects', async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests++;
      response.writeHead(307, { Location: '/elsewhere' }).end();
    });
    expect(await push(url)).toEqual({ kind: 'response', httpStatus: 307 });
    expect(requests).toBe(1);
  });

  test.each<[string, RequestListener]>([
    ['never answers', () => {}],
    ['never ends its answer', (_request, response) => void response.writeHead(200).write('…')],
  ])('a target that %s is cut off at the deadline', async (_title, listener) => {
    let cutOff: Promise<void> | undefined;
    const url = await serve((request, response) => {
      cutOff = new Promise((resolve) => response.on('close', () => resolve()));
      listener(request, response);
    });
    expect(await push(url, 50)).toMatchObject({
      kind: 'no_response',
      status: { code: status.DEADLINE_EXCEEDED },
    });
    await cutOff;
  });

  test('a target that is missing or closes the connection is unavailable', async () => {
    const unavailable = { kind: 'no_response', status: { code: status.UNAVAILABLE } };
    expect(await push('http://127.0.0.1:9/')).toMatchObject(unavailable);
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Length': '10' }).write('half');
      setImmediate(() => response.destroy());
    });
    expect(await push(url)).toMatchObject(unavailable);
  });

  test('each attempt opens a new connection', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end();
    });
    for (let n = 0; n < 5; n++) await push(url);
    expect(ports.size).toBe(5);
  });

  test('a broken connection is a failed attempt, also after successful attempts', async () => {
    let requests = 0;
    const url = await serve((request, response) => {
      if (++requests === 2) request.socket.resetAndDestroy();
      else response.end();
    });
    await push(url);
    expect(await push(url)).toMatchObject({
      kind: 'no_response',
      status: { code: status.UNAVAILABLE },
    });
    expect(requests).toBe(2);
  });

  test('a request that the deadline or the close cuts off is not sent again', async () => {
    const paths: (string | undefined)[] = [];
    let arrived: (() => void) | undefined;
    const url = await serve((request, response) => {
      paths.push(request.url);
      arrived?.();
      if (!request.url?.startsWith('/slow')) response.end();
    });
    await push(url);
    await push(`${url}slow-1`, 1_000);
    await push(url);
    const atTarget = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const cutOff = push(`${url}slow-2`);
    await atTarget;
    pusher.close();
    await cutOff;
    // A repeated request would have arrived before this one.
    await push(`${url}last`);
    expect(paths).toEqual(['/', '/slow-1', '/', '/slow-2', '/last']);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  test.each([
    ['120', 120_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('%s', (value, ms) => {
    expect(parseRetryAfter(value, now)).toBe(ms);
  });
});
