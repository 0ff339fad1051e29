/** Turns the text detector's map of probabilities into rectangles of lines. */
import type { Cut } from './picture.ts';

/** Values of PaddleOCR's own configuration of the network (`det_db_*`). */
const IS_TEXT = 0.3;
const MIN_MEAN = 0.6;
const UNCLIP = 1.6;
/** A thinner region is noise. */
const MIN_SIDE = 4;

interface Region {
  left: number;
  top: number;
  right: number;
  bottom: number;
  pixels: number;
  sum: number;
  /** Sums of x, y, x², y² and xy over the region's pixels. */
  moments: [number, number, number, number, number];
}

export interface TextRegion extends Cut {
  /** Direction of the long side in degrees, clockwise: above -90, at most 90. 0 is level. */
  angle: number;
  /** The network's confidence that this is text, 0 to 1. */
  sureness: number;
}

/** @returns upright rectangles in pixels of the map, top to bottom */
export function textRegions(map: Float32Array, width: number, height: number): TextRegion[] {
  const seen = new Uint8Array(map.length);
  const cuts: TextRegion[] = [];
  for (let start = 0; start < map.length; start++) {
    if (seen[start] || (map[start] ?? 0) <= IS_TEXT) continue;
    const region = flood(map, width, height, seen, start);
    const thin = Math.min(region.right - region.left, region.bottom - region.top) + 1 < MIN_SIDE;
    if (thin || region.sum / region.pixels < MIN_MEAN) continue;
    const sureness = region.sum / region.pixels;
    cuts.push({ ...unclip(region, width, height), angle: angleOf(region), sureness });
  }
  return cuts;
}

/** Collects all text pixels that are connected with `start`, also across corners. */
function flood(
  map: Float32Array,
  width: number,
  height: number,
  seen: Uint8Array,
  start: number,
): Region {
  const region = { left: width, top: height, right: 0, bottom: 0, pixels: 0, sum: 0 };
  const moments: Region['moments'] = [0, 0, 0, 0, 0];
  const stack = [start];
  seen[start] = 1;
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const x = at % width;
    const y = Math.floor(at / width);
    region.left = Math.min(region.left, x);
    region.right = Math.max(region.right, x);
    region.top = Math.min(region.top, y);
    region.bottom = Math.max(region.bottom, y);
    region.pixels++;
    moments[0] += x;
    moments[1] += y;
    moments[2] += x * x;
    moments[3] += y * y;
    moments[4] += x * y;
    region.sum += map[at] ?? 0;
    for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
        const next = ny * width + nx;
        if (seen[next] || (map[next] ?? 0) <= IS_TEXT) continue;
        seen[next] = 1;
        stack.push(next);
      }
    }
  }
  return { ...region, moments };
}

/** The main axis of the pixels, from their second central moments. */
function angleOf({ pixels, moments: [x, y, xx, yy, xy] }: Region): number {
  const across = xx - (x * x) / pixels;
  const down = yy - (y * y) / pixels;
  const mixed = xy - (x * y) / pixels;
  return (Math.atan2(2 * mixed, across - down) * 90) / Math.PI;
}

/**
 * The network marks only the core of each line. The distance from the core to the line's edge is
 * the offset of Liao et al., "Real-time Scene Text Detection with Differentiable Binarization"
 * (2020): area × ratio / perimeter.
 */
function unclip({ left, top, right, bottom, pixels }: Region, width: number, height: number): Cut {
  const perimeter = 2 * (right - left + 1 + bottom - top + 1);
  const offset = (pixels * UNCLIP) / perimeter;
  const from = { x: Math.max(0, left - offset), y: Math.max(0, top - offset) };
  return {
    left: from.x,
    top: from.y,
    width: Math.min(width, right + 1 + offset) - from.x,
    height: Math.min(height, bottom + 1 + offset) - from.y,
  };
}
