import { expect, test } from '@jest/globals';
import { isTap } from './tap.ts';

const at = (clientX: number, clientY: number, timeStamp: number) => ({
  clientX,
  clientY,
  timeStamp,
});

test.each([
  ['at one place', at(104, 203, 300), true],
  ['for long', at(100, 200, 600), false],
  ['from one place to another one', at(100, 211, 300), false],
])('a finger that is down %s: %s', (_, up, expected) => {
  expect(isTap(at(100, 200, 100), up)).toBe(expected);
});

test('one that came down elsewhere is no tap', () => {
  expect(isTap(undefined, at(100, 200, 100))).toBe(false);
});
