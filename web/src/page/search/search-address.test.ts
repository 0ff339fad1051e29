import { expect, test } from '@jest/globals';
import type { MediaFilters } from '../../client/index.ts';
import { filtersFrom, isNarrowed } from './search-address.ts';

test('an order and a start leave nothing out, all else does', () => {
  expect(
    [undefined, {}, { sort: 'taken' }, { start: '2026-01-01' }].map((each) =>
      isNarrowed(each as MediaFilters | undefined),
    ),
  ).toEqual([false, false, false, false]);
  expect(isNarrowed({ sort: 'taken', kind: 'image' })).toBe(true);
});

test('an address asks for what it says, and for nothing where it says nothing', () => {
  const asked = (address: string) => filtersFrom(Object.fromEntries(new URLSearchParams(address)));
  expect(asked('q=dog+&people=3&media=a')).toEqual({ q: 'dog', people: 3 });
  expect([asked(''), asked('q=+'), asked('media=a')]).toEqual([undefined, undefined, undefined]);
});
