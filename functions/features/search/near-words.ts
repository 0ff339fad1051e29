/**
 * Finds words that are near to one that may be misspelled. The limits are strict, because a word that no media has is usually
 * right: docs/decisions/0038-search.md has the measurements.
 */
import { CONCEPTS } from './concepts.ts';
import { knownTexts } from './spellings.ts';
import {
  IRREGULAR_FORMS,
  type Needle,
  needlesOf,
  termsOf,
  toKatakana,
  withoutLastMark,
} from './words.ts';

/** A word that may be misspelled. */
export interface Doubtful {
  typed: string;
  /** The letters to compare: a search term, or katakana. */
  letters: string;
}

export interface Near {
  text: string;
  /** The letters to compare: the same for "movie" and "movies". */
  letters: string;
  /** How many letters are wrong. */
  edits: number;
}

/** The shortest words in which each error is corrected, in letters. In shorter words other words are too near. */
const MIN_SWAPPED = 3;
/** The letters of the shorter word, if one is missing or too many. */
const MIN_MISSED = 4;
const MIN_REPLACED = 5;
const MIN_TWO_EDITS = 9;
const MIN_PARTIAL = 2;
/** Longer words have too many others near. */
const MAX_LETTERS = 20;

/** Words for things in photos that are near to a known word. They are typed right. */
const RIGHT_WORDS =
  'act back basketball battle beard beech block blood bride brook broom brush cane canon cello chain chili choir cloak cloth ' +
  'cloudy coach coat crow crown diner diving driver flood front furry globe gravy grove hairy hose leafy launch lorry medal ' +
  'metal meteor muse palate parking piazza place plan planet poppy poster potter prince rabbi rainy raven reed rider rocker rover ' +
  'score sheet sing skirt snowy sprint start steam stone storm story stork stove stream string sunset tablet trail trunk ' +
  'track volley waiter winner woven write ' +
  // These are near to names of places.
  'chin macaw roman soul spin turn wine';

/** Names of people and places that are near to a known word. */
const RIGHT_NAMES =
  'abby billy brad bridget brooke cannes carr chile colin felipe ferris floyd gary greek harry jett kidd larry lester mann meyer monty moses noel ' +
  'paige peet piper porter roger sofia steve stuart tiber tracy walter';

/** Words and names that are the beginning of another word by chance: "ten" is not "tennis". */
const WHOLE_WORDS = new Set(
  'air ben can dan eve foot ham hand key mad monk my nat not pea pin port pot sand ten tom tooth toy win wind wood'.split(
    ' ',
  ),
);

/** Only letters of one UTF-16 unit, so that no letter is cut in two. */
const LATIN = /^(?:(?![\u{10000}-\u{10ffff}])\p{sc=Latin})+$/u;
const KANA = /^[\p{sc=Hira}\p{sc=Kana}ー]+$/u;
const ALPHABET = [...'abcdefghijklmnopqrstuvwxyz'];

/** Known words by their compared letters. Made at the first use. */
let known: ReadonlyMap<string, string> | undefined;

/** The same words by all their letters. */
let beginnings: ReadonlyMap<string, Near> | undefined;

/** @returns undefined for a word that is known, too short, too long, or in another script */
export function doubtfulOf({ typed = '', terms }: Needle): Doubtful | undefined {
  const letters = lettersOf(typed, terms);
  known ??= readKnown();
  if (letters === undefined || known.has(letters)) return undefined;
  const { length } = letters;
  return length < MIN_SWAPPED || length > MAX_LETTERS ? undefined : { typed, letters };
}

/**
 * For the last word of a search, which may be typed only in part.
 * @returns undefined for a word that is known, has one letter, or is in another script
 */
export function halfOf({ typed = '', terms }: Needle): Doubtful | undefined {
  known ??= readKnown();
  const whole = lettersOf(typed, terms);
  if (whole === undefined || known.has(whole) || WHOLE_WORDS.has(whole)) return undefined;
  const letters = beginningOf(typed);
  return letters.length < MIN_PARTIAL || letters.length > MAX_LETTERS
    ? undefined
    : { typed, letters };
}

/** Known words that begin with these letters, the most usual ones first. */
export function knownFrom({ letters }: Doubtful): Near[] {
  beginnings ??= readBeginnings();
  return [...beginnings].flatMap(([meant, near]) =>
    meant.startsWith(letters) && meant !== letters ? [near] : [],
  );
}

/** Known words near to this one. */
export function knownNear({ letters }: Doubtful): Near[] {
  known ??= readKnown();
  return [...known].flatMap(([meant, text]) => {
    const isOne = isDoubled(letters, meant) || meant === withoutLastS(letters);
    const edits = isOne ? 1 : editsBetween(letters, meant);
    return edits === undefined ? [] : { text, letters: meant, edits };
  });
}

/** All possible terms at one edit. There are none for kana, where a letter is part of two terms. */
export function termsNear({ letters }: Doubtful): string[] {
  if (!LATIN.test(letters)) return [];
  const possible = Array.from({ length: letters.length + 1 }, (_, n) => {
    const [before, after, rest] = [letters.slice(0, n), letters.slice(n), letters.slice(n + 1)];
    return [
      swapAt(n, letters),
      before + rest,
      ...ALPHABET.flatMap((each) => [before + each + after, before + each + rest]),
    ];
  }).flat();
  const singular = withoutLastS(letters);
  const near = possible.filter((term) => editsBetween(letters, term) === 1);
  return [...new Set(singular === undefined ? near : [...near, singular])];
}

