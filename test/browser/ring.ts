/** Whether a person sees where the focus is. */
import sharp from 'sharp';

interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * On how many of its four sides an element has a ring: there the screenshot with the focus on it differs from the one without.
 * @param area Where the element is in both, in pixels.
 */
export async function sidesWithRing(
  focused: Buffer,
  plain: Buffer,
  { left, top, width, height }: Area,
): Promise<number> {
  const area = {
    left: Math.round(left),
    top: Math.round(top),
    width: Math.floor(width),
    height: Math.floor(height),
  };
  const [before, after] = await Promise.all(
    [focused, plain].map((png) => sharp(png).extract(area).removeAlpha().raw().toBuffer()),
  );
  const differs = (x: number, y: number) => {
    const at = 3 * (y * area.width + x);
    return [0, 1, 2].some((n) => Math.abs((before?.[at + n] ?? 0) - (after?.[at + n] ?? 0)) > 24);
  };
  /** Along the middle half of a side: its corners are round. */
  const isRinged = (length: number, isOther: (n: number) => boolean) =>
    Array.from({ length: length >> 1 }, (_, n) => n + (length >> 2)).every(isOther);
  return [
    isRinged(area.width, (x) => differs(x, 1)),
    isRinged(area.width, (x) => differs(x, area.height - 2)),
    isRinged(area.height, (y) => differs(1, y)),
    isRinged(area.height, (y) => differs(area.width - 2, y)),
  ].filter(Boolean).length;
}
