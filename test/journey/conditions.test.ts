/** Two writers do not overwrite each other; and HEAD, and the type of a body. */

import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { problemSchema } from '@media-analysis/shared/errors';
import { createUploadsResponseSchema } from '@media-analysis/shared/large-uploads';
import { webhookWithSecretSchema } from '@media-analysis/shared/webhooks';
import { client, databaseOf, file, type Stack, startStack, tokenOf } from '../support/stack.ts';

const ROUNDS = 25;

let stack: Stack;
let alice: ReturnType<typeof client>;
let backend: ReturnType<typeof client>;
let db: Firestore;
let id: string;
beforeAll(async () => {
  stack = await startStack();
  db = databaseOf(stack);
  alice = client(stack, await tokenOf(stack, 'alice'));
  const made = await fetch(`${stack.url}/local/keys`, { method: 'POST', body: '{}' });
  backend = client(stack, ((await made.json()) as { key: string }).key);
  const { media_ids } = await alice.analyze([await file('02-cat.png')]);
  await alice.results(media_ids);
  id = media_ids[0] ?? '';
});
afterAll(async () => {
  await db.terminate();
  await stack.close();
});

async function tagOf(path: string, who = alice): Promise<string> {
  const response = await who.call(path);
  await response.arrayBuffer();
  return response.headers.get('etag') ?? '';
}
const patch = (title: string, etag?: string, of = id) =>
  alice.call(`/api/media/${of}`, {
    method: 'PATCH',
    body: JSON.stringify({ title }),
    headers: { ...(etag !== undefined && { 'If-Match': etag }) },
  });
const statusesOf = async (asked: Promise<Response>[]) =>
  (await Promise.all(asked)).map(({ status }) => status).sort();

/** @returns the id of a media whose bytes have not arrived */
async function announce(): Promise<string> {
  const files = [{ file_name: 'a.mov', content_type: 'video/quicktime', size: 9 }];
  const init = { method: 'POST', body: JSON.stringify({ files }) };
  const announced = await alice.call('/api/media/uploads', init);
  const { uploads } = createUploadsResponseSchema.parse(await announced.json());
  return uploads[0]?.media_id ?? '';
}

