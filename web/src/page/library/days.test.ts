import { describe, expect, test } from '@jest/globals';
import type { Media, MediaFilters } from '../../client/index.ts';
import { media } from '../../client/testing.ts';
import type { Upload } from '../../hooks/uploads/list.ts';
import {
  aboveStart,
  groupsOf,
  inDayOrder,
  isByWords,
  labelOf,
  laterDay,
  linesOf,
  orderOf,
  rowsOf,
} from './days.ts';
import type { Entry } from './entries.ts';

const TODAY = '2026-11-28';

const entry = (change: Partial<Entry>): Entry => ({
  key: '',
  upload: undefined,
  media: undefined,
  stage: 'completed',
  hasPlace: false,
  ...change,
});
/** By the reader's clock. */
const sentOn = (day: string, time = '12:00:00') =>
  entry({ media: media('a', { created_at: new Date(`${day}T${time}`).toISOString() }) });
const takenOn = (taken_at: string | null, stage: Entry['stage'] = 'completed') =>
  entry({
    stage,
    media: media('a', { analytics: { capture: { taken_at } } as Media['analytics'] }),
  });
const upload = (state: Upload['state']) => entry({ upload: { state } as Upload });

/** Headings, each with the number of its cards. */
function headings(entries: Entry[], search?: MediaFilters, language = 'en-GB') {
  const groups = groupsOf(entries, search, TODAY);
  expect(groups.flatMap((group) => group.entries)).toEqual(entries);
  expect(new Set(groups.map(({ key }) => key)).size).toBe(groups.length);
  return groups.map((group) => [labelOf(group, language, TODAY), group.entries.length]);
}
const many = (count: number, make: () => Entry) => Array.from({ length: count }, make);

test('each day has a heading of its own', () => {
  const entries = [
    sentOn('2026-11-28'),
    sentOn('2026-11-27'),
    ...many(4, () => sentOn('2026-11-14')),
    ...many(2, () => sentOn('2025-11-13')),
    sentOn('2025-11-12'),
  ];
  expect(headings(entries)).toEqual([
    ['Today', 1],
    ['Yesterday', 1],
    ['Sat 14 Nov', 4],
    ['Thu, 13 Nov 2025', 2],
    ['Wed, 12 Nov 2025', 1],
  ]);
  expect(headings(entries, undefined, 'ja')).toEqual([
    ['今日', 1],
    ['昨日', 1],
    ['11月14日(土)', 4],
    ['2025年11月13日(木)', 2],
    ['2025年11月12日(水)', 1],
  ]);
});

describe('days with few cards stand beside each other', () => {
  const entries = [
    ...many(2, () => sentOn('2026-11-28')),
    sentOn('2026-11-27'),
    ...many(2, () => sentOn('2026-11-26')),
    sentOn('2026-10-31'),
    ...many(4, () => sentOn('2026-10-30')),
    ...many(3, () => sentOn('2026-10-29')),
    sentOn('2025-10-29'),
    ...many(3, () => sentOn('2025-08-09')),
  ];
  const days = (columns: number, search?: MediaFilters) =>
    linesOf(groupsOf(entries, search, TODAY), columns, TODAY, aboveStart(search)).map((line) =>
      line.map(({ day, entries }) => `${day?.slice(5)}: ${entries.length}`).join(', '),
    );

  test('as many as there are columns for, and today alone', () => {
    expect(days(6)).toEqual([
      '11-28: 2',
      '11-27: 1, 11-26: 2, 10-31: 1',
      '10-30: 4',
      '10-29: 3, 10-29: 1',
      '08-09: 3',
    ]);
    expect(days(2)).toEqual([
      ...['11-28: 2', '11-27: 1', '11-26: 2', '10-31: 1', '10-30: 4', '10-29: 3', '10-29: 1'],
      '08-09: 3',
    ]);
    expect(days(1)).toHaveLength(8);
  });

  test('above the beginning of the list from the end, so that what comes on top moves none of them', () => {
    const start = new Date('2026-10-30T00:00:00').toISOString();
    expect(days(3, { start })).toEqual([
      ...['11-28: 2', '11-27: 1', '11-26: 2, 10-31: 1'],
      ...['10-30: 4', '10-29: 3', '10-29: 1', '08-09: 3'],
    ]);
  });
});

test.each([
  [7, false, ['abc', 'def', 'g']],
  [6, false, ['abc', 'def']],
  [2, false, ['ab']],
  [7, true, ['a', 'bcd', 'efg']],
  [6, true, ['abc', 'def']],
  [2, true, ['ab']],
])('the rows of %i cards in three columns; from the end: %s', (count, isAbove, expected) => {
  const cards = [...'abcdefg'].slice(0, count);
  expect(rowsOf(cards, 3, isAbove).map((row) => row.join(''))).toEqual(expected);
});

test('what is being sent is of today, and what was refused or stopped is with what is above it', () => {
  const entries = [
    upload('rejected'),
    upload('sending'),
    upload('stopped'),
    sentOn('2026-11-27'),
    upload('rejected'),
    sentOn('2026-11-27'),
  ];
  expect(headings(entries)).toEqual([
    ['Today', 3],
    ['Yesterday', 3],
  ]);
});

