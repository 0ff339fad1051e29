/**
 * Which words are near to one that may be typed wrong. The limits are strict, because a word that no media has is more often a
 * right one: docs/decisions/0038-search.md says what was measured.
 */
import { CONCEPTS } from './concepts.ts';
import { knownTexts } from './spellings.ts';
import {
  IRREGULAR_FORMS,
  inKatakana,
  type Needle,
  needlesOf,
  termsOf,
  withoutLastMark,
} from './words.ts';

/** A word that may be typed wrong. */
export interface Doubtful {
  typed: string;
  /** Its letters as they are compared: a search term, or katakana. */
  letters: string;
}

export interface Near {
  /** As it is written. */
  text: string;
  /** As it is compared: the same for "movie" and "movies". */
  letters: string;
  /** How many letters were typed wrong. */
  edits: number;
}

/** Two neighbouring letters in the wrong order. With fewer letters, another word is too near. */
const SWAPPED_FROM = 3;
/** A letter is missing, or one is too many: of the shorter word. */
const MISSED_FROM = 4;
/** One letter stands for another. */
const OTHER_FROM = 5;
/** Two of these. */
const TWICE_FROM = 9;
/** So many letters of a word that is typed in part. */
const HALF_FROM = 2;
/** Of longer words, too many others are near. */
const MAX_LETTERS = 20;

/** What photos may show, too, and is near to a known word. Those who type it mean it. */
const RIGHT_WORDS =
  'act back basketball battle beard beech block blood bride brook broom brush cane canon cello chain chili choir cloak cloth ' +
  'cloudy coach coat crow crown diner diving driver flood front furry globe gravy grove hairy hose leafy launch lorry medal ' +
  'metal meteor muse palate parking piazza place plan planet poppy poster potter prince rabbi rainy raven reed rider rocker rover ' +
  'score sheet sing skirt snowy sprint start steam stone storm story stork stove stream string sunset tablet trail trunk ' +
  'track volley waiter winner woven write ' +
  // Near to names of places.
  'chin macaw roman soul spin turn wine';

/** Names of people and places that are near to one. */
const RIGHT_NAMES =
  'abby billy brad bridget brooke cannes carr chile colin felipe ferris floyd gary greek harry jett kidd larry lester mann meyer monty moses noel ' +
  'paige peet piper porter roger sofia steve stuart tiber tracy walter';

/** Words and names that begin a word of the tables by chance: "ten" is no "tennis". Those who type them mean them. */
const WHOLE_WORDS = new Set(
  'air ben can dan eve foot ham hand key mad monk my nat not pea pin port pot sand ten tom tooth toy win wind wood'.split(
    ' ',
  ),
);

/** Letters that are one unit of UTF-16 each: no term is cut within one. */
const LATIN = /^(?:(?![\u{10000}-\u{10ffff}])\p{sc=Latin})+$/u;
const KANA = /^[\p{sc=Hira}\p{sc=Kana}ー]+$/u;
const ALPHABET = [...'abcdefghijklmnopqrstuvwxyz'];

/** Letters of known words, and how these are written. Read when it is first needed. */
let known: ReadonlyMap<string, string> | undefined;

/** The same words by all their letters. */
let beginnings: ReadonlyMap<string, Near> | undefined;

/** @returns undefined for a word that is known, short or long, or in letters of another kind */
export function doubtfulOf({ typed = '', terms }: Needle): Doubtful | undefined {
  const letters = lettersOf(typed, terms);
  known ??= readKnown();
  if (letters === undefined || known.has(letters)) return undefined;
  const { length } = letters;
  return length < SWAPPED_FROM || length > MAX_LETTERS ? undefined : { typed, letters };
}

/**
 * The last word of a search, which may be typed only in part.
 * @returns undefined for a word that is known, of one letter, or in letters of another kind
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

/** Words of the tables that begin so, the most usual ones first. */
export function knownFrom({ letters }: Doubtful): Near[] {
  beginnings ??= readBeginnings();
  return [...beginnings].flatMap(([meant, near]) =>
    meant.startsWith(letters) && meant !== letters ? [near] : [],
  );
}

/** Words of the tables. */
export function knownNear({ letters }: Doubtful): Near[] {
  known ??= readKnown();
  return [...known].flatMap(([meant, text]) => {
    const isOne = isDoubled(letters, meant) || meant === withoutLastS(letters);
    const edits = isOne ? 1 : editsBetween(letters, meant);
    return edits === undefined ? [] : { text, letters: meant, edits };
  });
}

/** All terms there can be at one edit. Of kana there are none: a letter stands in two terms. */
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

/** "Pariss" is an s too many for "Paris", which is compared as "pari". */
function withoutLastS(letters: string): string | undefined {
  const isDoubled = letters.length > MISSED_FROM && letters.endsWith('ss');
  return isDoubled ? termsOf(letters.slice(0, -1))[0] : undefined;
}

/** @returns undefined if the words are the same, or too far apart for their length */
function editsBetween(typed: string, meant: string): number | undefined {
  const isKana = KANA.test(typed);
  if (isKana !== KANA.test(meant)) return undefined;
  if (typed === meant || Math.abs(typed.length - meant.length) > 2) return undefined;
  // On the keyboard of a phone, the marks of が and っ are a key of their own; ー is left out by ear.
  if (isKana && typed.length >= SWAPPED_FROM && bare(typed) === bare(meant)) return 1;
  const isSwapped = isSwap(typed, meant);
  // People hardly ever get the first letter wrong.
  if (typed[0] !== meant[0] && !isSwapped) return undefined;
  if (isSwapped) return typed.length >= SWAPPED_FROM ? 1 : undefined;
  const { length } = typed;
  if (isWithin(1, typed, meant)) {
    const isLong =
      length === meant.length
        ? // Another kana makes another word.
          length >= OTHER_FROM && !isKana
        : Math.min(length, meant.length) >= MISSED_FROM;
    return isLong ? 1 : undefined;
  }
  return length >= TWICE_FROM && !isKana && isWithin(2, typed, meant) ? 2 : undefined;
}

/** Whether one letter is there twice, as in "caat". It may be a short word, if it is a known one: "deer" is no German "der". */
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

/** Whether only two neighbours have changed their places. */
function isSwap(a: string, b: string): boolean {
  const n = [...a].findIndex((letter, i) => letter !== b[i]);
  return n !== -1 && swapAt(n, a) === b;
}

const swapAt = (n: number, word: string) =>
  `${word.slice(0, n)}${word[n + 1] ?? ''}${word[n] ?? ''}${word.slice(n + 2)}`;

/** Whether so many edits make the one of the other: a letter is put in, left out, changed, or swapped with the next one. */
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
  if (KANA.test(typed)) return inKatakana(withoutLastMark(typed));
  return LATIN.test(typed) ? term : undefined;
}

/** As it is typed: "glas" is no plural. */
const beginningOf = (typed: string) => (KANA.test(typed) ? inKatakana(typed) : typed);

function readKnown(): Map<string, string> {
  const words = readWords().map(({ letters, text }) => [letters, text] as const);
  const irregular = IRREGULAR_FORMS.map((word) => [word, word] as const);
  // The first one is how a word is usually written.
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
    // The dictionary takes some of kana apart.
    const needles = KANA.test(text) ? [{ typed: text, terms: [] }] : needlesOf(text);
    return needles.flatMap(({ typed = '', terms }) => {
      const letters = lettersOf(typed, terms);
      // With its accents: köln.
      const written = LATIN.test(text) ? text : typed;
      return letters === undefined ? [] : [{ typed, letters, text: written }];
    });
  });
}
