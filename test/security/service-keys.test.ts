/** A backend with a service key acts for its users, within its scopes, and its key works in one header alone. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Scope } from '../../functions/http/service-key.ts';
import { ServiceKeys } from '../../functions/http/service-keys.ts';
import { longTest } from '../support/long-test.ts';
import {
  client,
  databaseOf,
  file,
  form,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';

const COMMAND = fileURLToPath(new URL('../../deploy/keys.ts', import.meta.url));

let stack: Stack;
let firestore: Firestore;
let keys: ServiceKeys;

beforeAll(async () => {
  stack = await startStack();
  firestore = databaseOf(stack);
  keys = new ServiceKeys(async () => firestore);
  // Before the units read them.
  const all: Scope[][] = [['read'], ['write'], ['admin'], ['read', 'write', 'admin']];
  for (const scopes of all) made.set(scopes.join(), (await keys.add('test', scopes)).key);
});
afterAll(async () => {
  await firestore.terminate();
  await stack.close();
});

const made = new Map<string, string>();

/** A backend that calls with a key of these scopes. */
function backend(...scopes: Scope[]) {
  const key = made.get(scopes.join()) ?? '';
  const { call } = client(stack, key);
  return {
    key,
    call: (path: string, { headers, ...init }: RequestInit = {}, user: string | null = 'alice') =>
      call(path, {
        ...init,
        headers: {
          ...(user !== null && { 'X-On-Behalf-Of': user }),
          ...(headers as Record<string, string>),
        },
      }),
  };
}