test('a batch that was sent over midnight stays together', () => {
  const entries = [
    sentOn('2026-11-27', '23:59:58'),
    sentOn('2026-11-28', '00:00:01'),
    sentOn('2026-11-27', '20:00:00'),
  ];
  expect(headings(entries)).toEqual([
    ['Today', 2],
    ['Yesterday', 1],
  ]);
});

test('the clock of the service may be ahead of the reader’s', () => {
  expect(headings([sentOn('2026-11-29')])).toEqual([['Today', 1]]);
});

test('in the order of when they were taken, by the clock of the camera, those that do not say it are last', () => {
  const entries = [
    ...many(4, () => takenOn('2019-04-14T23:59:59')),
    ...many(2, () => takenOn('2018-04-14T00:00:00')),
    ...many(3, () => takenOn(null)),
  ];
  expect(headings(entries, { sort: 'taken' })).toEqual([
    ['Sun, 14 Apr 2019', 4],
    ['Sat, 14 Apr 2018', 2],
    ['No date', 3],
  ]);
});

test('what was not read yet is on top, and has its day as soon as the file was read', () => {
  const [sending, unread, undated] = [upload('sending'), takenOn(null, 'waiting'), takenOn(null)];
  const [old, late] = [takenOn('2018-12-24T10:00:00'), takenOn('2019-02-03T10:00:00')];
  const read = entry({
    media: media('a', { status: 'analyzing', taken_at: '2019-02-03T12:00:00', analytics: null }),
  });
  const found = [sending, old, unread, read, undated, late];
  const newest = inDayOrder(found, { sort: 'taken' });
  expect(newest).toEqual([sending, unread, read, late, old, undated]);
  expect(headings(newest, { sort: 'taken' })).toEqual([
    [undefined, 1],
    ['No result yet', 1],
    ['Sun, 3 Feb 2019', 2],
    ['Mon, 24 Dec 2018', 1],
    ['No date', 1],
  ]);
  expect(headings(newest, { sort: 'taken' }, 'ja')[1]).toEqual(['解析待ち', 1]);
  const oldest = [sending, unread, old, late, read, undated];
  expect(inDayOrder(found, { sort: 'taken_asc' })).toEqual(oldest);
  expect(inDayOrder(found, { sort: 'newest' })).toEqual(found);
});

test.each(['oldest', 'taken'] as const)(
  'what was just sent has a heading of its own above the order “%s”',
  (sort) => {
    const sent = { ...takenOn('2019-04-14T12:00:00'), isOnTop: true };
    const entries = [sent, { ...upload('sending'), isOnTop: true }, takenOn('2020-04-14T12:00:00')];
    expect(headings(entries, { sort })[0]).toEqual(['Just added', 2]);
    expect(headings(entries, { sort }, 'ja')[0]).toEqual(['追加したばかり', 2]);
  },
);

test('what is sent during a search is above what was found, without a heading', () => {
  const entries = [upload('sending'), sentOn('2026-11-02'), sentOn('2026-11-28')];
  expect(headings(entries, { sort: 'oldest' })).toEqual([
    [undefined, 1],
    ['Mon 2 Nov', 1],
    ['Today', 1],
  ]);
  expect(headings([upload('sending')], { kind: 'image' })).toEqual([[undefined, 1]]);
});

test('an order by relevance has no headings, and one by time has', () => {
  const entries = [sentOn('2026-11-28'), sentOn('2025-11-28'), sentOn('2026-11-28')];
  for (const search of [
    { q: 'dog' },
    { similar_to: 'a' },
    { q: 'dog', sort: 'relevance' },
  ] as const)
    expect(headings(entries, search)).toEqual([[undefined, 3]]);
  expect(orderOf({ q: 'dog', sort: 'newest' })).toEqual({ by: 'added', isOldestFirst: false });
  for (const search of [{ taken_to: '2019-01-01', sort: 'oldest' }, { sort: 'taken_asc' }] as const)
    expect(orderOf(search)).toEqual({ by: 'taken', isOldestFirst: true });
});

test.each([
  { place: 'Paris' },
  { camera: 'Pixel' },
  { tag: 'cat' },
  { text: 'open' },
  { q: 'cat' },
])('what is found by words has no part above its start: %j', (words) => {
  const start = '2026-03-01T00:00:00Z';
  const group = { key: '', entries: [], day: '2026-04-02' };
  expect(aboveStart({ start })(group)).toBe(true);
  expect(aboveStart({ ...words, start })(group)).toBe(false);
  expect([isByWords(words), isByWords({ start, kind: 'image' })]).toEqual([true, false]);
});

test('nothing has no headings', () => expect(headings([])).toEqual([]));

describe('the day before', () => {
  test.each([
    ['2026-03-01', '2026-02-28'],
    ['2026-01-01', '2025-12-31'],
  ])('%s is %s', (day, before) => expect(laterDay(day, -1)).toBe(before));
});
