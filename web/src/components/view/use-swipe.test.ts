import { expect, test } from '@jest/globals';
import { speedOf, turnOf } from './use-swipe.ts';

test('speed is that of the last moments: a finger that rests before it leaves has none', () => {
  const swipe = [
    { time: 0, x: 0, y: 0 },
    { time: 500, x: 50, y: 0 },
    { time: 550, x: 100, y: 10 },
  ];
  expect(speedOf(swipe)).toEqual({ x: 1, y: 0.2 });
  expect(speedOf([...swipe, { time: 900, x: 100, y: 10 }])).toEqual({ x: 0, y: 0 });
  expect(speedOf([])).toEqual({ x: 0, y: 0 });
});

test.each([
  ['slow and short', -100, 0, undefined],
  ['slow and long', -200, 0, 'next'],
  ['quick and short', 60, 0.6, 'previous'],
  ['long, but quick on its way back', -200, 0.5, undefined],
  ['turned round', -30, 1.5, undefined],
  ['quick, but hardly moved', 10, 0.8, undefined],
])('a swipe turns by distance and speed: %s', (_, moved, speed, side) => {
  expect(turnOf(moved, speed, 390)).toBe(side);
});

test('on a wide screen, half of the width is more than a turn needs', () => {
  expect(turnOf(250, 0, 1_200)).toBe('previous');
});
