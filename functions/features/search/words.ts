/**
 * Splits texts into the terms of the search. Stored texts and searches are split in the same way.
 *
 * Chinese and Japanese have no spaces between words. They are split into pairs of neighbouring letters (bigrams), as search engines do:
 * 「東京駅前」 has 東京, 京駅 and 駅前. So a word is also found inside a longer one, which a dictionary does not guarantee. In a search, the
 * dictionary of `Intl.Segmenter` finds the words. Hiragana and katakana are equal: かめら finds カメラ.
 * @see https://lucene.apache.org/core/9_0_0/analysis/common/org/apache/lucene/analysis/cjk/package-summary.html
 */

/** Longer words are cut. */
const MAX_LETTERS = 40;

const RUN = /[\p{L}\p{M}\p{N}]+/gu;
/** `scx` includes ー, which belongs to several scripts. */
const PART = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}]+|[^\p{scx=Han}\p{scx=Hira}\p{scx=Kana}]+/gu;
const PAIRED = /^[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}]/u;
const HAN = /^\p{sc=Han}$/u;
const HIRAGANA = /^\p{sc=Hira}$/u;
const IN_HIRAGANA = /^[\p{sc=Hira}ー]+$/u;
/** They only join words. */
const PARTICLES = /^[がでとにのはへもやを]$/u;
const NAME_WITH_NUMBER =
  /(?<![^\s("'])(?=[^\s]*\p{L})(?=[^\s]*(?:_\p{L}?\d|[-.]\d{3}))[\p{L}\p{N}_.-]+|(?<!\S)(?:img|dsc[nf]?|pxl|mvi|vid)\s+\d{3,}(?!\S)/giu;
/** Scripts without spaces. The dictionary splits them. */
const UNSPACED = /[\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Mymr}]/u;

const STOP_WORDS = new Set(
  'a an and are as at be by for from has have in is it its of on or s t that the this to was were with'.split(
    ' ',
  ),
);

/** Forms that no rule makes. */
const IRREGULAR = new Map(
  Object.entries({
    people: 'person',
    men: 'man',
    women: 'woman',
    children: 'child',
    feet: 'foot',
    teeth: 'tooth',
    geese: 'goose',
    mice: 'mouse',
    knives: 'knife',
    wolves: 'wolf',
    leaves: 'leaf',
    shelves: 'shelf',
    loaves: 'loaf',
    wooden: 'wood',
    woolen: 'wool',
  }),
);

export const IRREGULAR_FORMS: readonly string[] = [...IRREGULAR.keys()];

/** One word of a search. It may have several terms, which must all be found. */
export interface Needle {
  terms: readonly string[];
  /** The terms of each other spelling. One spelling is enough. */
  others?: readonly (readonly string[])[];
  /** The word of the search, in lower case. */
  typed?: string;
}

/**
 * Finds numbers in file names: `IMG_3036` means that file, so 3036 must be found. A file name joins letters and digits by `_`, or by `-`
 * or `.` with three digits, or begins as cameras name files ("IMG 3036"). "dog 3" and "covid-19" are none.
 * @example numbersInNames('a cat IMG_3036.jpg') // ['3036']
 */
export function numbersInNames(text: string): string[] {
  const names = text.normalize('NFKC').match(NAME_WITH_NUMBER) ?? [];
  const runs = names.flatMap((name) => name.replace(/\.\p{L}[\p{L}\p{N}]*$/u, '').match(RUN) ?? []);
  return runs.filter((run) => /\d/.test(run)).map(normalised);
}

/** Equal only for needles of the same typed word. */
export const nameOf = ({ terms }: Needle) => terms.join(' ');

/** Made on first use, because it loads a dictionary. */
let segmenter: Intl.Segmenter | undefined;

/** In the order of the text, without duplicates. @param short Adds single letters of Han. */
export function termsOf(text: string, { short = false } = {}): string[] {
  const terms = partsOf(text).flatMap((part) =>
    PAIRED.test(part) ? pairedTerms(part, short) : plainTerms(part),
  );
  return [...new Set(terms)];
}

/** One needle for each word, without stop words. */
export function needlesOf(text: string): Needle[] {
  const words = partsOf(text).flatMap((part) =>
    PAIRED.test(part) ? wordsOf(part) : plainWords(part),
  );
  const needles = words.map((typed) => ({ typed, terms: termsOfWord(typed) }));
  return [...new Map(needles.map((needle) => [nameOf(needle), needle])).values()];
}

/** Replaces words and their other forms. Everything else stays as typed. */
export function replaceWords(text: string, others: ReadonlyMap<string, string>): string {
  const named = [...others].map(([word, other]) => [termsOfWord(word).join(' '), other] as const);
  const byName = new Map(named);
  const otherFor = (word: string) => {
    const plain = normalised(word);
    return STOP_WORDS.has(plain) ? undefined : byName.get(termsOfWord(plain).join(' '));
  };
  const inPart = (part: string) =>
    allWordsOf(part)
      .map((word) => otherFor(word) ?? word)
      .join('');
  return text.normalize('NFKC').replace(RUN, (run) => run.replace(PART, inPart));
}

/** Words in lower case, each with its term. Chinese and Japanese are left out. */
export function spellingsIn(text: string): [term: string, word: string][] {
  const parts = partsIn(text.normalize('NFKC').toLowerCase()).filter((part) => !PAIRED.test(part));
  return parts.flatMap(allWordsOf).flatMap((word) => {
    const [term] = plainTerms(normalised(word));
    return term === undefined ? [] : [[term, word]];
  });
}

/** The words of a text in order, in the form in which neighbours are compared. */
export function lineOf(text: string): string {
  const words = partsOf(text).flatMap((part) =>
    PAIRED.test(part) ? toKatakana(part) : allWordsOf(part).map(stem),
  );
  return ` ${words.join(' ')} `;
}

/**
 * Pairs of neighbouring words in a search. `lineOf` of a text contains such a pair if its words stand side by side there too.
 * @example neighboursOf('a flat white') // [' flat white ']
 */
export function neighboursOf(text: string): string[] {
  const words = partsOf(text).flatMap((part) =>
    PAIRED.test(part)
      ? japaneseWordsOf(part).map((word, n) => ({
          before: n === 0 ? ' ' : '',
          word: toKatakana(word),
          isTelling: !HIRAGANA.test(word),
          isPart: true,
        }))
      : allWordsOf(part).map((word) => ({
          before: ' ',
          word: stem(word),
          isTelling: !STOP_WORDS.has(word),
          isPart: false,
        })),
  );
  const telling = [...words.entries()].filter(([, { isTelling }]) => isTelling);
  return telling.slice(1).flatMap(([end, last], n) => {
    const [start, first] = telling[n] ?? [end, last];
    const joined = words.slice(start, end + 1).map(({ before, word }) => before + word);
    // A Japanese word may be part of a longer one.
    const line = first.isPart ? joined.join('').trimStart() : joined.join('');
    return first.word === last.word ? [] : [last.isPart ? line : `${line} `];
  });
}

const partsOf = (text: string) => partsIn(normalised(text));

/** Runs of letters and digits. Parts that are split into pairs are separate. */
function partsIn(text: string): string[] {
  const runs = text.match(RUN) ?? [];
  return runs.flatMap((run) => run.match(PART) ?? []);
}

/** Ignores width, case and accents. The marks of が are no accents, and stay. */
function normalised(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC');
}

const plainTerms = (part: string) => plainWords(part).map(stem);

const plainWords = (part: string) => allWordsOf(part).filter((word) => !STOP_WORDS.has(word));

/** Joined again, the words are the part. */
function allWordsOf(part: string): string[] {
  if (PAIRED.test(part)) return japaneseWordsOf(part);
  return UNSPACED.test(part) ? segmentsOf(part) : [part];
}

const termsOfWord = (word: string) =>
  PAIRED.test(word) ? pairsOf(withoutLastMark(word)) : [stem(word)];

/**
 * The singular of an English noun, by the rules of D. Harman ("How effective is suffixing?", 1991) and one for `es` after a hiss. Rules
 * that cut off more are no better for a search.
 */
function stem(word: string): string {
  const irregular = IRREGULAR.get(word);
  if (irregular) return irregular;
  const cut = [...word].slice(0, MAX_LETTERS).join('');
  if (!/^[a-z]{4,}$/.test(cut)) return cut;
  if (/[^ae]ies$/.test(cut)) return `${cut.slice(0, -3)}y`;
  if (/(ch|sh|ss|x|zz)es$/.test(cut)) return cut.slice(0, -2);
  return /[^us]s$/.test(cut) ? cut.slice(0, -1) : cut;
}

/** Pairs inside words and across two words, in katakana. A pair of two hiragana across words is left out: those are endings. */
function pairedTerms(part: string, short: boolean): string[] {
  const words = japaneseWordsOf(part);
  const across = words
    .slice(1)
    .map((word, i) => `${[...(words[i] ?? '')].at(-1)}${[...word].at(0)}`);
  const single = short ? [...part].filter((letter) => HAN.test(letter)) : [];
  return [
    ...words.flatMap((word) => (HIRAGANA.test(word) ? [] : pairsOf(word))),
    ...across.filter((pair) => ![...pair].every((letter) => HIRAGANA.test(letter))).map(toKatakana),
    ...single,
  ];
}

/** Leaves out particles such as の, unless there is nothing else. */
function wordsOf(part: string): string[] {
  const words = japaneseWordsOf(part);
  const telling = words.filter((word) => !HIRAGANA.test(word));
  return telling.length > 0 ? telling : words;
}

/** コンピューター is also written コンピュータ. In shorter words the mark makes another word: カバー is not カバ. */
export const withoutLastMark = (word: string) =>
  word.replace(/^([\p{scx=Hira}\p{scx=Kana}]{3,})ー$/u, '$1');

/**
 * The dictionary knows few words in hiragana instead of katakana: it splits べんち into three. So its parts in hiragana are joined again,
 * up to a particle with something on both sides.
 */
function japaneseWordsOf(part: string): string[] {
  const segments = segmentsOf(part);
  const words: string[] = [];
  let open = '';
  const close = () => {
    if (open !== '') words.push(open);
    open = '';
  };
  for (const [i, segment] of segments.entries()) {
    if (!IN_HIRAGANA.test(segment)) {
      close();
      words.push(segment);
    } else if (PARTICLES.test(segment) && isBetween(open, segments, i)) {
      close();
      words.push(segment);
    } else open += segment;
  }
  close();
  return words;
}

/** True if a word ends before this segment, and another one begins after it. */
function isBetween(open: string, segments: readonly string[], i: number): boolean {
  const rest = segments.slice(i + 1, i + 3);
  const end = rest.findIndex((segment) => !IN_HIRAGANA.test(segment));
  const after = (end < 0 ? rest : rest.slice(0, end)).join('');
  const beginsWord = open === '' ? i > 0 : open.length > 1;
  return beginsWord && (after === '' ? end >= 0 : after.length > 1);
}

/** In Unicode, each hiragana has its katakana at the same distance. */
export function toKatakana(text: string): string {
  return text.replace(/[ぁ-ゖゝゞ]/g, (letter) =>
    String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0x60),
  );
}

function segmentsOf(part: string): string[] {
  segmenter ??= new Intl.Segmenter('ja', { granularity: 'word' });
  return [...segmenter.segment(part)].map(({ segment }) => segment);
}

function pairsOf(word: string): string[] {
  const letters = [...toKatakana(word)];
  if (letters.length < 2) return letters;
  return [...new Set(letters.slice(1).map((letter, i) => `${letters[i]}${letter}`))];
}
