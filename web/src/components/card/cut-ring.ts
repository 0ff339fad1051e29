/**
 * An outline on a flat map. On the globe it may go on beyond the 180th meridian, or around a pole: a flat map would draw a line from
 * its one edge to the other.
 */

/** East and north, in degrees. */
type Point = readonly number[];

const EDGE = 180;
const ROUND = 360;
const SOUTH_POLE = -90;

/** @returns the closed outline, or a part for each edge that it touches */
export function cutRing(ring: readonly Point[]): number[][][] {
  const steps: number[][] = [];
  let [turned, before] = [0, ring[0]?.[0] ?? 0];
  for (const [east = 0, north = 0] of ring) {
    if (Math.abs(east - before) > EDGE) turned += east < before ? ROUND : -ROUND;
    before = east;
    steps.push([east + turned, north]);
  }
  if (turned !== 0) {
    // Once around the pole.
    const [[start = 0] = [], [end = 0] = []] = [steps[0], steps.at(-1)];
    steps.push([end, SOUTH_POLE], [start, SOUTH_POLE]);
  }
  const easts = steps.map(([east = 0]) => east);
  const [west, east] = [Math.min(...easts), Math.max(...easts)];
  if (turned === 0 && west >= -EDGE && east <= EDGE) return [steps];
  const parts: number[][][] = [];
  for (let shift = -ROUND; shift <= ROUND; shift += ROUND) {
    const moved = steps.map(([x = 0, y = 0]) => [x + shift, y]);
    const part = beyond(beyond(moved, -EDGE, 1), EDGE, -1);
    if (part.length > 0) parts.push([...part, part[0] ?? []]);
  }
  return parts;
}

/** What lies east (1) or west (-1) of a meridian: https://en.wikipedia.org/wiki/Sutherland–Hodgman_algorithm */
function beyond(ring: readonly number[][], meridian: number, side: 1 | -1): number[][] {
  const isIn = (x: number) => (x - meridian) * side > 0;
  return ring.flatMap(([x = 0, y = 0], n) => {
    const [x1 = 0, y1 = 0] = ring.at(n - 1) ?? [];
    const cut = [meridian, y1 + ((y - y1) * (meridian - x1)) / (x - x1)];
    if (isIn(x1) !== isIn(x)) return isIn(x) ? [cut, [x, y]] : [cut];
    return isIn(x) ? [[x, y]] : [];
  });
}
