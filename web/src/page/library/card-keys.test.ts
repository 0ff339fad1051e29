import { expect, test } from '@jest/globals';
import { cardBeside, type Row } from './card-keys.ts';

/** Four columns: two days beside each other, then one of two rows. */
const ROWS: readonly Row[] = [
  { start: 0, end: 1, top: 0, left: 0 },
  { start: 1, end: 3, top: 0, left: 1 },
  { start: 3, end: 7, top: 200, left: 0 },
  { start: 7, end: 9, top: 400, left: 0 },
];

test.each([
  ['ArrowRight', 0, 1],
  ['ArrowRight', 2, 3],
  ['ArrowRight', 8, undefined],
  ['ArrowLeft', 3, 2],
  ['ArrowLeft', 0, undefined],
  // In the same column, over a heading.
  ['ArrowDown', 2, 5],
  ['ArrowUp', 3, 0],
  ['ArrowUp', 4, 1],
  // The row is shorter: the closest one.
  ['ArrowUp', 6, 2],
  ['ArrowDown', 6, 8],
  ['ArrowDown', 7, undefined],
  ['ArrowUp', 1, undefined],
  ['Home', 5, 0],
  ['Home', 0, undefined],
  ['End', 5, 8],
  ['a', 5, undefined],
])('%s leads from %i to %p', (key, place, expected) => {
  expect(cardBeside(ROWS, place, key)).toBe(expected);
});

test('in an empty list no key leads anywhere', () => {
  for (const key of ['ArrowDown', 'ArrowRight', 'End', 'Home'])
    expect(cardBeside([], 0, key)).toBeUndefined();
});
