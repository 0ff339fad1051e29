import { describe, expect, test } from '@jest/globals';
import { double, integer, list, text, timestamp } from '../testing.ts';
import { NULL_VALUE } from '../values.ts';
import type { FieldTransform, Value } from '../wire.ts';
import { parseTransform } from './transforms.ts';

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);
const COMMIT_TIME = 1_700_000_000_123_456;

function apply(transform: FieldTransform, current?: Value) {
  return parseTransform({ fieldPath: 'f', ...transform }).apply(current, COMMIT_TIME);
}

describe('increment', () => {
  test.each<[string, Value | undefined, Value, Value]>([
    ['integers', integer(1), integer(2), integer(3)],
    ['beyond 2^53', integer(2n ** 53n), integer(1), integer(2n ** 53n + 1n)],
    ['stops at the largest integer', integer(MAX), integer(1), integer(MAX)],
    ['stops at the smallest integer', integer(MIN), integer(-1), integer(MIN)],
    ['an integer by a double', integer(1), double(0.5), double(1.5)],
    ['a double by an integer', double(0.5), integer(1), double(1.5)],
    ['a text is replaced', text('5'), integer(1), integer(1)],
    ['a missing field', undefined, double(1.5), double(1.5)],
  ])('%s', (_, current, increment, expected) => {
    const transform = { transformType: 'increment', increment } as const;
    expect(apply(transform, current)).toEqual({ value: expected, result: expected });
  });

  test('takes numbers only', () => {
    expect(() => apply({ transformType: 'increment', increment: text('1') })).toThrow('number');
  });
});

describe('maximum and minimum', () => {
  test.each<[string, Value | undefined, Value, Value, Value]>([
    ['of integers', integer(1), integer(2), integer(2), integer(1)],
    ['keep the type of the winner', integer(1), double(1.5), double(1.5), integer(1)],
    ['keep the stored value of two equal ones', integer(3), double(3), integer(3), integer(3)],
    ['keep a stored zero', double(-0), integer(0), double(-0), double(-0)],
    ['with NaN are NaN', integer(3), double(Number.NaN), double(Number.NaN), double(Number.NaN)],
    ['of a missing field are the operand', undefined, integer(3), integer(3), integer(3)],
    ['of text are the operand', text('x'), integer(3), integer(3), integer(3)],
  ])('%s', (_, current, operand, maximum, minimum) => {
    expect(apply({ transformType: 'maximum', maximum: operand }, current).value).toEqual(maximum);
    expect(apply({ transformType: 'minimum', minimum: operand }, current).value).toEqual(minimum);
  });
});

describe('arrays', () => {
  const union = (...values: Value[]): FieldTransform => ({
    transformType: 'appendMissingElements',
    appendMissingElements: { values },
  });
  const removal = (...values: Value[]): FieldTransform => ({
    transformType: 'removeAllFromArray',
    removeAllFromArray: { values },
  });

  test('union adds each missing value once, and treats 3 and 3.0 as equal', () => {
    const stored = list(integer(3), NULL_VALUE, double(Number.NaN));
    const transform = union(double(3), text('a'), text('a'), NULL_VALUE, double(Number.NaN));
    expect(apply(transform, stored)).toEqual({
      value: list(integer(3), NULL_VALUE, double(Number.NaN), text('a')),
      result: NULL_VALUE,
    });
  });

  test('removal removes every occurrence', () => {
    const stored = list(integer(3), text('a'), double(3), text('b'));
    expect(apply(removal(integer(3), text('b')), stored).value).toEqual(list(text('a')));
  });

  test('a value that is no array is treated as an empty one', () => {
    expect(apply(union(integer(1)), text('x')).value).toEqual(list(integer(1)));
    expect(apply(removal(integer(1)), undefined).value).toEqual(list());
  });
});

test('the time of the request has millisecond precision', () => {
  const transform = {
    transformType: 'setToServerValue',
    setToServerValue: 'REQUEST_TIME',
  } as const;
  expect(apply(transform).value).toEqual(timestamp(1_700_000_000, 123_000_000));
});
