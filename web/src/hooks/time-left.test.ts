import { expect, test } from '@jest/globals';
import { TimeLeft } from './time-left.ts';

test('is what is left at the speed so far, once that is known', () => {
  const left = new TimeLeft();
  expect(left.secondsFor(1_000)).toBeNull();
  left.add(0, 0);
  left.add(4_000, 4_000);
  expect(left.secondsFor(10_000)).toBeNull();
  left.add(5_000, 5_000);
  expect(left.secondsFor(10_000)).toBe(10);
});

test('follows a line that gets slower, within half a minute', () => {
  const left = new TimeLeft();
  for (let s = 0; s <= 60; s++) left.add(s * 1_000, s * 10_000);
  expect(left.secondsFor(100_000)).toBe(10);
  for (let s = 61; s <= 91; s++) left.add(s * 1_000, 600_000 + (s - 60) * 1_000);
  expect(left.secondsFor(100_000)).toBe(100);
});

test('is not known where nothing moves, after a pause, and when another batch begins', () => {
  const left = new TimeLeft();
  for (let s = 0; s <= 10; s++) left.add(s * 1_000, 5_000);
  expect(left.secondsFor(1_000)).toBeNull();
  for (let s = 11; s <= 20; s++) left.add(s * 1_000, s * 5_000);
  expect(left.secondsFor(5_000)).not.toBeNull();
  left.add(90_000, 105_000);
  expect(left.secondsFor(5_000)).toBeNull();
  for (let s = 91; s <= 100; s++) left.add(s * 1_000, s * 5_000);
  left.add(101_000, 0);
  expect(left.secondsFor(5_000)).toBeNull();
});
