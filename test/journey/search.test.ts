/** Finding media by words and filters: the right ones, in their order, page by page, and only one's own. */
import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mediaListSchema } from '@media-analysis/shared/api';
import { problemSchema } from '@media-analysis/shared/errors';
import { ordinary, shelve } from '../support/library.ts';
import { client, file, type Stack, startStack, tokenOf } from '../support/stack.ts';

let stack: Stack;
let db: Firestore;
let alice: ReturnType<typeof client>;
/** Ids of alice's media, by the words of their titles. */
let ids: Record<string, string>;

beforeAll(async () => {
  stack = await startStack();
  const { GOOGLE_CLOUD_PROJECT: projectId = '', FIRESTORE_EMULATOR_HOST: host = '' } =
    stack.environment;
  db = new Firestore({ projectId, host, ssl: false });
  const media = [
    { title: 'Rex', tags: ['dog', 'golden retriever'], summary: 'It lies on a wooden floor' },
    { title: 'Market', text: '東京駅前商店街\nOPEN DAILY', people: 4 },
    { title: 'Portrait', people: 1, verdict: 'sensitive' as const },
    { title: 'A dog', tags: ['dog'], people: 0 },
    { title: 'Minou', tags: ['cat', 'sofa', 'indoors'] },
    { title: 'Tom', tags: ['cat', 'couch'], people: 1 },
    ...Array.from({ length: 30 }, (_, n) => ordinary(n * 12 + 4)),
  ];
  const stored = await shelve(db, 'alice', media);
  ids = Object.fromEntries(media.map(({ title }, n) => [title, stored[n] ?? '']));
  await shelve(db, 'mallory', [{ title: 'A dog on wood at the zoo', tags: ['dog'] }]);
  alice = client(stack, await tokenOf(stack, 'alice'));
});
afterAll(async () => {
  await db.terminate();
  await stack.close();
});

async function search(query: Record<string, string>, who = alice) {
  const response = await who.call(`/api/media?${new URLSearchParams(query)}`);
  expect(response.status).toBe(200);
  return mediaListSchema.parse(await response.json());
}
const found = async (query: Record<string, string>) =>
  (await search(query)).media.map(({ analytics }) => analytics?.title);

describe('words', () => {
  test.each([
    ['dogs on the woods', ['Rex', 'A dog']],
    ['golden retriever', ['Rex']],
    ['犬', ['A dog', 'Rex']],
    ['駅前', ['Market']],
    ['open', ['Market']],
    ['zoo', []],
    ['the', []],
  ])('%s', async (q, expected) => {
    const all = await found({ q });
    // What has only one of two words comes after them.
    expect(all.slice(0, expected.length || 1)).toEqual(expected);
  });

  test('may be asked for in the order of time', async () => {
    expect(await found({ q: 'dog', sort: 'oldest' })).toEqual(['Rex', 'A dog']);
    expect(await found({ q: 'dog', sort: 'newest' })).toEqual(['A dog', 'Rex']);
  });
});

describe('meaning', () => {
  test('finds what has none of the words, after what has them', async () => {
    const pets = await found({ q: 'pet' });
    expect(pets).toEqual(expect.arrayContaining(['Rex', 'A dog', 'Minou', 'Tom']));
    expect(pets).not.toContain('Market');
    const cats = await found({ q: 'kitten on a couch' });
    expect(cats[0]).toBe('Tom');
    expect(cats[1]).toBe('Minou');
  });

  test('of a dog is not that of a cat, although both are animals', async () => {
    expect(await found({ q: 'puppy' })).toEqual(expect.arrayContaining(['Rex', 'A dog']));
    for (const q of ['dog', 'puppy', '子犬']) {
      const titles = await found({ q });
      expect(titles).not.toContain('Minou');
      expect(titles).not.toContain('Tom');
    }
  });

  test('is of the media that fulfil the filters too', async () => {
    expect(await found({ q: 'kitten', people: '1' })).toEqual(['Tom']);
    expect(await found({ q: 'kitten', tag: 'sofa' })).toEqual(['Minou']);
    expect(await found({ q: 'kitten', from: '2027-01-01T00:00:00Z' })).toEqual([]);
  });

  test('does not stand between what has the words in an order by time', async () => {
    expect(await found({ q: 'kitten', sort: 'newest' })).toEqual([]);
  });

  test('finds what is similar to a media, without itself', async () => {
    const similar = await found({ similar_to: ids.Minou ?? '' });
    expect(similar[0]).toBe('Tom');
    expect(similar).not.toContain('Minou');
  });

  test('says nothing about a media of another owner, or of none', async () => {
    const mallory = client(stack, await tokenOf(stack, 'mallory'));
    for (const id of [ids.Rex, 'nothing']) {
      const response = await mallory.call(`/api/media?similar_to=${id}`);
      expect(response.status).toBe(404);
    }
    const { media } = await search({ q: 'pet' }, mallory);
    expect(media.map(({ analytics }) => analytics?.title)).toEqual(['A dog on wood at the zoo']);
  });
});

