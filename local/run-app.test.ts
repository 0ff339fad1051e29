/** The addresses of the shape `small`: the local user there, and the requests that are passed on. */
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Addresses } from './address.ts';
import { createFront } from './front/front.ts';
import { startWorld, type World } from './front/testing/world.ts';
import { startRunApp } from './run-app.ts';

let world: World;
let addresses: Addresses;
/** Sent before anything could answer it. */
let early: Promise<Said>;
beforeAll(async () => {
  addresses = await startRunApp();
  early = ask(addresses.apiUrl);
  world = await startWorld({ settings: { concurrency: 100, maxInstances: 1 } });
  const front = createFront(world.service);
  addresses.open({
    fronts: { api: front, stream: front },
    localToken: async () => 'local.user.token',
    // The container stands for the issuer too.
    identityPort: await world.service.listening(),
    config: {},
    storageOrigin: 'http://127.0.0.1:1',
  });
});
afterAll(async () => {
  addresses.close();
  await world.close();
});

interface Said {
  status: number | undefined;
  headers: Record<string, string | undefined>;
}

/** The request that the container got, or nothing if it did not get there. `fetch` would not send these headers. */
async function ask(url: string, headers: Record<string, string> = {}, path = '/'): Promise<Said> {
  const request = http.get(new URL(path, url), { headers, agent: false });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const said = (await json(answer)) as Partial<Said>;
  return { status: answer.statusCode, headers: said.headers ?? {} };
}

test('page and API are on different sites, and only the page may call the API', () => {
  const [page, api] = [new URL(addresses.url), new URL(addresses.apiUrl)];
  expect(page.hostname).not.toBe(api.hostname);
  expect(addresses.settings.ALLOWED_ORIGINS).toBe(
    `http://localhost:${page.port},http://127.0.0.1:${page.port}`,
  );
});

test('a request that comes before the units are there waits for them', async () => {
  expect((await early).status).toBe(200);
});

describe.each(['url', 'apiUrl'] as const)('at %s', (which) => {
  const authorizationOf = async (headers: Record<string, string>) =>
    (await ask(addresses[which], headers)).headers.authorization;

  test('the page and programs are the user `local`', async () => {
    expect(await authorizationOf({})).toBe('Bearer local.user.token');
    expect(await authorizationOf({ Origin: addresses.url })).toBe('Bearer local.user.token');
  });

  test('a token stays what it is, and so does a session', async () => {
    expect(await authorizationOf({ Authorization: 'Bearer mine' })).toBe('Bearer mine');
    expect(await authorizationOf({ Cookie: '__session=mine' })).toBeUndefined();
  });

  test.each([
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { Origin: 'http://localhost:1' },
    { Host: 'evil.example' },
  ])('another site is nobody: %j', async (headers) => {
    expect(await authorizationOf(headers as Record<string, string>)).toBeUndefined();
  });

  test('a request is passed on as Cloud Run does it, without a load balancer', async () => {
    const sent = { 'X-Forwarded-For': '10.1.2.3', 'X-Google-Secret': 'x', TE: 'trailers' };
    const { headers } = await ask(addresses[which], sent);
    expect(headers).toMatchObject({
      'x-forwarded-for': '10.1.2.3,127.0.0.1',
      'x-forwarded-proto': 'http',
    });
    for (const name of ['via', 'x-google-secret', 'te']) expect(headers).not.toHaveProperty(name);
  });
});

test('the local issuer answers at the page’s address alone, and no other site', async () => {
  // A request that comes by the front has passed it.
  const { headers } = await ask(addresses.url, {}, '/local/token');
  expect(headers).not.toHaveProperty('x-forwarded-for');
  expect((await ask(addresses.apiUrl, {}, '/local/token')).headers).toHaveProperty(
    'x-forwarded-for',
  );
  const foreign = { Origin: 'https://evil.example' };
  expect((await ask(addresses.url, foreign, '/local/token')).status).toBe(404);
});
