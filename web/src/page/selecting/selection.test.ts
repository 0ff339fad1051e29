import { expect, test } from '@jest/globals';
import { press, type Selection } from './selection.ts';

const NONE: Selection = { ids: new Set(), anchor: undefined, rest: undefined };

const ORDER = ['a', 'b', 'c', 'd', 'e'];
const after = (...presses: [id: string, isRange?: boolean][]) =>
  [
    ...presses.reduce((now, [id, isRange = false]) => press(now, id, ORDER, isRange), NONE).ids,
  ].sort();

test('a press selects, and the next one takes it back', () => {
  expect(after(['b'])).toEqual(['b']);
  expect(after(['b'], ['d'], ['b'])).toEqual(['d']);
});

test('a range reaches from the last press, in both directions, and keeps what was selected', () => {
  expect(after(['b'], ['d', true])).toEqual(['b', 'c', 'd']);
  expect(after(['a'], ['e'], ['c', true])).toEqual(['a', 'c', 'd', 'e']);
});

test('a range from a selected end takes all of it back', () => {
  expect(after(['a'], ['e', true], ['c', true])).toEqual(['a', 'b']);
});

test('a range without a beginning is one press', () => {
  expect(after(['c', true])).toEqual(['c']);
  expect([...press({ ...NONE, anchor: 'gone' }, 'c', ORDER, true).ids]).toEqual(['c']);
});
