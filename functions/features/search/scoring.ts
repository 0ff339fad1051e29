/** Scores how well a media matches the words of a search. */
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

/** A word in the title counts more than one in the summary. */
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

/** `count`: the media with the rarest of its terms, or with another spelling of it. */
export type Counted<N extends Needle = Needle> = N & {
  count: number;
  /** A media without it does not match. */
  isNeeded?: boolean;
};

interface Searched {
  places: string;
  /** Empty if the file does not say it. */
  taken: string;
}

export interface Score {
  /** Number of needles that were found. */
  found: number;
  /** Rare words, and words in important places, count more. */
  sum: number;
}

/** @param places The field of `SearchFields`. */
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

/** True if two neighbouring words of the search are in the same place, not necessarily side by side. */
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

export function wasTakenOn(
  { taken }: Pick<Searched, 'taken'>,
  dates: readonly DateNeedle[],
): boolean {
  return dates.some((needle) => isOn(needle.dates, taken));
}

/** True if the media was taken on one of the dates, or its name or a text says one. */
export function matchesDate({ places, taken }: Searched, dates: readonly DateNeedle[]): boolean {
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
 * Half of the words are enough, because a person may use a word that no description has. Every photo has the word "photo", so it is
 * ignored: "dog photo" needs the dog. A file type such as "jpg" is not enough alone either, but it counts as a word to find.
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

/** More words go before a better sum. */
export function better(a: Score, b: Score): number {
  return b.found - a.found || b.sum - a.sum;
}

function weightOf(places: number): number {
  return Math.max(0, ...WEIGHTS.flatMap(([bit, weight]) => (places & bit ? [weight] : [])));
}

/** True if all terms of one spelling are in this place, such as the text in the picture. */
export function isIn(places: string, needle: Needle, place: Place): boolean {
  return spellingsIn(places, needle).some((spelling) =>
    spelling.every((bits) => (bits & PLACES[place]) !== 0),
  );
}

/** A short spelling that was not typed must stand alone: a letter of Han, or one pair of kana. */
const IS_HAN = /^\p{sc=Han}$/u;
const IS_KANA = /^[ァ-ヺー]{2}$/u;

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
