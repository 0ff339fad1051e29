import { expect, test } from '@jest/globals';
import { LineSpeed } from './line-speed.ts';

test('is what is left at the speed so far, three seconds after the first byte', () => {
  const left = new LineSpeed();
  expect(left.secondsFor(1_000)).toBeNull();
  for (let ms = 0; ms < 2_900; ms += 100) {
    left.add(ms, ms);
    expect(left.secondsFor(10_000)).toBeNull();
  }
  left.add(3_000, 3_000);
  expect(left.secondsFor(10_000)).toBeCloseTo(10);
});

test('a buffer of this machine that takes the first bytes at once is no speed', () => {
  const left = new LineSpeed();
  for (let ms = 0; ms <= 3_100; ms += 100) left.add(ms, 200_000 + ms);
  expect(left.secondsFor(10_000)).toBeCloseTo(10);
});

test('what is sent for a second time, after a pause, is no time of the line', () => {
  const left = new LineSpeed();
  for (let s = 0; s <= 10; s++) left.add(s * 1_000, s * 1_000);
  left.forget();
  expect(left.secondsFor(10_000)).toBeNull();
  for (let s = 12; s <= 20; s++) left.add(s * 1_000, 10_000);
  for (let s = 21; s <= 24; s++) left.add(s * 1_000, (s - 10) * 1_000);
  expect(left.secondsFor(10_000)).toBeCloseTo(10);
});

test('an outage is no time of the line', () => {
  const left = new LineSpeed();
  for (let s = 0; s <= 10; s++) left.add(s * 1_000, s * 1_000);
  for (let s = 25; s <= 28; s++) left.add(s * 1_000, (s - 14) * 1_000);
  expect(left.secondsFor(10_000)).toBeCloseTo(10);
});

test('follows a line that gets slower, within half a minute', () => {
  const left = new LineSpeed();
  for (let s = 0; s <= 60; s++) left.add(s * 1_000, s * 10_000);
  expect(left.secondsFor(100_000)).toBe(10);
  for (let s = 61; s <= 91; s++) left.add(s * 1_000, 600_000 + (s - 60) * 1_000);
  expect(left.secondsFor(100_000)).toBe(100);
});

test('is not known where nothing moves, after a pause, and when another batch begins', () => {
  const left = new LineSpeed();
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

test('is known again soon after the clock was set, back or forth', () => {
  for (const change of [-86_400_000, 86_400_000]) {
    const left = new LineSpeed();
    for (let s = 0; s <= 10; s++) left.add(s * 1_000, s * 1_000);
    for (let s = 11; s <= 20; s++) left.add(change + s * 1_000, s * 1_000);
    expect(left.secondsFor(10_000)).toBeCloseTo(10);
  }
});