const known = async (call: () => Promise<Response>): Promise<Response> => {
  for (;;) {
    const response = await call();
    if (response.status !== 401) return response;
    await response.arrayBuffer();
    // A key that is not known is looked for again after 5 s.
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
};

const problemOf = async (response: Response) => {
  const { code, detail } = (await response.json()) as { code: string; detail: string };
  return { status: response.status, code, detail };
};

test('a backend acts for exactly one user, who sees with a token of their own what it has done', async () => {
  const shop = backend('read', 'write', 'admin');
  const body = form([await file('02-cat.png')]);
  const sent = await known(() =>
    shop.call('/api/agent/analyze-media', {
      method: 'POST',
      body: form([...body.values()] as File[]),
    }),
  );
  expect(sent.status).toBe(202);
  const { media_ids } = (await sent.json()) as { media_ids: string[] };
  const [id = ''] = media_ids;
  // The stream, which another unit answers.
  const stream = await known(() => shop.call(`/api/agent/analyze-media/stream?ids=${id}`));
  expect(await stream.text()).toMatch(/event: done/);
  const alice = client(stack, await tokenOf(stack, 'alice'));
  expect((await alice.get(id)).status).toBe('completed');
  const content = await shop.call(`/api/media/${id}/content`);
  expect(content.status).toBe(302);
  const bytes = await (await fetch(content.headers.get('location') ?? '')).arrayBuffer();
  expect(Buffer.from(bytes)).toEqual(Buffer.from(await (await file('02-cat.png')).arrayBuffer()));
  expect((await shop.call(`/api/media/${id}`, {}, 'bob')).status).toBe(404);
  expect((await shop.call(`/api/media/${id}/stream`, {}, 'bob')).status).toBe(404);
});

describe('a key', () => {
  test('is taken from no address and from no cookie', async () => {
    const { key } = backend('read', 'write', 'admin');
    const named = { 'X-On-Behalf-Of': 'alice' };
    const works = client(stack, key);
    expect((await works.call('/api/media', { headers: named })).status).toBe(200);
    const inCookie = { Cookie: `__session=${key}`, Authorization: 'None' };
    for (const path of ['/api/media', '/api/media/x/stream']) {
      for (const name of ['key', 'access_token', 'authorization', 'token']) {
        const url = `${stack.url}${path}?${name}=${key}`;
        expect((await fetch(url, { headers: { Authorization: 'None' } })).status).toBe(401);
        expect((await fetch(url, { headers: { Authorization: 'None', ...named } })).status).toBe(
          400,
        );
      }
      expect((await fetch(`${stack.url}${path}`, { headers: inCookie })).status).toBe(401);
    }
  });

  test.each<[Scope[], string, RequestInit, number]>([
    [['read'], '/api/media', {}, 200],
    [['read'], '/api/media/export', { method: 'POST', body: '{"ids":["a"]}' }, 200],
    [['read'], '/api/media/delete', { method: 'POST', body: '{"ids":["a"]}' }, 403],
    [['read'], '/api/media/a', { method: 'DELETE' }, 403],
    [['read'], '/api/media/a', { method: 'PATCH', body: '{"title":"a"}' }, 403],
    [['write'], '/api/media/delete', { method: 'POST', body: '{"ids":["a"]}' }, 200],
    [['write'], '/api/media', {}, 403],
    [['write'], '/api/media/a/stream', {}, 403],
    [['admin'], '/api/media', {}, 403],
    [['admin'], '/api/media/delete', { method: 'POST', body: '{"ids":["a"]}' }, 403],
  ])('with the scopes %j may call %s %j: %i', async (scopes, path, init, status) => {
    const { call } = backend(...scopes);
    const response = await known(() => call(path, init));
    expect(response.status).toBe(status);
    if (status === 403) expect(await problemOf(response)).toMatchObject({ code: 'forbidden' });
    else await response.arrayBuffer();
  });

  test('acts for nobody unless a user is named, and for no text that cannot be a user', async () => {
    const { call, key } = backend('read');
    const nobody = await known(() => call('/api/media', {}, null));
    expect(await problemOf(nobody)).toMatchObject({ status: 400, code: 'invalid_request' });
    for (const bad of ['', 'a b', 'a, b', 'x'.repeat(256), 'b\u00f6b', 'a\tb']) {
      expect(await problemOf(await call('/api/media', {}, bad))).toMatchObject({ status: 400 });
    }
    expect((await call('/api/media', {}, 'x'.repeat(255))).status).toBe(200);
    // The same header twice.
    const twice = new Headers([
      ['X-On-Behalf-Of', 'alice'],
      ['X-On-Behalf-Of', 'bob'],
      ['Authorization', `Bearer ${key}`],
    ]);
    const both = await known(() => fetch(`${stack.url}/api/media`, { headers: twice }));
    expect(both.status).toBe(400);
  });

  test('that was revoked, or was never made, is refused', async () => {
    const { key, record } = await keys.add('gone', ['read']);
    await keys.revoke(record.id);
    for (const each of [key, `mk_${'x'.repeat(43)}`, 'mk_', 'mk_abc.def.ghi']) {
      const { call } = client(stack, each);
      const headers = { 'X-On-Behalf-Of': 'alice' };
      for (const path of ['/api/media', '/api/media/x/stream']) {
        expect(await problemOf(await call(path, { headers }))).toMatchObject({ status: 401 });
      }
    }
  });
});

test('a user acts for nobody else', async () => {
  const { call } = client(stack, await tokenOf(stack, 'mallory'));
  const headers = { 'X-On-Behalf-Of': 'alice' };
  for (const path of ['/api/media', '/api/media/x/stream']) {
    expect(await problemOf(await call(path, { headers }))).toMatchObject({ status: 400 });
  }
  // Nor does the one who needs no token on this machine.
  expect((await fetch(`${stack.url}/api/media`, { headers })).status).toBe(400);
});

longTest('`npm run keys` makes a key, lists it without its secret, and revokes it', async () => {
  const env = { ...process.env, ...stack.environment, FIRESTORE_DATABASE: '(default)' };
  const run = async (...args: string[]) =>
    (await promisify(execFile)(process.execPath, [COMMAND, ...args], { env })).stdout;
  const made = await run('add', 'the shop', '--scope', 'read', '--days', '30');
  const key = /^mk_\S{43}$/m.exec(made)?.[0] ?? '';
  const id = /^key_\w+/m.exec(made)?.[0] ?? '';
  const { call } = client(stack, key);
  const headers = { 'X-On-Behalf-Of': 'alice' };
  expect((await known(() => call('/api/media', { headers }))).status).toBe(200);
  const list = await run('list');
  expect(list).toContain('"the shop"  read  made');
  expect(list).not.toContain(key);
  expect(await run('revoke', id)).toContain('is revoked');
  expect(await run('list')).toMatch(new RegExp(`${id}.*revoked`));
});
