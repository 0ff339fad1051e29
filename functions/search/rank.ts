/** How well media answer to the words that are searched for. */
import { PLACES, type Place, placesIn } from './fields.ts';
import type { Needle } from './words.ts';

/** A word in the title says more about a picture than one in its summary. */
const WEIGHTS = [
  [PLACES.title, 4],
  [PLACES.tag, 4],
  [PLACES.text, 3],
  [PLACES.name, 2],
  [PLACES.summary, 2],
] as const;

/** A needle, and how many media have the rarest of its terms. */
export type Counted = Needle & { count: number };

export interface Score {
  /** How many needles were found. */
  found: number;
  /** The sum over them: more for a rare word, and for one in a telling place. */
  sum: number;
}

/** @param places Of `SearchFields`. */
export function score(places: string, needles: readonly Counted[]): Score {
  const total: Score = { found: 0, sum: 0 };
  for (const { terms, count } of needles) {
    const weight = Math.min(...terms.map((term) => weightOf(placesIn(places, term))));
    if (weight === 0) continue;
    total.found += 1;
    total.sum += weight / Math.log2(2 + count);
  }
  return total;
}

/** Whether enough words were found to show the media: half of them, because a person may search with a word that no description has. */
export function isEnough({ found }: Score, needles: readonly Needle[]): boolean {
  return found > 0 && found * 2 >= needles.length;
}

/** All words before some of them. */
export function better(a: Score, b: Score): number {
  return b.found - a.found || b.sum - a.sum;
}

function weightOf(places: number): number {
  return Math.max(0, ...WEIGHTS.flatMap(([bit, weight]) => (places & bit ? [weight] : [])));
}

/** Whether all terms were found in one place, such as the text in the picture. */
export function isIn(places: string, { terms }: Needle, place: Place): boolean {
  return terms.every((term) => (placesIn(places, term) & PLACES[place]) !== 0);
}