describe('a media', () => {
  test('of two writers at once with the same tag one wins, and the other is told', async () => {
    let etag = await tagOf(`/api/media/${id}`);
    for (let round = 0; round < ROUNDS; round++) {
      const answers = await Promise.all(['a', 'b'].map((who) => patch(`${who}${round}`, etag)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
      const [won, lost] = answers.sort((a, b) => a.status - b.status);
      expect(problemSchema.parse(await lost?.json()).code).toBe('precondition_failed');
      expect(await won?.json()).toEqual(await alice.get(id));
      // The answer of a write has the tag that the next one needs.
      etag = won?.headers.get('etag') ?? '';
      expect(await tagOf(`/api/media/${id}`)).toBe(etag);
    }
  });

  test('a write during an analysis, which leaves the revision as it is, changes the tag too', async () => {
    const ref = db.doc(`media/${id}`);
    await ref.update({ lease: { token: 'abcdef', expires_at: new Date(Date.now() + 60_000) } });
    const { revision } = await alice.get(id);
    const etag = await tagOf(`/api/media/${id}`);
    expect(await statusesOf([patch('during', etag), patch('at once', etag)])).toEqual([200, 412]);
    expect((await alice.get(id)).revision).toBe(revision);
    await ref.update({ lease: null });
  });

  test('the work on it changes the tag: whoever asks for that is told, and whoever does not, is not', async () => {
    const etag = await tagOf(`/api/media/${id}`);
    await alice.call(`/api/media/${id}/analyses/describe`, { method: 'POST' });
    await alice.results([id]);
    expect((await patch('mine', etag)).status).toBe(412);
    expect((await patch('mine')).status).toBe(200);
  });

  test('without a body if the caller has it', async () => {
    const etag = await tagOf(`/api/media/${id}`);
    const headers = { 'If-None-Match': etag };
    const again = await alice.call(`/api/media/${id}`, { headers });
    expect([again.status, await again.text()]).toEqual([304, '']);
    await patch('something new');
    expect((await alice.call(`/api/media/${id}`, { headers })).status).toBe(200);
  });

  test.each([false, true])('is deleted only as it was seen; announced: %s', async (announced) => {
    const of = announced ? await announce() : id;
    const etag = await tagOf(`/api/media/${of}`);
    await patch('later', undefined, of);
    const remove = (tag: string, query = '') =>
      alice.call(`/api/media/${of}${query}`, { method: 'DELETE', headers: { 'If-Match': tag } });
    expect((await remove(etag)).status).toBe(412);
    expect((await remove(etag, '?permanently=true')).status).toBe(412);
    const present = await tagOf(`/api/media/${of}`);
    expect((await remove(present)).status).toBe(204);
    expect((await remove(present)).status).toBe(announced ? 404 : 204);
    if (announced) return;
    expect((await remove(etag, '?permanently=true')).status).toBe(412);
    expect((await alice.call(`/api/media/${of}/restore`, { method: 'POST' })).status).toBe(200);
  });
});

test('a webhook is changed only as it was seen, and a new secret is a change', async () => {
  const body = JSON.stringify({ url: 'https://shop.example/hooks' });
  const made = await backend.call('/api/webhooks', { method: 'POST', body });
  const path = `/api/webhooks/${webhookWithSecretSchema.parse(await made.json()).id}`;
  const etag = await tagOf(path, backend);
  expect(made.headers.get('etag')).toBe(etag);
  const write = (tag: string, way = '/rotate', method = 'POST') =>
    backend.call(path + way, { method, headers: { 'If-Match': tag } });
  const unchanged = await backend.call(path, { headers: { 'If-None-Match': etag } });
  expect(unchanged.status).toBe(304);
  expect(await statusesOf([write(etag), write(etag)])).toEqual([200, 412]);
  expect((await write(etag, '/enable')).status).toBe(412);
  expect((await write(etag, '', 'DELETE')).status).toBe(412);
  const edit = { method: 'PATCH', body: JSON.stringify({ events: ['media.failed'] }) };
  const late = await backend.call(path, { ...edit, headers: { 'If-Match': etag } });
  expect(late.status).toBe(412);
  const seen = { 'If-Match': await tagOf(path, backend) };
  const edited = await backend.call(path, { ...edit, headers: seen });
  expect([edited.status, edited.headers.get('etag')]).toEqual([200, await tagOf(path, backend)]);
  expect((await write(await tagOf(path, backend), '', 'DELETE')).status).toBe(204);
  expect((await write('*', '', 'DELETE')).status).toBe(404);
});

test('HEAD is answered as GET, with the same token, and without a body', async () => {
  const paths = [`media/${id}`, 'media?limit=1', `media/${id}/preview`, 'usage', 'openapi.json'];
  for (const path of [...paths, 'media/export?format=csv', 'media/nobody']) {
    const [get, head] = await Promise.all(
      ['GET', 'HEAD'].map((method) => alice.call(`/api/${path}`, { method })),
    );
    const of = (answer?: Response) => {
      const varying = [
        'date',
        'x-request-id',
        'location',
        'transfer-encoding',
        'connection',
        'keep-alive',
      ];
      return [...(answer?.headers ?? [])].filter(([name]) => !varying.includes(name));
    };
    expect([path, head?.status, of(head)]).toEqual([path, get?.status, of(get)]);
    expect([await head?.text(), (await get?.text()) !== undefined]).toEqual(['', true]);
  }
  const cookie = { Cookie: `__session=${await tokenOf(stack, 'alice')}` };
  const bare = client(stack, 'nonsense');
  const headers = { ...cookie, Authorization: '' };
  expect((await bare.call('/api/usage', { method: 'HEAD', headers })).status).toBe(200);
  expect((await bare.call('/api/usage', { method: 'HEAD' })).status).toBe(401);
  const stream = await alice.call(`/api/media/${id}/stream`, { method: 'HEAD' });
  expect([stream.status, stream.headers.get('allow')]).toEqual([405, 'GET']);
});

describe('a body', () => {
  const send = (type: string, body: string | Uint8Array<ArrayBuffer> = '{"title":"Ours"}') =>
    alice.call(`/api/media/${id}`, {
      method: 'PATCH',
      body,
      headers: type ? { 'Content-Type': type } : {},
    });

  test.each([
    'application/json',
    'Application/JSON ; charset=utf-8',
    'application/merge-patch+json',
  ])('of the type %s is JSON', async (type) => {
    expect((await send(type)).status).toBe(200);
  });

  test.each(['application/x-www-form-urlencoded', 'text/plain', 'application/jsonp', ''])(
    'of the type "%s" is refused, and what to send is said',
    async (type) => {
      // Bytes have no type of their own.
      const answer = await send(type, new TextEncoder().encode('{"title":"Ours"}'));
      const { status, code, detail } = problemSchema.parse(await answer.json());
      expect([status, code]).toEqual([415, 'not_json']);
      expect(detail).toContain('Content-Type: application/json');
    },
  );

  test('that is not there needs no type, and a caller without a token learns first that it has none', async () => {
    const path = `/api/media/${id}/analyses/describe`;
    expect((await alice.call(path, { method: 'POST' })).status).toBe(202);
    const headers = { 'Content-Type': 'text/plain' };
    const bare = client(stack, 'nonsense');
    expect((await bare.call(path, { method: 'POST', body: '{}', headers })).status).toBe(401);
  });
});
