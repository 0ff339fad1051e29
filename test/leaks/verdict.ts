/** Says what grows with the number of photos. */
import type { Kept } from './kept.ts';
import type { UnitReport } from './leaks.ts';

const MAX_BYTES_PER_PHOTO = 1_000;
/**
 * A connection more or less is open at any time, with its timer: pools of Google's clients and of the front. What one photo
 * leaves behind would be a hundred times as many.
 */
const MAX_MORE: Partial<Record<keyof Kept, number>> = { timers: 10, listeners: 0, openFiles: 20 };

/** @returns a line for each thing that grows; none is well */
export function growthOf(reports: Record<string, UnitReport>): string[] {
  return Object.entries(reports).flatMap(([unit, { before, after, bytesPerPhoto }]) => {
    const bytes =
      bytesPerPhoto > MAX_BYTES_PER_PHOTO
        ? [`${unit} keeps ${Math.round(bytesPerPhoto)} bytes of each photo`]
        : [];
    const counts = Object.entries(MAX_MORE).flatMap(([what, most = 0]) => {
      const [was = 0, is = 0] = [before, after].map((kept) => kept[what as keyof Kept]);
      return is - was > most ? [`${unit} has ${is} ${what} instead of ${was}`] : [];
    });
    return [...bytes, ...counts];
  });
}
