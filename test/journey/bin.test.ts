/** The bin: what is deleted is nowhere else, comes back whole, and is gone after its time. One media, and many at once. */
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type BinList,
  binListSchema,
  deletedSchema,
  restoredSchema,
} from '@media-analysis/shared/bin';
import { problemSchema } from '@media-analysis/shared/errors';
import { mediaListSchema } from '@media-analysis/shared/search';
import { shelve } from '../support/library.ts';
import { longTest } from '../support/long-test.ts';
import { client, databaseOf, file, type Stack, startStack, tokenOf } from '../support/stack.ts';
import { clientFor } from '../support/storage.ts';

let stack: Stack;
let db: Firestore;
beforeAll(async () => {
  stack = await startStack();
  db = databaseOf(stack);
});
afterAll(async () => {
  await db.terminate();
  await stack.close();
});

const as = async (name: string) => client(stack, await tokenOf(stack, name));
type User = ReturnType<typeof client>;

async function send(user: User): Promise<string> {
  const { media_ids } = await user.analyze([await file('02-cat.png')]);
  await user.results(media_ids);
  return media_ids[0] ?? '';
}
const post = (user: User, path: string, body: unknown) =>
  user.call(`/api/media/${path}`, { method: 'POST', body: JSON.stringify(body) });
async function bin(user: User, query = ''): Promise<BinList> {
  return binListSchema.parse(await (await user.call(`/api/bin${query}`)).json()) as BinList;
}
const binned = async (user: User) => (await bin(user)).media.map(({ id }) => id);
async function listed(user: User, query = ''): Promise<string[]> {
  const { media } = mediaListSchema.parse(await (await user.call(`/api/media${query}`)).json());
  return media.map(({ id }) => id);
}
async function objectsOf(id: string): Promise<string[]> {
  const { STORAGE_EMULATOR_HOST: host = '', MEDIA_BUCKET = '' } = stack.environment;
  const [files] = await clientFor(host)
    .bucket(MEDIA_BUCKET)
    .getFiles({ prefix: `${id}/` });
  return files.map(({ name }) => name);
}

