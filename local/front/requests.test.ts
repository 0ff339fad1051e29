/** One request on its way to a container and back. Real processes behind real HTTP. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createIdentity, type Identity } from '@media-analysis/local-cloud';
import { HANG_LIMIT_MS } from '../../test/support/hang-limit.ts';
import { throughLoadBalancer } from './headers.ts';
import { createInvokerCheck } from './invoker.ts';
import { startWorld, type World } from './testing/world.ts';

const MEBIBYTE = 1_024 * 1_024;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

/** Sends the lines unchanged. @returns the complete answer */
async function dial(lines: string[], body = ''): Promise<string> {
  const socket = connect(Number(new URL(world.url).port), '127.0.0.1');
  socket.write(`${[...lines, 'Host: service', 'Connection: close'].join('\r\n')}\r\n\r\n${body}`);
  return text(socket);
}

describe('the size of a request', () => {
  test('32 MiB pass', async () => {
    const body = new Uint8Array(32 * MEBIBYTE);
    expect(await world.said('/', { method: 'POST', body })).toMatchObject({ size: 32 * MEBIBYTE });
  });

  test('a request that declares a larger body gets 413 at once', async () => {
    const answer = await dial(['POST / HTTP/1.1', `Content-Length: ${32 * MEBIBYTE + 1}`]);
    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*Content-Type: text\/html/);
  });

  test('a request with a larger undeclared body gets 413', async () => {
    const chunk = `${MEBIBYTE.toString(16)}\r\n${'a'.repeat(MEBIBYTE)}\r\n`;
    const body = `${chunk.repeat(33)}0\r\n\r\n`;
    expect(await dial(['POST / HTTP/1.1', 'Transfer-Encoding: chunked'], body)).toMatch(
      /^HTTP\/1\.1 413 /,
    );
  });

  test('64 KiB of headers are refused', async () => {
    expect(await dial(['GET / HTTP/1.1', `X: ${'a'.repeat(66_000)}`])).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('a container may refuse headers that the front accepts', async () => {
    const answer = await dial(['GET / HTTP/1.1', `X: ${'a'.repeat(20_000)}`]);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).not.toContain('text/html');
  });
});

test('a sender whose body is refused early still sees the answer', async () => {
  const body = new Uint8Array(8 * MEBIBYTE);
  const response = await world.call('/early', { method: 'POST', body });
  expect([response.status, await response.text()]).toEqual([400, 'no']);
});

describe('a request that takes too long', () => {
  let slow: World;
  beforeAll(async () => {
    slow = await startWorld({ settings: { timeoutMs: 500, minInstances: 1 } });
    await slow.service.listening();
  });
  afterAll(() => slow.close());

  test('gets 504, and its place is free again', async () => {
    const answers = await Promise.all([slow.call('/hold'), slow.call('/hold')]);
    expect(answers.map(({ status }) => status)).toEqual([504, 504]);
    slow.service.settings.timeoutMs = HANG_LIMIT_MS;
    await slow.said();
    expect(slow.service.pids).toHaveLength(1);
  });

  test('gets 504 also while its instance starts', async () => {
    const starting = await startWorld({
      settings: { timeoutMs: 200 },
      environment: { START_MS: '60000' },
    });
    try {
      expect((await starting.call('/')).status).toBe(504);
    } finally {
      await starting.close();
    }
  });

  test('is cut off if its answer has begun', async () => {
    let response: Response;
    let timeoutMs = 250;
    do {
      // A busy machine may need longer until an answer begins.
      timeoutMs *= 2;
      slow.service.settings.timeoutMs = timeoutMs;
      response = await slow.call('/stream');
    } while (response.status === 504);
    await expect(response.text()).rejects.toThrow();
  });
});

