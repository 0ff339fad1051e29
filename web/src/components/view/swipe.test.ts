import { expect, test } from '@jest/globals';
import { directionOf, doesClose, resisted, restOf, speedOf, turnOf } from './swipe.ts';

test('a finger that rests has no direction, and a slanted one has that of its longer part', () => {
  expect(directionOf({ x: 3, y: -4 })).toBeUndefined();
  expect(directionOf({ x: -20, y: 19 })).toBe('across');
  expect(directionOf({ x: 19, y: 20 })).toBe('down');
  expect(directionOf({ x: 0, y: -20 })).toBe('up');
});

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
  ['slow and short', -100, -100, 0, undefined],
  ['slow and long', -200, -200, 0, 'next'],
  ['quick and short', 60, 60, 0.6, 'previous'],
  ['long, but quick on its way back', -200, -200, 0.5, undefined],
  ['turned round', -30, -30, 1.5, undefined],
  ['quick, but hardly moved', 10, 10, 0.6, undefined],
  ['hardly moved while it slides in', 266, 6, 0, undefined],
  ['a press while it slides in', 250, 0, 0, undefined],
  ['led to its place while it slides in', 0, -250, 0, undefined],
  ['one more, while the last one has hardly slid in', 300, -90, -0.8, 'next'],
])('a swipe turns by distance and speed: %s', (_, at, moved, speed, side) => {
  expect(turnOf(at, moved, speed, 390)).toBe(side);
});

test('on a wide screen, half of the width is more than a turn needs', () => {
  expect(turnOf(250, 250, 0, 1_200)).toBe('previous');
});

test('a swipe down closes by distance and speed', () => {
  expect(doesClose(100, 0)).toBe(false);
  expect(doesClose(150, 0)).toBe(true);
  expect(doesClose(40, 0.5)).toBe(true);
  expect(doesClose(300, -1)).toBe(false);
});

test('at the end it follows less and less, and never by more than half of the width', () => {
  expect(resisted(0, 400)).toBe(0);
  expect(resisted(-100, 400)).toBeCloseTo(-66.7, 1);
  expect(resisted(400, 400) - resisted(300, 400)).toBeLessThan(20);
  expect(resisted(1e6, 400)).toBeLessThan(200);
});

test('the rest of the way takes its time by the speed, within limits', () => {
  expect(restOf(100, 1)).toBe(300);
  expect(restOf(-100, 0)).toBe(320);
  expect(restOf(10, 5)).toBe(160);
});
