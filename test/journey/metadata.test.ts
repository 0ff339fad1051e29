/** Metadata and ids of an app's own: by every way in, and out by every way. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { binListSchema } from '@media-analysis/shared/bin';
import { problemSchema } from '@media-analysis/shared/errors';
import { monthListSchema } from '@media-analysis/shared/library';
import { type Media, mediaSchema } from '@media-analysis/shared/media';
import { mediaListSchema } from '@media-analysis/shared/search';
import { analyzeMediaResponseSchema } from '@media-analysis/shared/uploads';
import { announceClip, clip } from '../support/frames.ts';
import {
  client,
  eventually,
  file,
  form,
  photo,
  readEvents,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';
import { startReceiver } from '../support/webhook-receiver.ts';
import { type Backend, becomes, begin, isCompleted, openBackend } from './imports.ts';

let stack: Stack;
let backend: Backend;
let alice: ReturnType<typeof client>;
beforeAll(async () => {
  stack = await startStack();
  backend = await openBackend(stack);
  alice = client(stack, await tokenOf(stack, 'alice'));
});
afterAll(async () => {
  await backend.close();
  await stack.close();
});

const post = (path: string, body: FormData | object, headers = {}) =>
  alice.call(path, {
    method: 'POST',
    headers,
    body: body instanceof FormData ? body : JSON.stringify(body),
  });
const patch = async (id: string, body: object) => {
  const response = await alice.call(`/api/media/${id}`, {
    method: 'PATCH',
    body: JSON.stringify(body),
  });
  return mediaSchema.parse(await response.json());
};
const namesOf = ({ metadata, external_id }: Media) => ({ metadata, external_id });
async function found(query: Record<string, string>): Promise<string[]> {
  const response = await alice.call(`/api/media?${new URLSearchParams(query)}`);
  return mediaListSchema.parse(await response.json()).media.map(({ id }) => id);
}

const metadata = { 'order.id': '1042', 客: '=1+1' };

test('of a form: shown, streamed, told to the backend, found, exported, kept, and not copied', async () => {
  const receiver = await startReceiver();
  try {
    const files = await Promise.all(['02-cat.png', '05-dogs.jpg'].map(file));
    const body = form(files, {
      metadata: JSON.stringify(metadata),
      external_id: '["=cat 1",null]',
      callback_url: receiver.url,
    });
    const headers = { 'X-On-Behalf-Of': 'alice' };
    const key = client(stack, backend.keys.all);
    const sent = await key.call('/api/agent/analyze-media', { method: 'POST', headers, body });
    const { media } = analyzeMediaResponseSchema.parse(await sent.json());
    const names = [
      { metadata, external_id: '=cat 1' },
      { metadata, external_id: undefined },
    ];
    expect(media.map(namesOf)).toEqual(names);
    const ids = media.map(({ id }) => id);
    const [id = ''] = ids;
    const ended = await alice.results(ids);
    expect(ended.map((each) => each && namesOf(each))).toEqual(names);
    const told = await eventually(async () => {
      const ends = [...receiver.taken.values()].flatMap(({ payload }) =>
        payload.type === 'media.completed' ? [payload.data] : [],
      );
      return ends.length === 2 ? ends : undefined;
    });
    for (const [n, each] of ids.entries()) {
      const data = told.find(({ media_id }) => media_id === each);
      expect({ metadata: data?.metadata, external_id: data?.external_id }).toEqual(names[n]);
    }

    const external_id = '=cat 1';
    expect(await found({ external_id })).toEqual([id]);
    expect(await found({ external_id, kind: 'image', sort: 'taken_asc' })).toEqual([id]);
    expect(await found({ external_id, q: 'cat' })).toEqual([id]);
    expect(await found({ external_id, kind: 'video' })).toEqual([]);
    expect(await found({ external_id: '=cat' })).toEqual([]);
    const months = await alice.call(`/api/media/months?${new URLSearchParams({ external_id })}`);
    expect(monthListSchema.parse(await months.json()).months).toMatchObject([{ count: 1 }]);
    const exported = async (format: string) => {
      const query = new URLSearchParams({ external_id, format });
      return (await alice.call(`/api/media/export?${query}`)).text();
    };
    expect(namesOf(JSON.parse(await exported('json')).media[0])).toEqual(names[0]);
    expect(namesOf(JSON.parse(await exported('ndjson')))).toEqual(names[0]);
    const csv = await exported('csv');
    expect(csv).toContain(',external_id,metadata\r\n');
    expect(csv.trimEnd()).toMatch(/,"'=cat 1","\{""order\.id"":""1042"",""客"":""=1\+1""\}"$/);

    await alice.call(`/api/media/${id}/analyses/describe`, { method: 'POST' });
    await alice.results([id]);
    await alice.call(`/api/media/${id}`, { method: 'DELETE' });
    expect(await found({ external_id })).toEqual([]);
    const binned = binListSchema.parse(await (await alice.call('/api/bin')).json());
    expect(binned.media).toMatchObject([{ id, ...names[0] }]);
    await alice.call(`/api/media/${id}/restore`, { method: 'POST' });
    expect(await alice.get(id)).toMatchObject({ attempts: 2, ...names[0] });
    expect(await found({ external_id })).toEqual([id]);

    const copied = (await alice.analyze([await file('02-cat.png')])).media_ids;
    const [copy] = await alice.results(copied);
    expect(copy && [copy.same_as, namesOf(copy)]).toEqual([id, {}]);
  } finally {
    await receiver.close();
  }
});

test('of a file that is only stored, and of an announced one', async () => {
  const stored = form([await file('03-coffee.webp')], {
    metadata: JSON.stringify(metadata),
    external_id: 'stored',
  });
  expect((await (await post('/api/media', stored)).json()) as object).toMatchObject({
    media: { metadata, external_id: 'stored' },
  });

  const bytes = await clip();
  const names = { metadata, external_id: 'announced' };
  const { id, url } = await announceClip(alice, bytes.length, names);
  expect(await alice.get(id)).toMatchObject(names);
  await fetch(url, { method: 'PUT', body: bytes });
  await post(`/api/media/${id}/uploaded`, {});
  expect((await alice.results([id]))[0]).toMatchObject(names);
  expect(await found({ external_id: 'announced', kind: 'video' })).toEqual([id]);
});

test('of an import: metadata for all of it, and an id for each address', async () => {
  const picture = await readFile(photo('02-cat.png'));
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'image/png').end(picture);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const base = `http://localhost:${(server.address() as AddressInfo).port}`;
    const carol = backend.as('carol');
    const urls = [{ url: `${base}/a.png`, external_id: 'sku 7' }, `${base}/b.png`];
    await becomes(carol, await begin(carol, { source: { urls }, metadata }), isCompleted);
    const listed = await (await carol('/api/media')).json();
    expect(mediaListSchema.parse(listed).media.map(namesOf)).toEqual(
      expect.arrayContaining([
        { metadata, external_id: 'sku 7' },
        { metadata, external_id: undefined },
      ]),
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('changed later: metadata are merged, null removes, and every stream hears of it', async () => {
  const [id = ''] = (await alice.analyze([await file('06-osprey.jpg')])).media_ids;
  const [before] = await alice.results([id]);
  const leave = new AbortController();
  const stream = await alice.call('/api/media/stream', { signal: leave.signal });
  const made = await patch(id, { metadata: { a: '1', b: '2' }, external_id: 'x' });
  expect(made).toMatchObject({ metadata: { a: '1', b: '2' }, external_id: 'x' });
  expect(made.analytics).toEqual(before?.analytics);
  for await (const { data } of readEvents(stream)) {
    const { external_id, ...told } = data as Media;
    if (told.id === id && external_id === 'x' && told.metadata?.b === '2') break;
  }
  leave.abort();
  await patch(id, { title: 'Ours' });
  const next = await patch(id, { metadata: { a: null, b: '', c: '3' } });
  expect(namesOf(next)).toEqual({ metadata: { c: '3' }, external_id: 'x' });
  expect(next.edits).toEqual({ title: 'Ours' });
  const none = await patch(id, { metadata: null, external_id: null });
  expect(namesOf(none)).toEqual({});
  expect(none.edits).toEqual({ title: 'Ours' });
  expect(await found({ external_id: 'x' })).toEqual([]);
});

test('a request with other names is another one, and a number is no text', async () => {
  const key = { 'Idempotency-Key': 'names' };
  const send = async (external_id: string, said: object) => {
    const body = form([await file('02-cat.png')], { external_id, metadata: JSON.stringify(said) });
    const response = await post('/api/agent/analyze-media', body, key);
    if (response.status === 202) return response.headers.get('idempotent-replayed');
    return problemSchema.parse(await response.json());
  };
  expect(await send('a', { a: 5 })).toMatchObject({
    code: 'invalid_request',
    detail: 'metadata.a: must be a text: send "5", not 5',
  });
  expect(await send('a', metadata)).toBeNull();
  expect(await send('a', metadata)).toBe('true');
  expect(await send('b', metadata)).toMatchObject({ code: 'idempotency_key_reused' });
  expect(await send('a', { a: '1' })).toMatchObject({ code: 'idempotency_key_reused' });
  const announced = { file_name: 'a.mov', content_type: 'video/quicktime', size: 9 };
  const announce = async (more: object) => {
    const response = await post('/api/media/uploads', { files: [{ ...announced, ...more }] }, key2);
    return response.status;
  };
  const key2 = { 'Idempotency-Key': 'announced names' };
  expect(await announce({ external_id: 'a' })).toBe(201);
  expect(await announce({ external_id: 'a' })).toBe(201);
  expect(await announce({ external_id: 'b' })).toBe(422);
  expect(await announce({ external_id: 'a', metadata })).toBe(422);
});
