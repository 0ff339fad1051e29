import { expect, test } from '@jest/globals';
import { SteadyTime } from './steady-time.ts';

/** @returns what is told each second, rounded */
function tell(measured: readonly (number | null)[]): (number | null)[] {
  const time = new SteadyTime();
  return measured.map((each, second) => {
    const told = time.of(each, second * 1_000);
    return told === null ? null : Math.round(told);
  });
}

test('says nothing while nothing is known, and then runs down like a clock', () => {
  expect(tell([null, 60, 59, 58, 57, 56, 55])).toEqual([null, 60, 59, 58, 57, 56, 55]);
});

test('a measure that jumps moves it bit by bit', () => {
  const told = tell([60, 59, 58, 57, 56, 10, 40, 9, 39, 38, 8]);
  const steps = told.slice(1).map((each, n) => Math.abs((each ?? 0) - (told[n] ?? 0)));
  expect(told).not.toContain(null);
  expect(Math.max(...steps)).toBeLessThanOrEqual(7);
});

test('follows a line that gets slower', () => {
  const told = tell([
    ...Array.from({ length: 10 }, () => 20),
    ...Array.from({ length: 30 }, () => 120),
  ]);
  expect(told.at(-1)).toBeGreaterThan(105);
});

test('begins anew after it was not known', () => {
  expect(tell([20, 19, null, 90, 89])).toEqual([20, 19, null, 90, 89]);
});

test('goes on when the clock is set back, by a minute or by a day', () => {
  const time = new SteadyTime();
  const told = [0, 1, -60, -59, -86_400, -86_399].map((at, n) => time.of(60 - n, at * 1_000));
  expect(told.map((seconds) => Math.round(seconds ?? 0))).toEqual([60, 59, 59, 58, 58, 57]);
});
