import { expect, test } from '@jest/globals';
import { createMediaClient, type MediaFilters } from '../../client/index.ts';
import { media } from '../../client/testing.ts';
import { searchWordsFor } from './search-words.ts';
import { waysOn } from './ways-on.ts';

const words = searchWordsFor('en');

/** What is asked for in vain, the requests that are made of it, and the buttons. */
async function waysFrom(filters: MediaFilters, answer: (asked: URLSearchParams) => object) {
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = async (url) => {
    const { pathname, searchParams } = new URL(String(url));
    asked.push(`${pathname.split('/').at(-1)}?${searchParams}`);
    return Response.json(answer(searchParams));
  };
  const client = createMediaClient({ baseUrl: 'https://photos.test', fetch });
  const ways = await waysOn(client, filters, words, new AbortController().signal);
  const said = ways.map(({ label, rest }) => [label, rest]);
  return { asked, said };
}

test('each word and each filter is left out once, and what would be found is counted', async () => {
  const filters = { q: 'red car', kind: 'video', place: 'Paris' } as const;
  const { asked, said } = await waysFrom(filters, (left) => {
    const total = left.has('place') ? (left.has('kind') ? 0 : 2) : 12;
    return { media: total ? [media('a')] : [], total };
  });
  expect(asked).toEqual([
    'media?limit=1&q=car&place=Paris&kind=video',
    'media?limit=1&q=red&place=Paris&kind=video',
    'media?limit=1&q=red+car&place=Paris',
    'media?limit=1&q=red+car&kind=video',
  ]);
  expect(said).toEqual([
    ['Without “Videos”: 2', { q: 'red car', place: 'Paris' }],
    ['Without “Paris”: 12', { q: 'red car', kind: 'video' }],
  ]);
});

test('both days are one condition, and what has no words is counted by months', async () => {
  const filters = { taken_from: '2026-01-01', taken_to: '2026-01-31', people: 3 };
  const { asked, said } = await waysFrom(filters, () => ({
    months: [
      { month: '2026-01', count: 3 },
      { month: '2025-12', count: 4 },
    ],
  }));
  expect(asked.map((each) => each.replace(/time_zone=[^&]*&/, ''))).toEqual([
    'months?taken_from=2026-01-01&taken_to=2026-01-31',
    'months?people=3',
  ]);
  expect(said).toEqual([
    ['Without “At least 3”: 7', { taken_from: '2026-01-01', taken_to: '2026-01-31' }],
    ['Without the days: 7', { people: 3 }],
  ]);
});

test('too many to be counted are some, and what could not be asked is no way on', async () => {
  const { said } = await waysFrom({ q: 'dog', tag: 'pet', sort: 'relevance' }, (left) => {
    if (left.has('tag')) throw new Error('down');
    return { media: [media('a')] };
  });
  expect(said).toEqual([['Without “pet”', { q: 'dog', sort: 'relevance' }]]);
});

test('without its only condition, a search is the whole list', async () => {
  const { said } = await waysFrom({ place: 'London', sort: 'taken' }, () => ({
    months: [{ month: '2026-01', count: 3 }],
  }));
  expect(said).toEqual([['Show the whole list', { sort: 'taken' }]]);
});
