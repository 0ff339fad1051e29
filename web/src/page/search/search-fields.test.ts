import { expect, test } from '@jest/globals';
import { countFilters, type Fields, fieldsOf, filtersOf, withOrder } from './search-fields.ts';

const days = { from: '2026-02-28', to: '2026-03-01' };

test('the days on which photos were taken are days, those on which they were added begin here', () => {
  expect(filtersOf(days)).toEqual({ taken_from: '2026-02-28', taken_to: '2026-03-01' });
  expect(filtersOf({ ...days, date: 'added' })).toEqual({
    from: new Date(2026, 1, 28).toISOString(),
    // The last day is meant too.
    to: new Date(2026, 2, 2).toISOString(),
  });
});

test.each<Fields>([
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
])('%j is shown again as it was asked for', (fields) => {
  expect(fieldsOf(filtersOf(fields))).toEqual(fields);
});

test('an order by when they were taken is left out with the days on which they were added', () => {
  const fields = { ...days, sort: 'taken' };
  expect(filtersOf(fields)?.sort).toBe('taken');
  expect(filtersOf({ ...fields, date: 'added' })?.sort).toBeUndefined();
});

test('an order leaves nothing out, and neither does the choice between two kinds of days', () => {
  expect(countFilters({ q: 'dog', sort: 'oldest', date: 'added' })).toBe(0);
  expect(countFilters({ kind: 'image', sort: 'oldest', place: '' })).toBe(1);
});

test('days in the wrong order mean the days between them', () => {
  const crossed = { from: days.to, to: days.from };
  expect(filtersOf(crossed)).toEqual(filtersOf(days));
  expect(filtersOf({ ...crossed, date: 'added' })).toEqual(filtersOf({ ...days, date: 'added' }));
});

test('words have an order of their own, and what is left without them has that of the library', () => {
  const library = { sort: 'taken' };
  const dog = { q: 'dog', sort: 'oldest' };
  const sortOf = (before: Fields, next: Fields) => withOrder(before, next, 'taken').sort;
  expect(sortOf(library, { ...library, q: 'd' })).toBe('');
  expect(sortOf(dog, { ...dog, q: 'dogs' })).toBe('oldest');
  expect(sortOf(dog, { ...dog, q: '' })).toBe('taken');
  expect(sortOf(dog, { ...dog, q: '', similar_to: 'a' })).toBe('oldest');
  // A link may ask for photos in the usual order. Its filter stays as it is.
  const photos = { kind: 'image' };
  expect(sortOf(photos, { ...photos, tag: 'cat' })).toBeUndefined();
  expect(sortOf(photos, {})).toBe('taken');
});
