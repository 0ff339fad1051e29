import { expect, test } from '@jest/globals';
import type { MediaFilters } from '../../client/index.ts';
import { type Order, orderOf } from './days.ts';
import { aboveOf, hasTime, startingAt, startOfList } from './months.ts';

/** When the day begins where the tests run. */
const start = (day: string) => new Date(`${day}T00:00:00`).toISOString();

test.each<[MediaFilters | undefined, MediaFilters, MediaFilters]>([
  [undefined, { start: start('2025-03-01') }, { sort: 'oldest', from: start('2025-03-01') }],
  [
    { kind: 'image', sort: 'newest', from: start('2024-03-01') },
    { kind: 'image', sort: 'newest', from: start('2024-03-01'), start: start('2025-03-01') },
    { kind: 'image', sort: 'oldest', from: start('2025-03-01') },
  ],
  [
    { sort: 'oldest' },
    { sort: 'oldest', start: start('2025-02-01') },
    { sort: 'newest', to: start('2025-02-01') },
  ],
  [
    { sort: 'taken' },
    { sort: 'taken', start: '2025-02-28' },
    { sort: 'taken_asc', taken_from: '2025-03-01' },
  ],
  [
    { sort: 'taken_asc', taken_to: '2024-12-31' },
    { sort: 'taken_asc', taken_to: '2024-12-31', start: '2025-02-01' },
    { sort: 'taken', taken_to: '2024-12-31' },
  ],
  [
    { taken_to: '2030-01-01', sort: 'oldest' },
    { taken_to: '2030-01-01', sort: 'oldest', start: '2025-02-01' },
    { taken_to: '2025-01-31', sort: 'taken' },
  ],
])('%j begins with a month, and above it is the rest', (search, expected, above) => {
  const begun = startingAt(search, '2025-02', orderOf(search) as Order);
  expect(begun).toEqual(expected);
  expect(startOfList(begun)).toBe('2025-02');
  expect(aboveOf(begun)).toEqual(above);
  expect(startOfList(search)).toBeUndefined();
  expect(aboveOf(search)).toBeUndefined();
  expect(startingAt(begun, undefined, orderOf(search) as Order)).toEqual(search);
});

test.each([
  ['9999-12', { sort: 'taken', start: '9999-12-31' }],
  ['0000-02', { sort: 'taken', start: '0000-02-29' }],
  ['0001-01', { sort: 'taken_asc', start: '0001-01-01' }],
] as [string, MediaFilters][])('what a camera says of %s can be begun with', (month, expected) => {
  const { sort } = expected;
  expect(startingAt({ sort }, month, orderOf({ sort }) as Order)).toEqual(expected);
  expect(startOfList(expected)).toBe(month);
});

test('above the last day that there is, there is nothing', () => {
  expect(aboveOf({ sort: 'taken', start: '9999-12-31' })).toBeUndefined();
  expect(aboveOf({ sort: 'taken_asc', start: '0000-01-01' })).toBeUndefined();
});

test('a link may say anything', () => {
  for (const start of ['x', '2025-13-01', '2025-03', '9999-12-31T00:00:00Z']) {
    expect(startOfList({ start, sort: 'taken' })).toBeUndefined();
    expect(aboveOf({ start, sort: 'taken' })).toBeUndefined();
  }
  expect(startOfList({ start: 'then' })).toBeUndefined();
  expect(startOfList({ start: '9999-12-31', sort: 'taken' })).toBe('9999-12');
});

test.each<[MediaFilters, boolean]>([
  [{ taken_from: '2025-03-01', taken_to: '2025-03-01' }, true],
  [{ taken_from: '2025-03-02', taken_to: '2025-03-01' }, false],
  [{ from: start('2025-03-01'), to: start('2025-03-01') }, false],
  [{ from: start('2025-03-01') }, true],
])('%j has days: %p', (filters, expected) => expect(hasTime(filters)).toBe(expected));