describe('headers', () => {
  test('those of one connection and those reserved for Google are not passed on', async () => {
    const answer = await dial([
      'GET / HTTP/1.1',
      'Connection: X-Mine',
      'X-Mine: 1',
      'Keep-Alive: timeout=9',
      'TE: trailers',
      'Proxy-Authorization: Basic abc',
      'X-Google-Trust: me',
      'X-Other: stays',
    ]);
    const { headers } = JSON.parse(answer.slice(answer.indexOf('{'))) as { headers: object };
    expect(headers).toMatchObject({ 'x-other': 'stays', connection: 'keep-alive' });
    for (const name of ['x-mine', 'keep-alive', 'te', 'proxy-authorization', 'x-google-trust']) {
      expect(headers).not.toHaveProperty(name);
    }
    expect(answer).not.toMatch(/X-Private/i);
  });

  test('a caller cannot remove the headers of the front, nor the length of the body', async () => {
    const inner = 'POST /die HTTP/1.1\r\nHost: inner\r\nContent-Length: 0\r\n\r\n';
    const lines = ['DELETE / HTTP/1.1', `Content-Length: ${inner.length}`];
    const named = 'Connection: X-Forwarded-For, X-Forwarded-Proto, Host, Content-Length';
    const answer = await dial([...lines, named], inner);
    const said = JSON.parse(answer.slice(answer.indexOf('{'))) as { size: number; headers: object };
    expect(said.size).toBe(inner.length);
    expect(said.headers).toMatchObject({
      host: 'service',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
    });
  });

  test('the last address is the true caller; earlier ones are only claims', async () => {
    const { headers } = await world.said('/', { headers: { 'X-Forwarded-For': '8.8.8.8' } });
    expect(headers['x-forwarded-for']).toBe('8.8.8.8,127.0.0.1');
    expect(headers['x-forwarded-proto']).toBe('http');
  });

  test('a load balancer adds the caller and itself', () => {
    const claimed = { 'x-forwarded-for': '8.8.8.8', 'x-forwarded-proto': 'https', via: '1.0 fred' };
    const addresses = { client: '10.0.0.7', balancer: '10.0.0.1' };
    expect(throughLoadBalancer(claimed, addresses)).toEqual({
      'x-forwarded-for': '8.8.8.8,10.0.0.7,10.0.0.1',
      'x-forwarded-proto': 'http',
      via: '1.0 fred, 1.1 google',
    });
  });

  test('a request without a trace gets an unsampled one in both formats', async () => {
    const { headers } = await world.said('/', { headers: { traceparent: 'rubbish' } });
    const [, trace, span] =
      /^00-([\da-f]{32})-([\da-f]{16})-00$/.exec(headers.traceparent ?? '') ?? [];
    expect(headers['x-cloud-trace-context']).toBe(`${trace}/${BigInt(`0x${span}`)};o=0`);
  });

  test('the trace of the caller continues', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const { headers } = await world.said('/', { headers: { traceparent } });
    expect(headers).toMatchObject({
      traceparent,
      'x-cloud-trace-context': '4bf92f3577b34da6a3ce929d0e0e4736/67667974448284343;o=1',
    });
  });

  test('a token passes a public service unchanged', async () => {
    const { headers } = await world.said('/', { headers: { Authorization: 'Bearer a.b.c' } });
    expect(headers.authorization).toBe('Bearer a.b.c');
  });
});

describe('a private service', () => {
  const audience = 'https://worker.example.run.app';
  const tasks = 'tasks@project.iam.gserviceaccount.com';
  let identity: Identity;
  let issuer: Identity;
  let guarded: World;
  beforeAll(async () => {
    [identity, issuer] = [await createIdentity(), await createIdentity()];
    const policy = {
      issuer: identity.issuer,
      keys: identity.jwks(),
      audience,
      invokers: [tasks],
    };
    guarded = await startWorld({ checkInvoker: createInvokerCheck(policy) });
  });
  afterAll(() => guarded.close());

  const tokenOf = (email: string, claims: { audience?: string; expiresInS?: number } = {}) =>
    identity.sign({ sub: email, email, audience, ...claims });
  const statusOf = async (headers: Record<string, string>) =>
    (await guarded.call('/', { headers })).status;

  test('passes on the token of an invoker without its signature', async () => {
    const token = await tokenOf(tasks);
    const { headers } = await guarded.said('/', { headers: { Authorization: `Bearer ${token}` } });
    const [header, payload] = token.split('.');
    expect(headers.authorization).toBe(`Bearer ${header}.${payload}.SIGNATURE_REMOVED_BY_GOOGLE`);
  });

  test('forbids a request without a token (403)', async () => {
    expect(await statusOf({})).toBe(403);
  });

  test.each([
    ['is no token', async () => 'Bearer abc'],
    ['is of another scheme', async () => 'Basic abc'],
    [
      'another issuer has signed',
      async () => {
        const request = { sub: tasks, email: tasks, audience };
        return `Bearer ${await issuer.sign(request)}`;
      },
    ],
    [
      'is for another service',
      async () => `Bearer ${await tokenOf(tasks, { audience: 'https://a.example' })}`,
    ],
    ['has expired', async () => `Bearer ${await tokenOf(tasks, { expiresInS: -60 })}`],
    [
      'had its signature removed before',
      async () => {
        const token = await tokenOf(tasks);
        return `Bearer ${token.replace(/[^.]+$/, 'SIGNATURE_REMOVED_BY_GOOGLE')}`;
      },
    ],
  ])('refuses what %s (401)', async (_title, authorization) => {
    expect(await statusOf({ Authorization: await authorization() })).toBe(401);
  });

  test('forbids an account that is no invoker (403)', async () => {
    const token = await tokenOf('somebody@project.iam.gserviceaccount.com');
    expect(await statusOf({ Authorization: `Bearer ${token}` })).toBe(403);
  });

  test('checks X-Serverless-Authorization alone, if it is there', async () => {
    const token = await tokenOf(tasks);
    const both = {
      Authorization: 'Bearer of.a.user',
      'X-Serverless-Authorization': `Bearer ${token}`,
    };
    const { headers } = await guarded.said('/', { headers: both });
    expect(headers.authorization).toBe('Bearer of.a.user');
    expect(headers['x-serverless-authorization']).toMatch(/\.SIGNATURE_REMOVED_BY_GOOGLE$/);
    const swapped = {
      Authorization: `Bearer ${token}`,
      'X-Serverless-Authorization': 'Bearer of.a.user',
    };
    expect(await statusOf(swapped)).toBe(401);
  });
});