describe('filters', () => {
  test.each<[Record<string, string>, unknown[]]>([
    [{ people: '3' }, ['Market']],
    [{ safety: 'sensitive' }, ['Portrait']],
    [{ tag: 'dog, golden retriever' }, ['Rex']],
    [{ tag: 'wood' }, []],
    [{ text: '駅前' }, ['Market']],
    [{ text: 'market' }, []],
    [{ q: 'dog', people: '0', sort: 'newest' }, ['A dog', 'Rex']],
    [{ q: 'dog', tag: 'retriever', kind: 'image', status: 'completed' }, ['Rex']],
    [{ q: 'dog', kind: 'video' }, []],
    [{ q: 'dog', from: '2027-01-01T00:00:00Z' }, []],
    [
      { q: 'dog', to: '2027-01-01T00:00:00+09:00', safety: 'safe', sort: 'newest' },
      ['A dog', 'Rex'],
    ],
    [{ status: 'failed' }, []],
  ])('%j', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });
});

test.each<Record<string, string>>([
  { q: 'near', sort: 'relevance' },
  { q: 'near', tag: 'bicycle' },
  { kind: 'image', people: '1' },
  { kind: 'image', sort: 'oldest' },
])('%j comes page by page, each media once', async (query) => {
  const whole = (await search({ ...query, limit: '100' })).media.map(({ id }) => id);
  const paged: string[] = [];
  let token: string | undefined;
  do {
    const page = await search({ ...query, limit: '4', ...(token && { page_token: token }) });
    paged.push(...page.media.map(({ id }) => id));
    token = page.next_page_token;
  } while (token !== undefined);
  expect(whole.length).toBeGreaterThan(8);
  expect(paged).toEqual(whole);
});

test.each([
  ['colour=red', '"colour" is no parameter of this request. It has: q, similar_to, tag'],
  ['q=dog&q=cat', 'q: say it once'],
  ['q=', 'q: must not be empty'],
  [`q=${'x'.repeat(201)}`, 'q: must have at most 200 characters'],
  ['people=many', 'people: must be a whole number'],
  ['people=', 'people: must be a whole number'],
  ['people=1.5', 'people: must be a whole number'],
  ['people=-1', 'people: must be at least 0'],
  ['people=11', 'people: must be at most 10'],
  ['limit=abc', 'limit: must be a whole number'],
  ['limit=0', 'limit: must be at least 1'],
  ['limit=101', 'limit: must be at most 100'],
  ['kind=sound', 'kind: must be one of "image", "video"'],
  ['status=lost', 'status: must be one of "pending", "uploading"'],
  ['safety=evil', 'safety: must be one of "safe", "sensitive"'],
  ['from=yesterday', 'from: must be a time with its zone, such as 2026'],
  ['to=2026-11-01', 'to: must be a time with its zone'],
  ['ids=a&q=dog', '"q" is no parameter of this request. It has: ids'],
  ['ids=a&ids=b', 'ids: say it once'],
  ['from=0000-01-01T00:00:00Z', 'from: must be a time between the years 1 and 9999'],
  ['sort=size', 'sort: must be one of "relevance", "newest", "oldest"'],
  ['sort=relevance', 'sort: relevance needs q or similar_to'],
  ['similar_to=a/b', 'similar_to: must be the id of a media'],
  ['q=dog&page_token=x', 'page_token: use the one that the last page gave'],
])('%s is refused, with the reason', async (query, reason) => {
  const response = await alice.call(`/api/media?${query}`);
  expect(response.status).toBe(400);
  const { detail } = problemSchema.parse(await response.json());
  expect(detail).toContain(reason);
});

test('a photo is found as soon as it is sent, by what its analysis says, and never after it was deleted', async () => {
  const [carol, dave] = await Promise.all(
    ['carol', 'dave'].map(async (name) => client(stack, await tokenOf(stack, name))),
  );
  if (!carol || !dave) throw new Error('nobody');
  const { media_ids } = await carol.analyze([await file('02-cat.png')]);
  const [id = ''] = media_ids;
  const idsOf = async (who: typeof carol, query: Record<string, string>) =>
    (await search(query, who)).media.map((media) => media.id);
  expect(await idsOf(carol, { q: 'cat' })).toEqual([id]);
  const [done] = await carol.results([id]);
  const title = done?.analytics?.title ?? '';
  expect(title).not.toMatch(/cat/i);
  expect(await idsOf(carol, { q: title })).toEqual([id]);
  expect(await idsOf(dave, { q: title })).toEqual([]);
  const { status } = await carol.call(`/api/media/${id}`, { method: 'DELETE' });
  expect(status).toBe(204);
  expect(await idsOf(carol, { q: title })).toEqual([]);
  const all = await db.collection('media').where('owner_id', '==', 'carol').get();
  expect(all.size).toBe(0);
});

test('another owner finds nothing of it', async () => {
  const mallory = client(stack, await tokenOf(stack, 'mallory'));
  const { media } = await search({ q: 'dog' }, mallory);
  expect(media.map(({ id }) => id)).not.toContain(ids.Rex);
  expect(media).toHaveLength(1);
});
