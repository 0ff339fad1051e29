/** The names of cities on a map: which of them are written, so that none lies on another. */
import cities from './city-names.json' with { type: 'json' };
import { isNear, type LabelBox, LINE_PX, widthOf } from './label-box.ts';

export interface City {
  latitude: number;
  longitude: number;
  /** In the reader's language, where it is known. */
  text: string;
}

/** From which zoom on cities are written, and how many of the largest ones may be; with each step in, three times as many. */
const FIRST = { zoom: 3, count: 60 };
const TIMES = 3;
/** Between two names. */
const ROOM_PX = 12;
/** From the middle of the dot to the name. */
const DOT_PX = 7;

/** The largest first. */
export const citiesIn = (language: string): City[] =>
  (cities as [latitude: number, longitude: number, name: string, japanese?: string][]).map(
    ([latitude, longitude, name, japanese]) => ({
      latitude,
      longitude,
      text: (language === 'ja' && japanese) || name,
    }),
  );

/**
 * Those that are written, the largest first.
 * @param all The largest first.
 * @param pointOf Where it is on the map; undefined: it is not seen.
 * @param taken What stands there already.
 */
export function labelsOf(
  all: readonly City[],
  zoom: number,
  pointOf: (city: City) => Pick<LabelBox, 'x' | 'y'> | undefined,
  taken: readonly LabelBox[],
): City[] {
  const boxes = [...taken];
  const count = zoom < FIRST.zoom ? 0 : FIRST.count * TIMES ** (zoom - FIRST.zoom);
  return all.slice(0, count).filter((city) => {
    const at = pointOf(city);
    if (!at) return false;
    const box = {
      x: at.x - DOT_PX,
      y: at.y - LINE_PX / 2,
      width: 2 * DOT_PX + widthOf(city.text),
      height: LINE_PX,
    };
    if (boxes.some((other) => isNear(box, other, ROOM_PX))) return false;
    boxes.push(box);
    return true;
  });
}
