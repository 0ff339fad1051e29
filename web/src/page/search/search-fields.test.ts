import { expect, test } from '@jest/globals';
import {
  countFilters,
  EMPTY,
  fieldsOf,
  filtersOf,
  isSame,
  libraryOrder,
  withOrder,
} from './search-fields.ts';

const days = { from: '2026-02-28', to: '2026-03-01' };

test('the days on which photos were taken are days, those on which they were added begin here', () => {
  expect(filtersOf({ ...EMPTY, ...days })).toEqual({
    taken_from: '2026-02-28',
    taken_to: '2026-03-01',
  });
  expect(filtersOf({ ...EMPTY, ...days, date: 'added' })).toEqual({
    from: new Date(2026, 1, 28).toISOString(),
    // The last day is meant too.
    to: new Date(2026, 2, 2).toISOString(),
  });
});

test.each([
  {
    q: 'dog',
    tag: 'pet',
    text: 'open',
    place: 'Paris',
    kind: 'image',
    people: '3',
    status: 'failed',
  },
  days,
  { ...days, date: 'added', sort: 'oldest' },
  { to: '2026-03-29', date: 'added' },
  { from: '0020-03-29', date: 'added' },
  { similar_to: 'abc', sort: 'taken' },
  { camera: 'Pixel 8', safety: 'unsafe' },
  {},
])('%j is shown again as it was asked for', (part) => {
  const fields = { ...EMPTY, ...part };
  expect(fieldsOf(filtersOf(fields))).toEqual(fields);
});

test('an order by when they were taken is left out with the days on which they were added', () => {
  const fields = { ...EMPTY, ...days, sort: 'taken' };
  expect(filtersOf(fields)?.sort).toBe('taken');
  expect(filtersOf({ ...fields, date: 'added' })?.sort).toBeUndefined();
});

test('a space after a word is the same search, and so is a number of people as a text', () => {
  expect(isSame(filtersOf({ ...EMPTY, q: 'dog ' }), { q: 'dog' })).toBe(true);
  expect(isSame({ people: 3 }, { people: '3' as unknown as number })).toBe(true);
  expect(isSame({ people: 3 }, undefined)).toBe(false);
});

test('an order leaves nothing out', () => {
  expect(countFilters({ ...EMPTY, q: 'dog', sort: 'oldest' })).toBe(0);
  expect(countFilters({ ...EMPTY, kind: 'image', sort: 'oldest' })).toBe(1);
});

test('words have an order of their own, and what is left without them has that of the library', () => {
  const [library, dog] = [
    { ...EMPTY, sort: 'taken' },
    { ...EMPTY, q: 'dog', sort: 'oldest' },
  ];
  const sortOf = (before: typeof EMPTY, next: typeof EMPTY) =>
    withOrder(before, next, 'taken').sort;
  expect(sortOf(library, { ...library, q: 'd' })).toBe('');
  expect(sortOf(dog, { ...dog, q: 'dogs' })).toBe('oldest');
  expect(sortOf(dog, { ...dog, q: '' })).toBe('taken');
  expect(sortOf(dog, { ...dog, q: '', similar_to: 'a' })).toBe('oldest');
  // A link may ask for photos in the usual order. Its filter stays as it is.
  const photos = { ...EMPTY, kind: 'image' };
  expect(sortOf(photos, { ...photos, tag: 'cat' })).toBe('');
  expect(sortOf(photos, EMPTY)).toBe('taken');
  expect(['newest', 'relevance', undefined, 'taken'].map(libraryOrder)).toEqual([
    ...['', '', '', 'taken'],
  ]);
});