/** "Pariss" has an s too many, and "Paris" is compared as "pari". */
function withoutLastS(letters: string): string | undefined {
  const isDoubled = letters.length > MIN_MISSED && letters.endsWith('ss');
  return isDoubled ? termsOf(letters.slice(0, -1))[0] : undefined;
}

/** @returns undefined if the words are the same, or too far apart for their length */
function editsBetween(typed: string, meant: string): number | undefined {
  const isKana = KANA.test(typed);
  if (isKana !== KANA.test(meant)) return undefined;
  if (typed === meant || Math.abs(typed.length - meant.length) > 2) return undefined;
  // On a phone the marks of が and っ have their own key, and people leave out a ー that they do not hear.
  if (isKana && typed.length >= MIN_SWAPPED && withoutMarks(typed) === withoutMarks(meant))
    return 1;
  const isSwapped = isSwap(typed, meant);
  // People hardly ever get the first letter wrong.
  if (typed[0] !== meant[0] && !isSwapped) return undefined;
  if (isSwapped) return typed.length >= MIN_SWAPPED ? 1 : undefined;
  const { length } = typed;
  if (isWithin(1, typed, meant)) {
    const isLong =
      length === meant.length
        ? // Another kana makes another word.
          length >= MIN_REPLACED && !isKana
        : Math.min(length, meant.length) >= MIN_MISSED;
    return isLong ? 1 : undefined;
  }
  return length >= MIN_TWO_EDITS && !isKana && isWithin(2, typed, meant) ? 2 : undefined;
}

/** One letter is typed twice, as in "caat". Known words may be shorter here. */
function isDoubled(typed: string, meant: string): boolean {
  const n = [...typed].findIndex((letter, i) => letter !== meant[i]);
  const isLonger = typed.length >= MIN_MISSED && typed.length === meant.length + 1;
  return (
    isLonger &&
    !KANA.test(typed) &&
    typed[n] === typed[n - 1] &&
    typed.slice(n + 1) === meant.slice(n)
  );
}

/** Only two neighbouring letters are swapped. */
function isSwap(a: string, b: string): boolean {
  const n = [...a].findIndex((letter, i) => letter !== b[i]);
  return n !== -1 && swapAt(n, a) === b;
}

const swapAt = (n: number, word: string) =>
  `${word.slice(0, n)}${word[n + 1] ?? ''}${word[n] ?? ''}${word.slice(n + 2)}`;

/** An edit adds, removes or replaces a letter, or swaps it with the next one. */
function isWithin(edits: number, a: string, b: string): boolean {
  const same = [...a].findIndex((letter, i) => letter !== b[i]);
  const x = same === -1 ? '' : a.slice(same);
  const y = b.slice(same === -1 ? a.length : same);
  if (x === '' || y === '' || edits === 0) return x.length + y.length <= edits;
  const rest = edits - 1;
  return (
    isWithin(rest, x.slice(1), y.slice(1)) ||
    isWithin(rest, x.slice(1), y) ||
    isWithin(rest, x, y.slice(1)) ||
    (x[0] === y[1] && x[1] === y[0] && isWithin(rest, x.slice(2), y.slice(2)))
  );
}

const SMALL = 'ァィゥェォッャュョヮ';
const LARGE = 'アイウエオツヤユヨワ';

function withoutMarks(kana: string): string {
  return kana
    .normalize('NFD')
    .replace(/[\u3099\u309aー]/g, '')
    .replace(new RegExp(`[${SMALL}]`, 'g'), (letter) => LARGE[SMALL.indexOf(letter)] ?? letter);
}

function lettersOf(typed: string, [term]: readonly string[]): string | undefined {
  if (KANA.test(typed)) return toKatakana(withoutLastMark(typed));
  return LATIN.test(typed) ? term : undefined;
}

/** All letters, because "glas" is not a plural. */
const beginningOf = (typed: string) => (KANA.test(typed) ? toKatakana(typed) : typed);

function readKnown(): Map<string, string> {
  const words = readWords().map(({ letters, text }) => [letters, text] as const);
  const irregular = IRREGULAR_FORMS.map((word) => [word, word] as const);
  // The first spelling is the usual one, so it is set last.
  return new Map([...irregular, ...words.reverse()]);
}

function readBeginnings(): Map<string, Near> {
  const words = new Map<string, Near>();
  for (const { typed, text, letters } of readWords()) {
    const beginning = beginningOf(typed);
    if (!words.has(beginning)) words.set(beginning, { text, letters, edits: 0 });
  }
  return words;
}

function readWords(): { typed: string; letters: string; text: string }[] {
  const lists = [...Object.values(CONCEPTS), RIGHT_WORDS, RIGHT_NAMES].flatMap((words) =>
    words.split(' '),
  );
  const texts = [...knownTexts(), ...lists];
  return texts.flatMap((text) => {
    // The dictionary splits some words in kana.
    const needles = KANA.test(text) ? [{ typed: text, terms: [] }] : needlesOf(text);
    return needles.flatMap(({ typed = '', terms }) => {
      const letters = lettersOf(typed, terms);
      // With its accents: köln.
      const written = LATIN.test(text) ? text : typed;
      return letters === undefined ? [] : [{ typed, letters, text: written }];
    });
  });
}
