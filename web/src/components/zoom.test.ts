import { expect, test } from '@jest/globals';
import { MAX_SCALE, moved, WHOLE, zoomed } from './zoom.ts';

const size = { width: 400, height: 300 };

test('zooms to the middle, and no further than the limits', () => {
  expect(zoomed(WHOLE, 2, size)).toEqual({ scale: 2, x: 0, y: 0 });
  expect(zoomed(WHOLE, 100, size).scale).toBe(MAX_SCALE);
  expect(zoomed(WHOLE, 0.5, size)).toEqual(WHOLE);
});

test('what is under the pointer stays there', () => {
  const at = { x: 100, y: -50 };
  const view = zoomed(WHOLE, 2, size, at);
  // A point of the picture is at view + scale × (its place when whole).
  expect({ x: view.x + 2 * at.x, y: view.y + 2 * at.y }).toEqual(at);
});

test('the picture is moved only as far as it fills its frame', () => {
  const near = zoomed(WHOLE, 2, size);
  expect(moved(near, 50, 20, size)).toEqual({ scale: 2, x: 50, y: 20 });
  expect(moved(near, 1_000, -1_000, size)).toEqual({ scale: 2, x: 200, y: -150 });
  expect(moved(WHOLE, 50, 50, size)).toEqual(WHOLE);
  const far = zoomed(moved(near, 1_000, 0, size), 0.5, size);
  expect(far).toEqual(WHOLE);
});