test('what is deleted is not listed, found, served, streamed, asked or copied, and comes back whole', async () => {
  const alice = await as('alice');
  const id = await send(alice);
  const before = await alice.get(id);
  expect((await alice.call(`/api/media/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await alice.call(`/api/media/${id}`, { method: 'DELETE' })).status).toBe(204);

  for (const [method, path] of [
    ['GET', ''],
    ['GET', '/content'],
    ['GET', '/preview'],
    ['GET', '/results'],
    ['POST', '/retry'],
    ['POST', '/analyses/describe'],
  ] as const) {
    const response = await alice.call(`/api/media/${id}${path}`, { method });
    expect([path, response.status]).toEqual([path, 404]);
  }
  expect(await listed(alice)).toEqual([]);
  expect(await listed(alice, `?ids=${id}`)).toEqual([]);
  expect(await listed(alice, '?q=cat')).toEqual([]);
  expect((await alice.call(`/api/media/${id}/stream`)).status).toBe(404);
  const [copy = ''] = (await alice.analyze([await file('02-cat.png')])).media_ids;
  expect((await alice.results([copy]))[0]?.usage?.cached).toBe(false);

  // Its preview alone is served, by a way of its own, to its owner.
  const preview = `/api/bin/${id}/preview`;
  const { status, headers } = await alice.call(preview);
  expect(status).toBe(302);
  expect((await fetch(headers.get('location') ?? '')).headers.get('content-type')).toBe(
    'image/jpeg',
  );
  expect((await (await as('mallory')).call(preview)).status).toBe(404);

  const { media } = await bin(alice);
  expect(media).toMatchObject([{ id, file_name: '02-cat.png' }]);
  const [{ binned_at = '', erase_at = '' } = {}] = media;
  expect(Date.parse(erase_at) - Date.parse(binned_at)).toBe(30 * 24 * 3_600_000);

  const restored = await alice.call(`/api/media/${id}/restore`, { method: 'POST' });
  expect(restored.status).toBe(200);
  const { revision, updated_at, ...same } = before;
  expect(await restored.json()).toMatchObject({ ...same, revision: revision + 1 });
  expect((await alice.get(id)).analytics).toEqual(before.analytics);
  expect(await listed(alice, '?q=cat')).toContain(id);
  expect((await alice.call(`/api/media/${id}/content`)).status).toBe(302);
  expect(await binned(alice)).toEqual([]);
  expect((await alice.call(preview)).status).toBe(404);
});

test('for good: erased at once, also from the bin, and nothing brings it back', async () => {
  const bob = await as('bob');
  const [one, other] = [await send(bob), await send(bob)];
  await bob.call(`/api/media/${other}`, { method: 'DELETE' });
  for (const id of [one, other]) {
    const path = `/api/media/${id}?permanently=true`;
    expect((await bob.call(path, { method: 'DELETE' })).status).toBe(204);
    expect(await objectsOf(id)).toEqual([]);
    expect((await bob.call(path, { method: 'DELETE' })).status).toBe(404);
    const restored = await bob.call(`/api/media/${id}/restore`, { method: 'POST' });
    expect(problemSchema.parse(await restored.json()).code).toBe('not_found');
  }
  expect(await binned(bob)).toEqual([]);
  const wrong = await bob.call(`/api/media/${one}?permanent=true`, { method: 'DELETE' });
  expect(wrong.status).toBe(400);
});

test('an old list of the bin erases nothing that was brought back since', async () => {
  const frank = await as('frank');
  const [one, many, there] = [await send(frank), await send(frank), await send(frank)];
  await post(frank, 'delete', { ids: [one, many, there] });
  await post(frank, 'restore', { ids: [one, many] });
  const how = { permanently: true, only_binned: true };
  const response = await post(frank, 'delete', { ids: [many, there], ...how });
  const { media_ids, failed } = deletedSchema.parse(await response.json());
  expect(media_ids).toEqual([there]);
  expect(failed).toMatchObject([{ media_id: many, code: 'not_found' }]);
  const path = `/api/media/${one}?permanently=true&only_binned=true`;
  expect((await frank.call(path, { method: 'DELETE' })).status).toBe(404);
  expect(new Set(await listed(frank))).toEqual(new Set([one, many]));
  expect(await binned(frank)).toEqual([]);
});

longTest('500 at once, twice, and back; what is not the caller’s is named', async () => {
  const carol = await as('carol');
  const titles = Array.from({ length: 498 }, (_, n) => ({ title: `Photo ${n}` }));
  const ids = await shelve(db, 'carol', titles);
  const [foreign = ''] = await shelve(db, 'mallory', [{ title: 'Not hers' }]);
  for (let times = 0; times < 2; times++) {
    const response = await post(carol, 'delete', { ids: [...ids, foreign] });
    const { media_ids, failed } = deletedSchema.parse(await response.json());
    expect(media_ids).toEqual(ids);
    expect(failed).toMatchObject([{ media_id: foreign, code: 'not_found' }]);
  }
  expect(await listed(carol)).toEqual([]);
  const first = await bin(carol, '?limit=100');
  expect(first.media).toHaveLength(100);
  const second = await bin(carol, `?limit=100&page_token=${first.next_page_token}`);
  expect(new Set([...first.media, ...second.media].map(({ id }) => id)).size).toBe(200);

  const [gone = '', ...others] = ids;
  await post(carol, 'delete', { ids: [gone], permanently: true });
  const response = await post(carol, 'restore', { ids: [gone, ...others, foreign, 'no/id'] });
  const { media, failed } = restoredSchema.parse(await response.json());
  expect(media.map(({ id }) => id)).toEqual(others);
  expect(failed.map(({ media_id }) => media_id).sort()).toEqual([foreign, gone, 'no/id'].sort());
  expect(await listed(carol, '?limit=5')).toHaveLength(5);
});

test.each([
  ['delete', { ids: [] }],
  ['delete', { ids: Array.from({ length: 501 }, (_, n) => `m${n}`) }],
  ['delete', { ids: ['a'], permanent: true }],
  ['restore', { ids: 'a' }],
])('%s refuses what it does not understand', async (path, body) => {
  const response = await post(await as('dave'), path, body);
  expect(response.status).toBe(400);
  expect(problemSchema.parse(await response.json()).code).toBe('invalid_request');
});

test('after 30 days the sweeper erases the record and the objects', async () => {
  const erin = await as('erin');
  const [old, young] = [await send(erin), await send(erin)];
  await post(erin, 'delete', { ids: [old, young] });
  const record = db.collection('bin').doc(old);
  const { erase_at } = (await record.get()).data() as { erase_at: { toMillis(): number } };
  await record.update({ erase_at: new Date(erase_at.toMillis() - 31 * 24 * 3_600_000) });
  expect((await stack.callWorker('/tasks/sweep', {})).status).toBe(200);
  expect((await record.get()).exists).toBe(false);
  expect(await objectsOf(old)).toEqual([]);
  expect(await objectsOf(young)).not.toEqual([]);
  expect(await binned(erin)).toEqual([young]);
});
