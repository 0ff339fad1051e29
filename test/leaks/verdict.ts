/** Says what grows with the number of photos. */
import type { Kept } from './kept.ts';
import type { UnitReport } from './leaks.ts';

const MAX_BYTES_PER_PHOTO = 1_000;
/** What a photo leaves behind is one object of a kind at least. */
const MAX_OBJECTS_PER_PHOTO = 0.1;
/** Pools of connections breathe and libraries compile, however many photos there are. */
const MAX_OBJECTS_OF_POOLS = 100;
/** A connection more or less is open at any time: pools of Google's clients and of the front. */
const MAX_MORE = { listeners: 0, openFiles: 20 } as const satisfies Partial<
  Record<keyof Kept, number>
>;

/** @returns a line for each kind of object, file or listener that grows; none is well */
export function countsThatGrow(reports: Record<string, UnitReport>): string[] {
  return Object.entries(reports).flatMap(([unit, { before, after, photos }]) => {
    const more = Object.entries(MAX_MORE).flatMap(([what, most]) => {
      const [was = 0, is = 0] = [before, after].map((kept) => kept[what as keyof typeof MAX_MORE]);
      return is - was > most ? [`${unit} has ${is} ${what} instead of ${was}`] : [];
    });
    const objects = Object.entries(after.objects).flatMap(([kind, is]) => {
      const more = is - (before.objects[kind] ?? 0);
      return more > Math.max(MAX_OBJECTS_OF_POOLS, photos * MAX_OBJECTS_PER_PHOTO)
        ? [`${unit} keeps ${(more / photos).toFixed(2)} ${kind} of each photo`]
        : [];
    });
    return [...more, ...objects];
  });
}

/** Only over thousands of photos: V8 compiles, and throws away, megabytes. */
export function bytesThatGrow(reports: Record<string, UnitReport>): string[] {
  return Object.entries(reports)
    .filter(([, { bytesPerPhoto }]) => bytesPerPhoto > MAX_BYTES_PER_PHOTO)
    .map(
      ([unit, { bytesPerPhoto }]) =>
        `${unit} keeps ${Math.round(bytesPerPhoto)} bytes of each photo`,
    );
}
