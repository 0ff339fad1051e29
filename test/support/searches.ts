/** A library in which a search has to find one media among many that are nearly as good. */
import { ordinary, type Shelved } from './library.ts';

/** The oldest ones: a search that looks only at the newest media does not find them. */
const WANTED: Shelved[] = [
  { title: 'A dog on wood', tags: ['dog', 'wood'] },
  { title: 'Corner shop', text: 'OPEN DAILY\nFresh bread' },
  { title: 'Street in Tokyo', text: '東京駅前商店街' },
  { title: 'Family at the table', people: 4 },
  { title: 'Soft light indoors', summary: 'A room.' },
  { title: 'Call', tags: ['cell phone'] },
  { title: 'A dog by the sea', tags: ['dog'], taken: '2013-07-14T12:00:00' },
];

export interface Search {
  name: string;
  /** The parameters of `GET /api/media`. */
  query: Record<string, string>;
  /** The title of the media that must be among the first three, or what it must match. */
  expected: string | RegExp;
  /** More media have its words than are compared. */
  isOfMost?: boolean;
}

export const SEARCHES: Search[] = [
  { name: 'a dog on wood', query: { q: 'a dog on wood' }, expected: 'A dog on wood' },
  { name: 'a word on a sign', query: { text: 'daily' }, expected: 'Corner shop' },
  { name: '「駅前」', query: { q: '駅前' }, expected: 'Street in Tokyo' },
  { name: 'けいたいでんわ', query: { q: 'けいたいでんわ' }, expected: 'Call' },
  { name: 'dog 2013年7月', query: { q: 'dog 2013年7月' }, expected: 'A dog by the sea' },
  // Both are in many media.
  { name: 'dog 2013', query: { q: 'dog 2013' }, expected: /dog/ },
  { name: 'people ≥ 3', query: { people: '3' }, expected: 'Family at the table' },
  // The most work: each of the words is in more media than a search compares.
  {
    name: 'words of most media',
    query: { q: 'soft light indoors' },
    expected: 'Soft light indoors',
    isOfMost: true,
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

export const isFound = ({ expected }: Search, titles: readonly (string | undefined)[]): boolean =>
  titles.some((title = '') =>
    typeof expected === 'string' ? title === expected : expected.test(title),
  );

export const addressOf = ({ query }: Search): string => `/api/media?${new URLSearchParams(query)}`;

/** What one search may read: 1,000 candidates, the 50 that are nearest in meaning, 20 that have all words, a page, and counts of its words. */
export const MOST_READS = 1_000 + 50 + 20 + 20 + 10;
