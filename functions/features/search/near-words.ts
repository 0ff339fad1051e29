/**
 * Finds words near to one that may be misspelled. The limits are strict, because a word that no media has is correct more often than
 * not: docs/decisions/0038-search.md has the measurements.
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

/** A word that may be misspelled, or typed only in part. */
export interface Doubtful {
  typed: string;
  /** The form that is compared: a search term, or katakana. */
  letters: string;
}

export interface Near {
  text: string;
  /** The form that is compared: the same for "movie" and "movies". */
  letters: string;
  /** Number of typing errors. */
  edits: number;
}

/** Two neighbouring letters are swapped. Shorter words are too close to each other. */
const SWAPPED_FROM = 3;
/** A letter is missing or added. Counts the shorter word. */
const MISSED_FROM = 4;
/** One letter is wrong. */
const OTHER_FROM = 5;
/** Two of these errors. */
const TWICE_FROM = 9;
/** Least letters of a word that is typed in part. */
const HALF_FROM = 2;
/** Longer words have too many neighbours. */
const MAX_LETTERS = 20;

/** Other words for what photos show. They are near to a known word, and correct. */
const RIGHT_WORDS =
  'act back basketball battle beard beech block blood bride brook broom brush cane canon cello chain chili choir cloak cloth ' +
  'cloudy coach coat crow crown diner diving driver flood front furry globe gravy grove hairy hose leafy launch lorry medal ' +
  'metal meteor muse palate parking piazza place plan planet poppy poster potter prince rabbi rainy raven reed rider rocker rover ' +
  'score sheet sing skirt snowy sprint start steam stone storm story stork stove stream string sunset tablet trail trunk ' +
  'track volley waiter winner woven write ' +
  // Near to place names.
  'chin macaw roman soul spin turn wine';

/** Names of people and places that are near to a known word, and correct. */
const RIGHT_NAMES =
  'abby billy brad bridget brooke cannes carr chile colin felipe ferris floyd gary greek harry jett kidd larry lester mann meyer monty moses noel ' +
  'paige peet piper porter roger sofia steve stuart tiber tracy walter';

/** Whole words that begin a known word by chance: "ten" is no part of "tennis". */
const WHOLE_WORDS = new Set(
  'air ben can dan eve foot ham hand key mad monk my nat not pea pin port pot sand ten tom tooth toy win wind wood'.split(
    ' ',
  ),
);

/** Only letters of one UTF-16 unit, so that no term is cut inside a letter. */
const LATIN = /^(?:(?![\u{10000}-\u{10ffff}])\p{sc=Latin})+$/u;
const KANA = /^[\p{sc=Hira}\p{sc=Kana}ー]+$/u;
const ALPHABET = [...'abcdefghijklmnopqrstuvwxyz'];

/** Compared form to written form. Made on first use. */
let known: ReadonlyMap<string, string> | undefined;

/** The same words by their full letters, to complete a beginning. */
let beginnings: ReadonlyMap<string, Near> | undefined;

/** @returns undefined for a word that is known, too short or long, or in another script */
export function doubtfulOf({ typed = '', terms }: Needle): Doubtful | undefined {
  const letters = lettersOf(typed, terms);
  known ??= readKnown();
  if (letters === undefined || known.has(letters)) return undefined;
  const { length } = letters;
  return length < SWAPPED_FROM || length > MAX_LETTERS ? undefined : { typed, letters };
}

/**
 * The last word of a search, which may be typed only in part.
 * @returns undefined for a word that is known, of one letter, or in another script
 */
export function halfOf({ typed = '', terms }: Needle): Doubtful | undefined {
  known ??= readKnown();
  const whole = lettersOf(typed, terms);
  if (whole === undefined || known.has(whole) || WHOLE_WORDS.has(whole)) return undefined;
  const letters = beginningOf(typed);
  return letters.length < HALF_FROM || letters.length > MAX_LETTERS
    ? undefined
    : { typed, letters };
}

