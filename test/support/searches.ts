/** A library in which a search has to find one media among many that are nearly as good. */
import { ordinary, type Shelved } from './library.ts';

/** The oldest ones: a search that looks only at the newest media does not find them. */
const WANTED: Shelved[] = [
  { title: 'A dog on wood', tags: ['dog', 'wood'] },
  { title: 'Corner shop', text: 'OPEN DAILY\nFresh bread' },
  { title: 'Street in Tokyo', text: '東京駅前商店街' },
  { title: 'Family at the table', people: 4 },
  { title: 'Soft light indoors', summary: 'A room.' },
];

export interface Search {
  name: string;
  /** The parameters of `GET /api/media`. */
  query: Record<string, string>;
  /** The title of the media that must be among the first three. */
  expected: string;
}

export const SEARCHES: Search[] = [
  { name: 'a dog on wood', query: { q: 'a dog on wood' }, expected: 'A dog on wood' },
  { name: 'a word on a sign', query: { text: 'daily' }, expected: 'Corner shop' },
  { name: '「駅前」', query: { q: '駅前' }, expected: 'Street in Tokyo' },
  { name: 'people ≥ 3', query: { people: '3' }, expected: 'Family at the table' },
  // The most work: each of the words is in more media than a search compares.
  {
    name: 'words of most media',
    query: { q: 'soft light indoors' },
    expected: 'Soft light indoors',
  },
];

/** `count` media. Many show a dog, and many have wood, but only the one that is wanted has both words. */
export function libraryOf(count: number): Shelved[] {
  const others: Shelved[] = [];
  for (let n = 0; WANTED.length + others.length < count; n++) {
    const each = ordinary(n);
    if (!/dog.*wood/.test(each.title)) others.push(each);
  }
  return [...WANTED, ...others];
}

/** The same words in a library of somebody else. */
export const DECOYS: Shelved[] = WANTED.flatMap((each) => Array.from({ length: 5 }, () => each));

export const addressOf = ({ query }: Search): string => `/api/media?${new URLSearchParams(query)}`;

/** What one search may read: 1,000 candidates, the 50 that are nearest in meaning, a page, and counts of its words. */
export const MOST_READS = 1_000 + 50 + 20 + 30;
