/** Converts boxes around objects from the forms of the models to ours. */
import type { ModelOutput } from '@media-analysis/shared/analytics';

type Box = NonNullable<ModelOutput['objects'][number]['box']>;

/**
 * An edge that is outside the picture by up to this share is moved to the picture's edge. Beyond that it has another unit, such
 * as pixels.
 */
const OVERRUN = 0.05;

/** Gemini measures in thousandths: https://ai.google.dev/gemini-api/docs/image-understanding */
const THOUSANDTHS = 1_000;

/**
 * Reads `[ymin, xmin, ymax, xmax]` in thousandths (Gemini is trained to write this) or in fractions, and
 * `{x, y, width, height}` in fractions.
 * @returns a box inside the picture, in fractions; null for other values, and for a box without area
 */
export function boxOf(value: unknown): Box | null {
  const edges = Array.isArray(value) ? edgesOfCorners(value) : edgesOfSides(value);
  if (!edges || edges.some((edge) => edge < -OVERRUN || edge > 1 + OVERRUN)) return null;
  const [top = 0, left = 0, bottom = 0, right = 0] = edges.map(inside);
  if (bottom <= top || right <= left) return null;
  return { x: left, y: top, width: round(right - left), height: round(bottom - top) };
}

/** @returns top, left, bottom and right. */
function edgesOfCorners(corners: unknown[]): number[] | undefined {
  const numbers = corners.map(numberOf);
  if (numbers.length !== 4 || numbers.some(Number.isNaN)) return undefined;
  const scale = Math.max(...numbers) <= 1 + OVERRUN ? 1 : THOUSANDTHS;
  return numbers.map((number) => number / scale);
}

function edgesOfSides(sides: unknown): number[] | undefined {
  if (typeof sides !== 'object' || sides === null) return undefined;
  const { x, y, width, height } = sides as Record<string, unknown>;
  const [left = 0, top = 0, across = 0, down = 0] = [x, y, width, height].map(numberOf);
  if ([left, top, across, down].some(Number.isNaN)) return undefined;
  return [top, left, top + down, left + across];
}

function numberOf(value: unknown): number {
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
}

const inside = (edge: number) => round(Math.min(1, Math.max(0, edge)));

/** To millionths, so that an edge plus a length is never more than 1. */
const round = (value: number) => Math.round(value * 1e6) / 1e6;
