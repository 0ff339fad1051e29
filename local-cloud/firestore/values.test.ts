import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bytes,
  double,
  flag,
  integer,
  list,
  map,
  point,
  reference,
  text,
  timestamp,
  vector,
} from './testing.ts';
import { valueKey } from './value-key.ts';
import { compareValues, NULL_VALUE, valuesEqual } from './values.ts';
import type { Value } from './wire.ts';

/** Each line sorts after the line above. The values of one line are equal. */
const ASCENDING: Value[][] = [
  [NULL_VALUE],
  [flag(false)],
  [flag(true)],
  [double(Number.NaN)],
  [double(Number.NEGATIVE_INFINITY)],
  [integer(-(2n ** 63n)), double(-(2 ** 63))],
  [double(-0.5)],
  [integer(0), double(0), double(-0)],
  [double(Number.MIN_VALUE)],
  [integer(1), double(1)],
  [integer(2n ** 53n - 1n)],
  [integer(2n ** 53n), double(2 ** 53)],
  [integer(2n ** 53n + 1n)],
  [integer(2n ** 63n - 1n)],
  [double(2 ** 63)],
  [double(Number.POSITIVE_INFINITY)],
  [timestamp(-1, 999_999_000)],
  [timestamp(0)],
  [timestamp(0, 1_000)],
  [text('')],
  [text('\u0000')],
  [text('a')],
  [text('aa')],
  [text('b')],
  [text('é')],
  [text('\ufffd')],
  [text('\u{1f600}')],
  [bytes()],
  [bytes(0)],
  [bytes(127)],
  [bytes(255)],
  [reference('c/__id-5__')],
  [reference('c/__id30__')],
  [reference('c/a')],
  [reference('c/a/d/a')],
  [reference('c/b')],
  [point(-90, 180)],
  [point(0, -1), point(-0, -1)],
  [point(0, 1)],
  [list()],
  [list(NULL_VALUE)],
  [list(integer(1)), list(double(1))],
  [list(integer(1), integer(0))],
  [list(integer(2))],
  [vector(9)],
  [vector(1, 2)],
  [vector(1, 3)],
  [map({})],
  [map({ a: integer(1) })],
  [map({ a: integer(1), b: integer(0) })],
  [map({ a: integer(2) })],
  [map({ b: NULL_VALUE })],
];

describe('the order of values', () => {
  test('is by type, then by value', () => {
    for (const [index, line] of ASCENDING.entries()) {
      for (const [otherIndex, otherLine] of ASCENDING.entries()) {
        for (const left of line) {
          for (const right of otherLine) {
            const actual = Math.sign(compareValues(left, right));
            expect({ left, right, actual }).toEqual({
              left,
              right,
              actual: Math.sign(index - otherIndex),
            });
          }
        }
      }
    }
  });

  test('of strings is the order of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareValues(text(a), text(b)))).toBe(expected);
      }),
    );
  });
});

test('two values have the same key exactly when they are equal', () => {
  const all = ASCENDING.flat();
  for (const left of all) {
    for (const right of all) {
      expect(valueKey(left) === valueKey(right)).toBe(valuesEqual(left, right));
    }
  }
});
