import { expect, test } from '@jest/globals';
import { estimate, seededRandom } from './statistics.ts';

const parts = (sums: number[]) => sums.map((sum) => ({ sum, of: 1 }));
const of = (sums: number[]) => estimate(parts(sums), seededRandom());

test('a score is the sum over all photos, and its interval is around it', () => {
  const score = of([1, 1, 1, 0, 1, 0, 1, 1, 1, 1]);
  expect(score).toMatchObject({ value: 0.8, of: 10 });
  expect(score?.low).toBeGreaterThan(0.3);
  expect(score?.low).toBeLessThan(0.8);
  expect(score?.high).toBeGreaterThan(0.8);
});

test('more photos of the same kind make the interval narrower, and no doubt makes it a point', () => {
  const width = (score: ReturnType<typeof of>) => (score?.high ?? 0) - (score?.low ?? 0);
  const few = [1, 0, 1, 0];
  const many = Array.from({ length: 25 }, () => few).flat();
  expect(width(of(many))).toBeLessThan(width(of(few)) / 2);
  expect(of([1, 1, 1])).toMatchObject({ low: 1, high: 1 });
});

test('the same photos give the same interval, and photos that do not count change nothing', () => {
  expect(of([1, 0, 1])).toEqual(of([1, 0, 1]));
  expect(estimate([...parts([1, 0, 1]), null], seededRandom())).toEqual(of([1, 0, 1]));
  expect(estimate([null], seededRandom())).toBeNull();
});
