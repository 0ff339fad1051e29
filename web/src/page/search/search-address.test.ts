import { expect, test } from '@jest/globals';
import type { MediaFilters } from '../../client/index.ts';
import { isNarrowed, readOrder } from './search-address.ts';

test('an order and a start leave nothing out, all else does', () => {
  expect(
    [undefined, {}, { sort: 'taken' }, { start: '2026-01-01' }].map((each) =>
      isNarrowed(each as MediaFilters | undefined),
    ),
  ).toEqual([false, false, false, false]);
  expect(isNarrowed({ sort: 'taken', kind: 'image' })).toBe(true);
});

test('what is remembered is one of the orders, or the usual one', () => {
  const read = (value: string | null) => readOrder(() => ({ getItem: () => value }));
  expect(['taken', 'oldest', 'newest', 'nonsense', null].map(read)).toEqual([
    ...['taken', 'oldest', undefined, undefined, undefined],
  ]);
  const forbidden = () => {
    throw new Error('forbidden');
  };
  expect(readOrder(forbidden)).toBeUndefined();
});
