/** The gateway passes requests on, and no request ends it. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRandom, type Random } from '../test/fuzz/random.ts';
import { anyText, corrupt } from '../test/fuzz/text.ts';
import { orHang } from '../test/support/hang-limit.ts';
import type { Addresses } from './address.ts';
import { createFront } from './front/front.ts';
import { startWorld, type World } from './front/testing/world.ts';
import { startGateway } from './gateway.ts';

let world: World;
let gateway: Addresses;
let port: number;
const others: string[] = [];
beforeAll(async () => {
  world = await startWorld({ settings: { concurrency: 100, maxInstances: 1 } });
  const front = createFront(world.service);
  gateway = await startGateway();
  gateway.open({
    fronts: { api: front, stream: front },
    localToken: async () => 'local.user.token',
    // The container stands for the issuer too.
    identityPort: await world.service.listening(),
    config: {},
    storageOrigin: 'http://127.0.0.1:1',
    devOrigins: ['http://localhost:5173'],
    onOtherPage: (origin) => others.push(origin),
  });
  port = Number(new URL(gateway.url).port);
});
afterAll(async () => {
  gateway.close();
  await world.close();
});

/** Sends bytes as they are. @returns all bytes that come back until the connection ends */
function dial(bytes: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  // The gateway may end the connection while we write.
  socket.on('error', () => undefined);
  socket.write(bytes);
  return orHang(text(socket), 'an end of the connection');
}

const ask = (line: string, ...headers: string[]) =>
  dial(
    `${[`${line} HTTP/1.1`, `Host: localhost:${port}`, 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`,
  );

describe.each(['/api/media', '/local/token'])('a request of %s', (path) => {
  test.each([
    'Trailer: X',
    'TE: trailers',
    'Upgrade: h2c',
    'Keep-Alive: timeout=1',
    'Proxy-Connection: close',
  ])('with %s is answered, and the header is not passed on', async (header) => {
    const answer = await ask(`GET ${path}`, header);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    const { headers } = JSON.parse(answer.slice(answer.indexOf('{'))) as { headers: object };
    expect(headers).not.toHaveProperty(header.split(':')[0]?.toLowerCase() ?? '');
  });

  test('takes with it no header that Connection names', async () => {
    const answer = await dial(
      `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\n\r\n`,
    );
    expect(answer).not.toContain('x-mine');
  });

  test('arrives before the first byte of its body', async () => {
    // The container answers as soon as it has the headers.
    const socket = connect(port, '127.0.0.1');
    const answer = once(socket, 'data') as Promise<[Buffer]>;
    socket.write(
      `POST ${path}/early HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 5\r\n\r\n`,
    );
    const [bytes] = await orHang(answer, 'an answer before the body');
    expect(bytes.toString()).toMatch(/^HTTP\/1\.1 400 /);
    socket.destroy();
  });
});

test.each([
  ['http://localhost:5173', true],
  ['http://localhost:3000', false],
  ['http://localhost.example:5173', false],
])('a page of %s, behind a proxy that names us, counts as ours: %j', async (origin, counts) => {
  const answer = await ask('GET /api/media', `Origin: ${origin}`);
  expect(answer.includes('Bearer local.user.token')).toBe(counts);
});

test('a page of this machine that is not let in is told of, once; those of other sites are not', async () => {
  others.length = 0;
  for (const origin of ['localhost:4000', 'localhost:5173', 'evil.example', `localhost:${port}`]) {
    await ask('OPTIONS /api/media', `Origin: http://${origin}`);
    await ask('GET /api/media', `Origin: http://${origin}`);
  }
  expect(others).toEqual(['http://localhost:4000']);
});

test.each(['/', '/assets/index.js', '/config.json'])(
  '405 on %s names the methods that are allowed',
  async (path) => {
    expect(await ask(`DELETE ${path}`)).toMatch(/^HTTP\/1\.1 405 [\s\S]*\r\nAllow: GET, HEAD\r\n/);
  },
);

test.each(['GET http://[ HTTP/1.1', 'GET', 'G\u0000T / HTTP/1.1', '/ GET'])(
  'a request line that cannot be read gets 400: %j',
  async (line) => {
    const answer = await dial(
      Buffer.from(`${line}\r\nHost: localhost\r\nConnection: close\r\n\r\n`, 'latin1'),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  },
);

const NAMES = [
  'Accept',
  'Connection',
  'Content-Length',
  'Content-Type',
  'Cookie',
  'Expect',
  'Host',
  'Keep-Alive',
  'Origin',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'Proxy-Connection',
  'TE',
  'Trailer',
  'Transfer-Encoding',
  'Upgrade',
  'Via',
  'X-Cloud-Trace-Context',
  'X-Forwarded-For',
  '__proto__',
  'traceparent',
];
const VALUES = [
  '',
  'close',
  'keep-alive',
  'chunked',
  'gzip, chunked',
  'identity',
  '100-continue',
  'websocket',
  'h2c',
  '0',
  '5',
  '-1',
  'Host, Content-Length, X-Forwarded-For',
  'trailers',
];

function anyHead(random: Random): Buffer {
  const method = random.pick([
    'GET',
    'POST',
    'PUT',
    'DELETE',
    'HEAD',
    'OPTIONS',
    'CONNECT',
    'QUERY',
  ]);
  const path = random.pick(['/', '/api/media', '/api/media/x/stream', '/local/token', '*', '//']);
  const target = random.chance(0.3) ? path + anyText(random).replace(/[\s\0]/g, '') : path;
  const lines = Array.from({ length: random.int(6) }, () => {
    const value = random.chance(0.7) ? random.pick(VALUES) : anyText(random);
    return `${random.pick(NAMES)}: ${value}`;
  });
  const head = [`${method} ${target} HTTP/1.1`, `Host: localhost:${port}`, ...lines];
  const bytes = Buffer.from(
    `${head.join('\r\n')}\r\n\r\nhello`,
    random.chance(0.5) ? 'latin1' : 'utf8',
  );
  return random.chance(0.2) ? corrupt(bytes, random) : bytes;
}

test('hundreds of bent requests: none ends the gateway, none is a fault of ours', async () => {
  const thrown: unknown[] = [];
  const note = (error: unknown) => thrown.push(error);
  process.on('uncaughtException', note).on('unhandledRejection', note);
  const random = createRandom(5);
  const faults: string[] = [];
  try {
    for (let index = 0; index < 600; index++) {
      const head = anyHead(random);
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      // The gateway waits for the rest of an incomplete request: there is none.
      socket.end(head);
      const answer = await orHang(
        text(socket).catch(() => ''),
        `an answer to ${head}`,
      );
      if (/^HTTP\/1\.1 5/.test(answer)) faults.push(`${head}\n→ ${answer}`);
    }
  } finally {
    process.off('uncaughtException', note).off('unhandledRejection', note);
  }
  expect(thrown).toEqual([]);
  expect(faults).toEqual([]);
  expect(await ask('GET /api/media')).toMatch(/^HTTP\/1\.1 200 /);
});
