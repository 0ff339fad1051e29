/** How well media answer to the words that are searched for. */
import { isOn, type SearchDate } from './calendar.ts';
import type { DateNeedle } from './dates.ts';
import {
  ALL_FILE_WORDS,
  daysIn,
  KIND_WORDS,
  PLACES,
  type Place,
  placesAlone,
  placesIn,
} from './fields.ts';
import type { Needle } from './words.ts';

/** A word in the title says more about a picture than one in its summary. */
const WEIGHTS = [
  [PLACES.title, 4],
  [PLACES.tag, 4],
  [PLACES.kind, 4],
  [PLACES.location, 4],
  [PLACES.text, 3],
  [PLACES.name, 2],
  [PLACES.summary, 2],
  [PLACES.camera, 2],
] as const;

/** A needle, and how many media have the rarest of its terms, or may have the word in another spelling. */
export type Counted<N extends Needle = Needle> = N & {
  count: number;
  /** Without it, a media is not what is meant, whatever else it has. */
  isNeeded?: boolean;
};

/** Of `SearchFields`. */
interface Searched {
  places: string;
  /** Empty: the file does not say it. */
  taken: string;
}

export interface Score {
  /** How many needles were found. */
  found: number;
  /** The sum over them: more for a rare word, and for one in a telling place. */
  sum: number;
}

/** @param places Of `SearchFields`. */
export function score(places: string, needles: readonly Counted[]): Score {
  const total: Score = { found: 0, sum: 0 };
  for (const needle of needles) {
    const weight = weightIn(places, needle);
    if (weight === 0) continue;
    total.found += 1;
    total.sum += weight / Math.log2(2 + needle.count);
  }
  return total;
}

/** Whether two words that were typed one after the other are in one place. They may stand apart in it. */
export function hasNeighbours(places: string, needles: readonly Needle[]): boolean {
  const bits = needles.map((needle) =>
    spellingsIn(places, needle)
      .map((spelling) => spelling.reduce((a, b) => a & b, ~0))
      .reduce((a, b) => a | b, 0),
  );
  return bits.some((each, n) => (each & (bits[n + 1] ?? 0)) !== 0);
}

function weightIn(places: string, needle: Needle): number {
  const weights = spellingsIn(places, needle).map((spelling) =>
    Math.min(...spelling.map(weightOf)),
  );
  return Math.max(...weights);
}

/** Whether it was taken on one of the dates. */
export function wasTakenOn(
  { taken }: Pick<Searched, 'taken'>,
  dates: readonly DateNeedle[],
): boolean {
  return dates.some((needle) => isOn(needle.dates, taken));
}

/** Whether it was taken on one of the dates, or its name or a text says one. */
export function isOfDate({ places, taken }: Searched, dates: readonly DateNeedle[]): boolean {
  const isInOnePlace = (spelling: readonly string[]) =>
    spelling.map((term) => placesIn(places, term)).reduce((a, b) => a & b) !== 0;
  const isDated = (dates: readonly SearchDate[]) =>
    isOn(dates, taken) || daysIn(places).some((day) => isOn(dates, day));
  return dates.some(({ dates, said, named }) => {
    const isNamed = named?.names.some(isInOnePlace);
    const isThen = named?.within.length === 0 || isDated(named?.within ?? []);
    return isDated(dates) || said.some(isInOnePlace) || (isNamed && isThen);
  });
}

/**
 * Whether enough words were found to show the media: half of them, because a person may search with a word that no description
 * has. "Photo" is said of each photo, so of "dog photo" it is not enough; nor is "jpg", which is a part of the name of a file
 * as it is typed, so that it counts as a word that was not found.
 */
export function isEnough(places: string, needles: readonly Counted[]): boolean {
  const wanted = needles.filter((needle) => !isOneOf(KINDS, needle));
  const telling = wanted.filter((needle) => !isOneOf(ALL_FILE_WORDS, needle));
  if (telling.length === 0) return isHalf(score(places, needles), needles);
  return isHalf(score(places, telling), wanted);
}

const isHalf = ({ found }: Score, { length }: readonly Counted[]) =>
  found > 0 && found * 2 >= length;

const KINDS: readonly string[] = Object.values(KIND_WORDS);

function isOneOf(words: readonly string[], { terms, others = [] }: Needle): boolean {
  return [terms, ...others].some(([term, ...rest]) => {
    return rest.length === 0 && term !== undefined && words.includes(term);
  });
}

/** All words before some of them. */
export function better(a: Score, b: Score): number {
  return b.found - a.found || b.sum - a.sum;
}

function weightOf(places: number): number {
  return Math.max(0, ...WEIGHTS.flatMap(([bit, weight]) => (places & bit ? [weight] : [])));
}

/** Whether all terms were found in one place, such as the text in the picture. */
export function isIn(places: string, needle: Needle, place: Place): boolean {
  return spellingsIn(places, needle).some((spelling) =>
    spelling.every((bits) => (bits & PLACES[place]) !== 0),
  );
}

/** A short word that was not typed has to stand by itself: a letter of Han, or one pair of kana. */
const IS_HAN = /^\p{sc=Han}$/u;
const IS_KANA = /^[ァ-ヺー]{2}$/u;

/** The places of each term, for each spelling. */
function spellingsIn(places: string, { terms, others = [] }: Needle): number[][] {
  return [
    terms.map((term) => placesIn(places, term)),
    ...others.map((other) =>
      other.map((term) =>
        IS_HAN.test(term) || (other.length === 1 && IS_KANA.test(term))
          ? placesAlone(places, term)
          : placesIn(places, term),
      ),
    ),
  ];
}
