import { expect, test } from '@jest/globals';
import { cutRing } from './cut-ring.ts';

test('an outline within the map stays as it is', () => {
  const ring = [
    [170, 0],
    [180, 0],
    [175, 10],
    [170, 0],
  ];
  expect(cutRing(ring)).toEqual([ring]);
});

test('one that goes on beyond the edge is two: no line crosses the map', () => {
  const parts = cutRing([
    [170, 60],
    [-170, 60],
    [-170, 70],
    [170, 70],
    [170, 60],
  ]);
  const easts = parts.map((part) => [...new Set(part.map(([east]) => east))].sort());
  expect(easts).toEqual([
    [-170, -180],
    [170, 180],
  ]);
});

test('one around the South Pole has the pole below it', () => {
  const [part = [], ...others] = cutRing([
    [-180, -70],
    [-60, -75],
    [60, -75],
    [170, -70],
    [-180, -70],
  ]);
  expect(others).toEqual([]);
  const corners = part.map((point) => point.join());
  expect(corners).toEqual(expect.arrayContaining(['-180,-90', '180,-90', '60,-75']));
});
