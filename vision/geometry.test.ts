import { expect, test } from '@jest/globals';
import { outOfSquare, overlap, withoutDoubles } from './geometry.ts';

const box = (left: number, top: number, right: number, bottom: number) => ({
  left,
  top,
  right,
  bottom,
});

test('overlap is 1 for equal boxes, 0 for separate ones, and a fraction in between', () => {
  const one = box(0, 0, 0.4, 0.4);
  expect(overlap(one, one)).toBeCloseTo(1);
  expect(overlap(one, box(0.5, 0.5, 1, 1))).toBe(0);
  expect(overlap(one, box(0.2, 0, 0.6, 0.4))).toBeCloseTo(1 / 3);
  expect(overlap(box(0, 0, 0, 0), box(0, 0, 0, 0))).toBe(0);
});

test('of two findings in one place the one with the higher score is kept', () => {
  const weak = { score: 0.4, box: box(0, 0, 0.5, 0.5) };
  const sure = { score: 0.9, box: box(0.01, 0, 0.5, 0.5) };
  const elsewhere = { score: 0.5, box: box(0.6, 0.6, 1, 1) };
  expect(withoutDoubles([weak, elsewhere, sure], 0.5)).toEqual([sure, elsewhere]);
});

test('a box of the square is mapped to the picture and clipped at its edges', () => {
  // A 200 × 100 picture leaves bars of a quarter of the square above and below.
  expect(outOfSquare(box(0, 0.25, 0.5, 0.5), 200, 100)).toEqual(box(0, 0, 0.5, 0.5));
  expect(outOfSquare(box(0.25, 0, 0.75, 1), 100, 200)).toEqual(box(0, 0, 1, 1));
  expect(outOfSquare(box(-1, 0, 2, 1), 200, 100)).toEqual(box(0, 0, 1, 1));
});