/** Known words with this beginning, the most usual ones first. */
export function knownFrom({ letters }: Doubtful): Near[] {
  beginnings ??= readBeginnings();
  return [...beginnings].flatMap(([meant, near]) =>
    meant.startsWith(letters) && meant !== letters ? [near] : [],
  );
}

export function knownNear({ letters }: Doubtful): Near[] {
  known ??= readKnown();
  return [...known].flatMap(([meant, text]) => {
    const isOne = isDoubled(letters, meant) || meant === withoutLastS(letters);
    const edits = isOne ? 1 : editsBetween(letters, meant);
    return edits === undefined ? [] : { text, letters: meant, edits };
  });
}

/** All possible terms at one edit. Kana have none, because each letter is in two terms. */
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

/** "Pariss" has an s too many. "Paris" is compared as "pari". */
function withoutLastS(letters: string): string | undefined {
  const isDoubled = letters.length > MISSED_FROM && letters.endsWith('ss');
  return isDoubled ? termsOf(letters.slice(0, -1))[0] : undefined;
}

/** @returns undefined if the words are the same, or too far apart for their length */
function editsBetween(typed: string, meant: string): number | undefined {
  const isKana = KANA.test(typed);
  if (isKana !== KANA.test(meant)) return undefined;
  if (typed === meant || Math.abs(typed.length - meant.length) > 2) return undefined;
  // On a phone's keyboard, the marks of が and っ are a separate key. People who write by ear leave out ー.
  if (isKana && typed.length >= SWAPPED_FROM && bare(typed) === bare(meant)) return 1;
  const isSwapped = isSwap(typed, meant);
  // The first letter is hardly ever wrong.
  if (typed[0] !== meant[0] && !isSwapped) return undefined;
  if (isSwapped) return typed.length >= SWAPPED_FROM ? 1 : undefined;
  const { length } = typed;
  if (isWithin(1, typed, meant)) {
    const isLong =
      length === meant.length
        ? // A different kana makes a different word.
          length >= OTHER_FROM && !isKana
        : Math.min(length, meant.length) >= MISSED_FROM;
    return isLong ? 1 : undefined;
  }
  return length >= TWICE_FROM && !isKana && isWithin(2, typed, meant) ? 2 : undefined;
}

/** True if one letter is doubled, as in "caat". Short words count too if the right word is known: "deer" is no German "der". */
function isDoubled(typed: string, meant: string): boolean {
  const n = [...typed].findIndex((letter, i) => letter !== meant[i]);
  const isLonger = typed.length >= MISSED_FROM && typed.length === meant.length + 1;
  return (
    isLonger &&
    !KANA.test(typed) &&
    typed[n] === typed[n - 1] &&
    typed.slice(n + 1) === meant.slice(n)
  );
}

function isSwap(a: string, b: string): boolean {
  const n = [...a].findIndex((letter, i) => letter !== b[i]);
  return n !== -1 && swapAt(n, a) === b;
}

const swapAt = (n: number, word: string) =>
  `${word.slice(0, n)}${word[n + 1] ?? ''}${word[n] ?? ''}${word.slice(n + 2)}`;

/** An edit adds, removes or changes a letter, or swaps it with the next one. */
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

function bare(kana: string): string {
  return kana
    .normalize('NFD')
    .replace(/[\u3099\u309aー]/g, '')
    .replace(new RegExp(`[${SMALL}]`, 'g'), (letter) => LARGE[SMALL.indexOf(letter)] ?? letter);
}

function lettersOf(typed: string, [term]: readonly string[]): string | undefined {
  if (KANA.test(typed)) return toKatakana(withoutLastMark(typed));
  return LATIN.test(typed) ? term : undefined;
}

/** No stemming here: "glas" is no plural. */
const beginningOf = (typed: string) => (KANA.test(typed) ? toKatakana(typed) : typed);

function readKnown(): Map<string, string> {
  const words = readWords().map(({ letters, text }) => [letters, text] as const);
  const irregular = IRREGULAR_FORMS.map((word) => [word, word] as const);
  // Reversed, so that the usual form of a word wins.
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
