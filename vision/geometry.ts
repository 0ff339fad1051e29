/** A rectangle in a picture: its edges as fractions of the width and height, origin top left. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Scored {
  score: number;
  box: Box;
}

export const areaOf = ({ left, top, right, bottom }: Box) =>
  Math.max(0, right - left) * Math.max(0, bottom - top);

/** Intersection over union: 0 for separate boxes, 1 for equal ones. */
export function overlap(one: Box, other: Box): number {
  const common = areaOf({
    left: Math.max(one.left, other.left),
    top: Math.max(one.top, other.top),
    right: Math.min(one.right, other.right),
    bottom: Math.min(one.bottom, other.bottom),
  });
  const both = areaOf(one) + areaOf(other) - common;
  return both > 0 ? common / both : 0;
}

/** Non-maximum suppression: if findings overlap by more than `limit`, only the best stays. The best come first. */
export function withoutDoubles<T extends Scored>(found: readonly T[], limit: number): T[] {
  const kept: T[] = [];
  for (const each of found.toSorted((one, other) => other.score - one.score)) {
    if (kept.every(({ box }) => overlap(box, each.box) <= limit)) kept.push(each);
  }
  return kept;
}

/**
 * Each network gets the picture centred in a square with bars. This maps a box from fractions of that square to fractions
 * of the picture, and clips it at the edges.
 */
export function outOfSquare(box: Box, width: number, height: number): Box {
  const side = Math.max(width, height);
  const across = (x: number) => clamp((x - 0.5) * (side / width) + 0.5);
  const down = (y: number) => clamp((y - 0.5) * (side / height) + 0.5);
  return {
    left: across(box.left),
    top: down(box.top),
    right: across(box.right),
    bottom: down(box.bottom),
  };
}

/** The upright rectangle around points in pixels, clipped at the picture's edges. */
export function boxAround(
  points: readonly { x: number; y: number }[],
  width: number,
  height: number,
): Box {
  const xs = points.map(({ x }) => clamp(x / width));
  const ys = points.map(({ y }) => clamp(y / height));
  return {
    left: Math.min(...xs),
    top: Math.min(...ys),
    right: Math.max(...xs),
    bottom: Math.max(...ys),
  };
}

function clamp(fraction: number): number {
  return Math.min(1, Math.max(0, fraction));
}
