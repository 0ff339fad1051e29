/** Finds the main colours of a picture. */
import type { Analytics } from '@media-analysis/shared/analytics';
import { type Lab, labDistance, rgbToLab } from './lab.ts';

const MAX_COLORS = 6;
/** A colour with a smaller share of the picture is left out. */
const MIN_SHARE = 0.03;
/** Shades nearer than this count as one colour: a sky is blue once, not five times. */
const MERGE_DISTANCE = 18;

/** A pixel with less chroma looks gray. A camera or a JPEG adds less than this to a picture without colours. */
const MIN_CHROMA = 8;
/** Up to this share coloured pixels are noise: four in a thumbnail of 64 × 64. */
const NOISE_SHARE = 0.001;

interface Group {
  count: number;
  sum: [number, number, number];
  lab: Lab;
}

/**
 * Dominant colours, most common first, at most six.
 *
 * Pixels are counted in cells of 5 bits a channel. Then each cell, the fullest first, joins the nearest group
 * within `MERGE_DISTANCE`, or starts a new group. The same picture always gives the same colours.
 *
 * @param rgb 8-bit RGB; a thumbnail of 64 × 64 is enough.
 */
export function dominantColors(rgb: Uint8Array): Analytics['colors'] {
  const groups: Group[] = [];
  for (const cell of countCells(rgb)) {
    const group = nearest(groups, cell.lab);
    if (group) merge(group, cell);
    else groups.push(cell);
  }
  const total = rgb.length / 3;
  return groups
    .sort((one, other) => other.count - one.count)
    .slice(0, MAX_COLORS)
    .filter(({ count }) => count / total >= MIN_SHARE)
    .map(({ sum, count }) => ({
      hex: toHex(sum.map((channel) => channel / count)),
      share: Math.round((count / total) * 1_000) / 1_000,
    }));
}

/**
 * Tells whether a picture has no colours at all. The dominant colours do not tell: a red scarf in the snow is too small for
 * them, and many soft colours together are gray.
 *
 * @param rgb 8-bit RGB; a thumbnail of 64 × 64 is enough.
 */
export function isGrayscale(rgb: Uint8Array): boolean {
  let colored = 0;
  for (let i = 0; i + 2 < rgb.length; i += 3) {
    const [, a, b] = rgbToLab(rgb[i] ?? 0, rgb[i + 1] ?? 0, rgb[i + 2] ?? 0);
    if (Math.hypot(a, b) >= MIN_CHROMA) colored++;
  }
  return colored <= (rgb.length / 3) * NOISE_SHARE;
}

function countCells(rgb: Uint8Array): Group[] {
  const cells = new Map<number, Omit<Group, 'lab'>>();
  for (let i = 0; i + 2 < rgb.length; i += 3) {
    const r = rgb[i] ?? 0;
    const g = rgb[i + 1] ?? 0;
    const b = rgb[i + 2] ?? 0;
    const key = ((r >> 3) << 10) | ((g >> 3) << 5) | (b >> 3);
    let cell = cells.get(key);
    if (!cell) {
      cell = { count: 0, sum: [0, 0, 0] };
      cells.set(key, cell);
    }
    cell.count++;
    cell.sum[0] += r;
    cell.sum[1] += g;
    cell.sum[2] += b;
  }
  return [...cells.values()]
    .sort((one, other) => other.count - one.count)
    .map((cell) => ({ ...cell, lab: labOf(cell) }));
}

function nearest(groups: Group[], lab: Lab): Group | undefined {
  let best: Group | undefined;
  let bestDistance = MERGE_DISTANCE;
  for (const group of groups) {
    // Fast check: most groups are too far away by their lightness alone.
    if (Math.abs(group.lab[0] - lab[0]) >= bestDistance) continue;
    const distance = labDistance(group.lab, lab);
    if (distance >= bestDistance) continue;
    best = group;
    bestDistance = distance;
  }
  return best;
}

/** The group keeps its first colour as its centre, because a moving centre would collect a whole gradient. */
function merge(group: Group, cell: Group): void {
  group.count += cell.count;
  for (const channel of [0, 1, 2] as const) group.sum[channel] += cell.sum[channel];
}

function labOf({ sum: [r, g, b], count }: Omit<Group, 'lab'>): Lab {
  return rgbToLab(r / count, g / count, b / count);
}

function toHex(channels: number[]): string {
  return `#${channels.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`;
}
