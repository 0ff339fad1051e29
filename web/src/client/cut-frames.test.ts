import { expect, test } from '@jest/globals';
import { timesOf } from './cut-frames.ts';

test.each([
  ['a short clip', 0.3, [0.15]],
  ['two seconds', 2, [0.25, 0.75, 1.25, 1.75]],
  ['an hour', 3_600, [225, 675, 1_125, 1_575, 2_025, 2_475, 2_925, 3_375]],
])('%s has its frames in the middle of equal parts', (_title, duration, times) => {
  expect(timesOf(duration)).toEqual(times);
});
