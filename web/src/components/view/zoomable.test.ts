import { expect, test } from '@jest/globals';
import { MAX_SCALE, moved, WHOLE, zoomed } from './zoomable.tsx';

const size = { width: 400, height: 300 };
const room = { picture: size, frame: size };

test('zooms to the middle, and no further than the limits', () => {
  expect(zoomed(WHOLE, 2, room)).toEqual({ scale: 2, x: 0, y: 0 });
  expect(zoomed(WHOLE, 100, room).scale).toBe(MAX_SCALE);
  expect(zoomed(WHOLE, 0.5, room)).toEqual(WHOLE);
});

test('what is under the pointer stays there', () => {
  const at = { x: 100, y: -50 };
  const view = zoomed(WHOLE, 2, room, at);
  // A point of the picture is at view + scale × (its place when whole).
  expect({ x: view.x + 2 * at.x, y: view.y + 2 * at.y }).toEqual(at);
});

test('the picture is moved only as far as it fills its frame', () => {
  const near = zoomed(WHOLE, 2, room);
  expect(moved(near, 50, 20, room)).toEqual({ scale: 2, x: 50, y: 20 });
  expect(moved(near, 1_000, -1_000, room)).toEqual({ scale: 2, x: 200, y: -150 });
  expect(moved(WHOLE, 50, 50, room)).toEqual(WHOLE);
  const far = zoomed(moved(near, 1_000, 0, room), 0.5, room);
  expect(far).toEqual(WHOLE);
});

test('a picture that is smaller than its frame grows into all of it, and stays in the middle until then', () => {
  const wide = { picture: { width: 400, height: 200 }, frame: { width: 400, height: 600 } };
  const twice = zoomed(WHOLE, 2, wide, { x: 100, y: 50 });
  expect(twice).toEqual({ scale: 2, x: -100, y: 0 });
  expect(moved(twice, 0, 1_000, wide).y).toBe(0);
  const near = zoomed(WHOLE, 4, wide);
  expect(moved(near, 1_000, 1_000, wide)).toEqual({ scale: 4, x: 600, y: 100 });
});
