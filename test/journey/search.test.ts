/** Finding media by words and filters: the right ones, in their order, page by page, and only one's own. */
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { problemSchema } from '@media-analysis/shared/errors';
import { monthListSchema } from '@media-analysis/shared/library';
import type { Media } from '@media-analysis/shared/media';
import { mediaListSchema } from '@media-analysis/shared/search';
import { ordinary, shelve } from '../support/library.ts';
import {
  client,
  databaseOf,
  file,
  mediaOf,
  type Stack,
  startStack,
  TEN_PHOTOS,
  tokenOf,
} from '../support/stack.ts';

let stack: Stack;
let db: Firestore;
let alice: ReturnType<typeof client>;
/** Ids of alice's media, by the words of their titles. */
let ids: Record<string, string>;

beforeAll(async () => {
  stack = await startStack();
  db = databaseOf(stack);
  const media = [
    { title: 'Rex', tags: ['dog', 'golden retriever'], summary: 'It lies on a wooden floor' },
    { title: 'Market', text: '東京駅前商店街\nOPEN DAILY', people: 4 },
    { title: 'Portrait', people: 1, verdict: 'sensitive' as const },
    { title: 'A dog', tags: ['dog'], people: 0 },
    { title: 'Minou', tags: ['cat', 'sofa', 'indoors'] },
    { title: 'Tom', tags: ['cat', 'couch'], people: 1 },
    { title: '庭のネコ', tags: ['猫', '庭'] },
    { title: '通話中', tags: ['携帯電話'], people: 2 },
    { title: '自転車置き場', tags: ['自転車'] },
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

describe('new photos', () => {
  const names = TEN_PHOTOS.slice(0, 5);
  let user: ReturnType<typeof client>;
  let sent: string[];
  let last: Map<string, Media>;

  beforeAll(async () => {
    user = client(stack, await tokenOf(stack, 'bob'));
    const { media } = await user.analyze(await Promise.all(names.map(file)));
    sent = media.map(({ id }) => id);
    last = new Map(mediaOf(await user.watch(sent)).map((each) => [each.id, each]));
  });

  test('are listed newest first, page by page', async () => {
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const page = await search({ limit: '2', ...(token && { page_token: token }) }, user);
      expect(page.media.length).toBeLessThanOrEqual(2);
      seen.push(...page.media.map(({ file_name }) => file_name));
      token = page.next_page_token;
    } while (token);
    expect(seen).toEqual(names.toReversed());
  });

  test('are listed by their ids as the stream has told of them', async () => {
    const response = await user.call(`/api/media?ids=${sent}`);
    expect(await response.json()).toEqual({ media: sent.map((id) => last.get(id)) });
  });

  test('are not listed for a stranger, nor are unknown ids', async () => {
    const response = await alice.call(`/api/media?ids=${sent},nope,a/b`);
    expect(await response.json()).toEqual({ media: [] });
  });
});

test.each([
  '?ids=',
  '?limit=0',
  '?limit=101',
  '?page_token=x',
  `?ids=${Array.from({ length: 101 }, (_, i) => i)}`,
])('GET /api/media%s is refused with what is wrong', async (query) => {
  const response = await alice.call(`/api/media${query}`);
  expect(problemSchema.parse(await response.json())).toMatchObject({
    status: 400,
    code: 'invalid_request',
  });
});

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

describe('a known word in any writing of either language', () => {
  const cats = ['Minou', 'Tom', '庭のネコ'];

  // In the order of time nothing is added that is only near in meaning.
  test.each(['cat', '猫', 'ねこ', 'ネコ', 'cats'])('%s', async (word) => {
    const all = { sort: 'oldest' };
    expect(await found({ q: word, ...all })).toEqual(cats);
    expect((await found({ q: word })).toSorted()).toEqual(cats.toSorted());
    expect(await found({ tag: word, ...all })).toEqual(cats);
    expect(await found({ q: word, people: '1', ...all })).toEqual(['Tom']);
  });

  test('may be several words, and be asked for with all numbers of people', async () => {
    for (const q of ['cell phone', 'けいたいでんわ', 'スマホ']) {
      expect(await found({ q, people: '1', sort: 'newest' })).toEqual(['通話中']);
    }
  });

  test('is not found in a longer word', async () => {
    expect(await found({ q: 'くるま', sort: 'oldest' })).not.toContain('自転車置き場');
  });

  test('is as it was typed where text in the picture is asked for', async () => {
    expect(await found({ text: 'station' })).toEqual([]);
  });

  test('finds nothing of another owner', async () => {
    const mallory = client(stack, await tokenOf(stack, 'mallory'));
    const { media } = await search({ q: 'いぬ' }, mallory);
    expect(media.map(({ analytics }) => analytics?.title)).toEqual(['A dog on wood at the zoo']);
  });
});

describe('a date, however it is typed', () => {
  let who: typeof alice;
  beforeAll(async () => {
    const said = (taken: string, date: string) => ({ taken, summary: `Taken on ${date}.` });
    await shelve(db, 'dates', [
      { title: 'Said', ...said('2024-07-14T12:00:00', 'July 14, 2024') },
      { title: 'Japanese', taken: '2024-07-01T12:00:00', summary: '2024年7月1日に撮影。' },
      // A model that describes what it sees says no date.
      { title: 'Unsaid', taken: '2024-07-31T23:00:00', tags: ['dog'] },
      { title: 'Sign', text: '開店 2024年7月14日' },
      { title: 'Dog', ...said('2023-07-02T12:00:00', 'July 2, 2023'), tags: ['dog'] },
      { title: 'August', ...said('2024-08-14T12:00:00', 'August 14, 2024') },
      { title: 'Numbers', file_name: '2024.jpg', summary: '7', text: '14 月 日' },
      { title: '7月の会', summary: '14' },
      { title: 'Cat', file_name: 'IMG-20210509-WA0001.jpg' },
    ]);
    who = client(stack, await tokenOf(stack, 'dates'));
  });
  const ofMonth = ['Unsaid', 'Japanese', 'Said'];

  test.each(['2024年7月', '２０２４年７月', '2024-07', '2024/7', 'July 2024'])('%s', async (q) => {
    const titles = (await search({ q }, who)).media.map(({ analytics }) => analytics?.title);
    expect([titles.slice(0, 3).toSorted(), titles.slice(3)]).toEqual([
      ofMonth.toSorted(),
      ['Sign'],
    ]);
  });

  test.each<[Record<string, string>, string[]]>([
    ...['2024-07-14', '2024/07/14', '2024/7/14', '2024年7月14日', 'July 14, 2024'].map(
      (q): [{ q: string }, string[]] => [{ q }, ['Said', 'Sign']],
    ),
    [{ q: '7月14日' }, ['Said', 'Sign']],
    [{ q: '7月2日' }, ['Dog']],
    [{ q: '7月31日' }, ['Unsaid']],
    // Beside words it narrows.
    [{ q: '2024年7月の犬' }, ['Unsaid']],
    [{ q: '犬 7月' }, ['Dog', 'Unsaid']],
    [{ q: 'dog 2023' }, ['Dog']],
    [{ q: 'puppy 2023' }, ['Dog']],
    [{ q: 'dog 2022' }, []],
    [{ q: 'bicycle 2024' }, []],
    [{ q: '2023 dog 2024', sort: 'taken' }, ['Unsaid', 'Dog']],
    [{ tag: 'dog', q: '2024' }, ['Unsaid']],
    [{ q: '2023' }, ['Dog']],
    [{ q: '2024', taken_from: '2024-07-02' }, ['August', 'Unsaid', 'Said']],
    [{ q: 'cat 2021' }, ['Cat']],
    [{ q: '2021年5月' }, ['Cat']],
    [{ q: 'dog yesterday', today: '2024-08-01' }, ['Unsaid']],
    [{ q: '去年の犬', today: '2024-12-31' }, ['Dog']],
    [{ q: '先月', today: '2024-09-30' }, ['August']],
    [{ q: '2024年7月', taken_from: '2024-07-10', sort: 'taken' }, ['Unsaid', 'Said']],
    [{ q: '2024年7月', from: '2030-01-01T00:00:00Z' }, []],
    [{ q: '2024-08', kind: 'image', people: '0', sort: 'oldest' }, ['August']],
    [{ text: '2024年7月' }, ['Sign']],
    // A range is of when they were taken, or of the day in the name of the file.
    [{ q: 'before 2024' }, ['Dog', 'Cat']],
    [{ q: '2023年以前' }, ['Dog', 'Cat']],
    [{ q: 'before 2024', sort: 'oldest' }, ['Dog', 'Cat']],
    [{ q: 'before 2024', people: '1' }, []],
    [{ q: 'before 2024', kind: 'image', people: '0', taken_from: '2023-01-01' }, ['Dog']],
    [{ q: 'dog before 2024' }, ['Dog']],
    [{ q: 'dog since 2024' }, ['Unsaid']],
    [{ q: '2024年以降の犬' }, ['Unsaid']],
    [{ q: 'cat until May 9, 2021' }, ['Cat']],
    [{ q: 'cat until May 8, 2021' }, []],
    [{ q: 'since August 2024' }, ['August']],
    [{ q: 'after July 2024' }, ['August']],
    [{ q: '2024年7月31日から' }, ['August', 'Unsaid']],
    [{ q: '2023-2030 dog', sort: 'taken' }, ['Unsaid', 'Dog']],
    [{ q: 'May to August 2024' }, ['August', 'Unsaid', 'Said', 'Japanese']],
    [{ q: '2024年8月から9月' }, ['August']],
    [{ q: 'dog two years ago', today: '2025-01-01' }, ['Dog']],
    [{ q: 'on sunday', today: '2024-07-15' }, ['Said', 'Sign']],
    [{ q: 'since July', today: '2024-08-14', tag: 'dog' }, ['Unsaid']],
  ])('%j', async (query, expected) => {
    const { media } = await search(query, who);
    expect(media.map(({ analytics }) => analytics?.title)).toEqual(expected);
  });
});

describe('meaning', () => {
  test('finds what has none of the words, after what has them', async () => {
    const pets = await found({ q: 'pet' });
    expect(pets).toEqual(expect.arrayContaining(['Rex', 'A dog', 'Minou', 'Tom']));
    expect(pets).not.toContain('Market');
    expect((await search({ q: 'pet' })).only_near).toBe(true);
    expect((await search({ q: 'pet', sort: 'newest' })).only_near).toBe(true);
    expect(await search({ q: 'dog' })).not.toHaveProperty('only_near');
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
    expect(await found({ q: 'kitten', tag: 'indoors' })).toEqual(['Minou']);
    expect(await found({ q: 'kitten', from: '2027-01-01T00:00:00Z' })).toEqual([]);
  });

  test('is found in each order: an order leaves nothing out', async () => {
    const best = await found({ q: 'kitten' });
    expect(best.length).toBeGreaterThan(1);
    for (const sort of ['newest', 'oldest', 'taken', 'taken_asc']) {
      const ordered = await found({ q: 'kitten', sort });
      expect(ordered.toSorted()).toEqual(best.toSorted());
    }
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

describe('the day on which it was taken', () => {
  beforeAll(async () => {
    const trip = [
      { title: 'Eve', taken: '2019-04-13T23:59:59', people: 2 },
      { title: 'Noon', taken: '2019-04-14T12:00:00', tags: ['dog'] },
      { title: 'Night', taken: '2019-04-14T23:59:59', people: 2 },
      { title: 'After', taken: '2019-04-15T00:00:00', tags: ['dog'] },
      { title: 'Undated', tags: ['dog'] },
    ];
    await shelve(db, 'trip', trip);
    who = client(stack, await tokenOf(stack, 'trip'));
  });
  let who: typeof alice;

  test.each<[Record<string, string>, string[]]>([
    [{ taken_from: '2019-04-14', taken_to: '2019-04-14' }, ['Night', 'Noon']],
    [{ taken_from: '2019-04-14', sort: 'oldest' }, ['Noon', 'Night', 'After']],
    [{ taken_to: '2019-04-14' }, ['Night', 'Noon', 'Eve']],
    [{ sort: 'taken' }, ['After', 'Night', 'Noon', 'Eve', 'Undated']],
    [{ taken_to: '2019-04-14', people: '1' }, ['Night', 'Eve']],
    [{ taken_to: '2019-04-14', people: '1', kind: 'image', sort: 'oldest' }, ['Eve', 'Night']],
    [{ taken_to: '2019-04-14', status: 'completed', safety: 'safe' }, ['Night', 'Noon', 'Eve']],
    [{ q: 'dog', taken_to: '2019-04-14' }, ['Noon']],
    [{ q: 'puppy', taken_from: '2019-04-15' }, ['After']],
    [{ tag: 'dog', sort: 'taken' }, ['After', 'Noon', 'Undated']],
    [{ tag: 'dog', taken_from: '2019-04-14', sort: 'oldest' }, ['Noon', 'After']],
    [{ q: 'dog', sort: 'taken', people: '0' }, ['After', 'Noon', 'Undated']],
    [{ taken_from: '2019-04-16' }, []],
    [{ sort: 'taken_asc' }, ['Eve', 'Noon', 'Night', 'After', 'Undated']],
    [{ sort: 'taken_asc', taken_to: '2019-04-14' }, ['Eve', 'Noon', 'Night']],
    [{ q: 'dog', sort: 'taken_asc' }, ['Noon', 'After', 'Undated']],
    [{ sort: 'taken', start: '2019-04-14' }, ['Night', 'Noon', 'Eve', 'Undated']],
    [{ sort: 'taken', start: '2019-04-14', people: '1' }, ['Night', 'Eve']],
    [{ sort: 'taken_asc', start: '2019-04-14' }, ['Noon', 'Night', 'After', 'Undated']],
    [{ taken_to: '2019-04-14', start: '2019-04-13' }, ['Eve']],
    [{ taken_to: '2019-04-14', start: '2019-04-16' }, ['Night', 'Noon', 'Eve']],
    [{ start: '2026-10-31T23:59:57Z' }, ['Noon', 'Eve']],
    [{ start: '2026-11-01T08:59:57+09:00', sort: 'oldest' }, ['Night', 'After', 'Undated']],
    [{ start: '2026-10-31T23:59:57Z', to: '2026-10-31T23:59:56Z' }, ['Eve']],
  ])('%j', async (query, expected) => {
    const { media } = await search(query, who);
    expect(media.map(({ analytics }) => analytics?.title)).toEqual(expected);
  });

  test.each([
    'sort=newest&start=2019-04-14',
    'sort=taken&start=2019-04-14T00:00:00Z',
    'sort=taken&q=dog&start=2019-04-14',
  ])('no order begins with %s', async (query) => {
    const response = await who.call(`/api/media?${query}`);
    expect(response.status).toBe(400);
    expect(problemSchema.parse(await response.json()).detail).toContain('start');
  });

  test('a page of the one order is no page of the other', async () => {
    const { next_page_token: token = '' } = await search({ limit: '1' }, who);
    const { next_page_token: taken = '' } = await search({ limit: '1', sort: 'taken' }, who);
    for (const query of [`sort=taken&page_token=${token}`, `page_token=${taken}`]) {
      const { status } = await who.call(`/api/media?${query}`);
      expect([query, status]).toEqual([query, 400]);
    }
  });
});

describe('the months of a library', () => {
  let who: typeof alice;
  beforeAll(async () => {
    const on = (taken: string | null, sent: string, people = 0) => ({
      title: 'diary',
      taken,
      sent,
      people,
    });
    await shelve(db, 'diary', [
      on('1969-12-31T23:59:59', '2025-12-31T16:00:00Z'),
      on('2019-04-01T00:00:00', '2026-02-28T14:59:59Z', 2),
      on('2019-04-30T23:59:59', '2026-02-28T15:00:00Z'),
      on('2019-05-01T00:00:00', '2026-03-01T00:00:00Z'),
      on(null, '2026-11-05T00:00:00Z', 2),
    ]);
    who = client(stack, await tokenOf(stack, 'diary'));
  });
  const monthsOf = async (query: string) => {
    const response = await who.call(`/api/media/months?${query}`);
    if (response.status !== 200) return response.status;
    const { months } = monthListSchema.parse(await response.json());
    return months.map(({ month, count }) => `${month} ${count}`);
  };

  test.each<[string, string[]]>([
    ['', ['2026-11 1', '2026-03 1', '2026-02 2', '2025-12 1']],
    ['time_zone=Asia/Tokyo', ['2026-11 1', '2026-03 2', '2026-02 1', '2026-01 1']],
    ['time_zone=America/New_York&sort=oldest', ['2025-12 1', '2026-02 3', '2026-11 1']],
    ['from=2026-02-28T15:00:00Z&to=2026-03-01T00:00:00Z', ['2026-02 1']],
    ['people=1', ['2026-11 1', '2026-02 1']],
    ['sort=taken', ['2019-05 1', '2019-04 2', '1969-12 1']],
    ['sort=taken_asc&time_zone=Asia/Tokyo', ['1969-12 1', '2019-04 2', '2019-05 1']],
    ['taken_from=2019-04-02&taken_to=2019-05-01', ['2019-05 1', '2019-04 1']],
    ['sort=taken&people=1&kind=image', ['2019-04 1']],
    ['kind=video', []],
  ])('%s', async (query, expected) => {
    expect(await monthsOf(query)).toEqual(expected);
  });

  test.each(['q=dog', 'start=2019-04-14', 'time_zone=Mars', 'sort=relevance'])(
    '%s is refused',
    async (query) => expect(await monthsOf(query)).toBe(400),
  );
});

describe('those that do not say when they were taken', () => {
  let who: typeof alice;
  beforeAll(async () => {
    const dated = [1, 2].map((n) => ({
      title: `lantern dated ${n}`,
      taken: `2019-04-1${n}T12:00:00`,
    }));
    // Their ids have another order than their times.
    const undated = Array.from({ length: 12 }, (_, n) => ({ title: `lantern ${n}` }));
    await shelve(db, 'attic', [...dated, ...undated]);
    who = client(stack, await tokenOf(stack, 'attic'));
  });
  const expected = ['dated 2', 'dated 1', 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];

  test.each<[Record<string, string>, number]>([
    [{}, 100],
    [{}, 1],
    // The first page ends with the last that says it.
    [{ kind: 'image' }, 2],
    [{ status: 'completed', people: '0' }, 5],
    [{ q: 'lantern' }, 5],
  ])('are last, the newest first: %j, %i a page', async (query, limit) => {
    const titles: (string | undefined)[] = [];
    let token: string | undefined;
    do {
      const page = { limit: String(limit), ...(token && { page_token: token }) };
      const found = await search({ ...query, sort: 'taken', ...page }, who);
      expect(found.media.length).toBeGreaterThan(0);
      titles.push(...found.media.map(({ analytics }) => analytics?.title));
      token = found.next_page_token;
    } while (token !== undefined);
    expect(titles).toEqual(expected.map((name) => `lantern ${name}`));
  });
});

test.each<Record<string, string>>([
  { q: 'near', sort: 'relevance' },
  { q: 'near', tag: 'bicycle' },
  { kind: 'image', people: '1' },
  { kind: 'image', sort: 'oldest' },
  // Those that do not say when they were taken have the end to themselves.
  { kind: 'image', sort: 'taken' },
  { q: 'near', sort: 'taken' },
  { taken_from: '2000-01-01', sort: 'oldest' },
  { taken_to: '2030-01-01', people: '1', status: 'completed', safety: 'safe' },
])('%j comes page by page, each media once', async (query) => {
  const whole = (await search({ ...query, limit: '100' })).media.map(({ id }) => id);
  const paged: string[] = [];
  let token: string | undefined;
  do {
    const page = await search({ ...query, limit: '4', ...(token && { page_token: token }) });
    paged.push(...page.media.map(({ id }) => id));
    expect(page.total).toBe((query.q ?? query.tag) ? whole.length : undefined);
    token = page.next_page_token;
  } while (token !== undefined);
  expect(whole.length).toBeGreaterThan(8);
  expect(paged).toEqual(whole);
});

test.each([
  ['colour=red', '"colour" is no parameter of this request. It has: q, today, similar_to, tag'],
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
  ['from=2026-11-01T08:00:00%2B09:00&to=2026-10-31T22:59:00Z', 'from: must be earlier than to'],
  ['from=2026-11-01T00:00:00Z&to=2026-11-01T00:00:00Z', 'from: must be earlier than to'],
  ['sort=size', 'sort: must be one of "relevance", "newest", "oldest", "taken"'],
  ['taken_from=2019-02-29', 'taken_from: must be a day, such as 2019-04-14'],
  ['taken_to=2019-04-14T00:00:00Z', 'taken_to: must be a day, such as 2019-04-14'],
  ['q=dog&today=yesterday', 'today: must be a day, such as 2019-04-14'],
  ['taken_from=2019-04-15&taken_to=2019-04-14', 'taken_from: must not be later than taken_to'],
  ['from=2026-11-01T00:00:00Z&taken_to=2019-04-14', 'from: from and to do not go together with'],
  ['to=2026-11-01T00:00:00Z&sort=taken', 'from: from and to do not go together with'],
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
  const { media_ids } = await carol.analyze([await file('21-cat-iphone.heic')]);
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
