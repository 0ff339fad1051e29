/** `/local/inbox` and `/local/keys` of a running stack. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { client, eventually, file, form, type Stack, startStack } from '../test/support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

interface Shown {
  state: string;
  messages: { id: string; times: number; is_genuine: boolean; answered: number; body: string }[];
}

const inbox = (path: string, init?: RequestInit) => fetch(`${stack.url}/local/inbox${path}`, init);
const post = (path: string, body: object = {}, headers = {}) =>
  inbox(path, { method: 'POST', body: JSON.stringify(body), headers });
const shown = async () => (await (await inbox('/messages')).json()) as Shown;

test('what the service tells arrives there with a right signature, and what others send with a wrong one', async () => {
  expect(await shown()).toMatchObject({ state: 'absent', messages: [] });
  expect((await post('/register')).status).toBe(204);
  expect((await shown()).state).toBe('enabled');
  await post('/answer', { status: 500 });
  // A worker may have read the list of webhooks just before.
  await new Promise((resolve) => setTimeout(resolve, 10_500));
  const body = form([await file('02-cat.png')]);
  await client(stack).call('/api/agent/analyze-media', { method: 'POST', body });
  const refused = await eventually(async () => {
    const { messages } = await shown();
    return messages.some(({ times }) => times > 1) ? messages : undefined;
  });
  expect(refused.every(({ answered }) => answered === 500)).toBe(true);
  await post('/answer', { status: 204 });
  const taken = await eventually(async () => {
    const { messages } = await shown();
    return messages.length >= 4 && messages.every(({ answered }) => answered === 204)
      ? messages
      : undefined;
  });
  expect(taken.every(({ is_genuine }) => is_genuine)).toBe(true);
  expect(taken.map(({ body }) => JSON.parse(body).type).toSorted()).toEqual([
    'analysis.completed',
    'batch.completed',
    'media.completed',
    'media.created',
  ]);
  const forged = {
    'webhook-id': 'evt_x',
    'webhook-timestamp': '1',
    'webhook-signature': 'v1,AA==',
  };
  await post('/messages', JSON.parse(taken[0]?.body ?? ''), forged);
  expect((await shown()).messages[0]).toMatchObject({ id: 'evt_x', is_genuine: false });
  expect((await post('/remove')).status).toBe(204);
  expect((await shown()).state).toBe('absent');
});

test('a key that is made there works', async () => {
  const body = JSON.stringify({ scopes: ['read'] });
  const made = await fetch(`${stack.url}/local/keys`, { method: 'POST', body });
  const { key } = (await made.json()) as { key: string };
  const { call } = client(stack, key);
  const headers = { 'X-On-Behalf-Of': 'alice' };
  expect((await call('/api/media', { headers })).status).toBe(200);
  expect((await call('/api/media/delete', { method: 'POST', headers, body: '{}' })).status).toBe(
    403,
  );
});

test('no other site uses them, and what is no message is not kept', async () => {
  const Origin = 'https://evil.example';
  expect((await post('/register', {}, { Origin })).status).toBe(404);
  const keys = await fetch(`${stack.url}/local/keys`, {
    method: 'POST',
    body: '{}',
    headers: { Origin },
  });
  expect(keys.status).toBe(404);
  const before = (await shown()).messages.length;
  expect((await post('/messages', { type: 'x' })).status).toBe(400);
  expect((await inbox('/messages', { method: 'POST', body: '{' })).status).toBe(400);
  expect((await shown()).messages).toHaveLength(before);
  const page = await inbox('');
  expect(page.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; script-src 'nonce-/,
  );
});
