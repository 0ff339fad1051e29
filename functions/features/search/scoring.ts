/** Ranks media by how well they match the words of a search. */
import { isOn, type SearchDate } from './calendar.ts';
import type { DateNeedle } from './dates.ts';
import {
  ALL_FILE_WORDS,
  daysIn,
  FIELDS,
  type Field,
  fieldsOfTerm,
  fieldsOfWord,
  KIND_WORDS,
} from './fields.ts';
import type { Needle } from './words.ts';

/** A word in the title says more about a picture than one in its summary. */
const WEIGHTS = [
  [FIELDS.title, 4],
  [FIELDS.tag, 4],
  [FIELDS.kind, 4],
  [FIELDS.location, 4],
  [FIELDS.text, 3],
  [FIELDS.name, 2],
  [FIELDS.summary, 2],
  [FIELDS.camera, 2],
] as const;

export type Counted<N extends Needle = Needle> = N & {
  /** How many media have the rarest of its terms, or may have the word in another spelling. */
  count: number;
  /** A media without it does not match, whatever else it has. */
  isNeeded?: boolean;
};

/** From `SearchFields`. */
interface Searched {
  places: string;
  /** Empty: not known. */
  taken: string;
}

export interface Score {
  /** How many needles were found. */
  found: number;
  /** A rare word counts more, and so does a word in an important field. */
  sum: number;
}

/** @param places From `SearchFields`. */
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

/** Two words that were typed one after the other are in one field. Other words may be between them. */
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

/** It was taken on one of the dates, or its name or a text has one. */
export function matchesDate({ places, taken }: Searched, dates: readonly DateNeedle[]): boolean {
  const isInOneField = (spelling: readonly string[]) =>
    spelling.map((term) => fieldsOfTerm(places, term)).reduce((a, b) => a & b) !== 0;
  const isDated = (dates: readonly SearchDate[]) =>
    isOn(dates, taken) || daysIn(places).some((day) => isOn(dates, day));
  return dates.some(({ dates, said }) => isDated(dates) || said.some(isInOneField));
}

/**
 * Half of the words must be found, because a person may search with a word that no description has. Each photo has the word
 * "photo", so that is not enough for "dog photo". Neither is "jpg", which may be part of a typed file name: it counts as a word
 * that was not found.
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

/** More words come before a higher sum. */
export function better(a: Score, b: Score): number {
  return b.found - a.found || b.sum - a.sum;
}

function weightOf(fields: number): number {
  return Math.max(0, ...WEIGHTS.flatMap(([bit, weight]) => (fields & bit ? [weight] : [])));
}

/** All terms were found in this field, such as the text in the picture. */
export function isIn(places: string, needle: Needle, field: Field): boolean {
  return spellingsIn(places, needle).some((spelling) =>
    spelling.every((bits) => (bits & FIELDS[field]) !== 0),
  );
}

/** A short word that was not typed must be a whole word: a Han letter, or one pair of kana. */
const IS_HAN = /^\p{sc=Han}$/u;
const IS_KANA = /^[ァ-ヺー]{2}$/u;

/** The fields of each term, for each spelling. */
function spellingsIn(places: string, { terms, others = [] }: Needle): number[][] {
  return [
    terms.map((term) => fieldsOfTerm(places, term)),
    ...others.map((other) =>
      other.map((term) =>
        IS_HAN.test(term) || (other.length === 1 && IS_KANA.test(term))
          ? fieldsOfWord(places, term)
          : fieldsOfTerm(places, term),
      ),
    ),
  ];
}
