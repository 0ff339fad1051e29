/**
 * The words of a text and of a search, in the form in which they are compared.
 *
 * Chinese and Japanese have no spaces between words. They are cut into pairs of neighbouring letters, as search engines do:
 * 「東京駅前」 has 東京, 京駅 and 駅前. So a word is also found as part of a longer one, which a dictionary does not promise. In a
 * search the dictionary of `Intl.Segmenter` finds the words. The two kinds of kana make no difference: かめら finds カメラ.
 * @see https://lucene.apache.org/core/9_0_0/analysis/common/org/apache/lucene/analysis/cjk/package-summary.html
 */

/** A longer word is cut off. */
const MAX_LETTERS = 40;

const RUN = /[\p{L}\p{M}\p{N}]+/gu;
/** `scx` includes ー, which belongs to no script alone. */
const PART = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}]+|[^\p{scx=Han}\p{scx=Hira}\p{scx=Kana}]+/gu;
const PAIRED = /^[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}]/u;
const HAN = /^\p{sc=Han}$/u;
const HIRAGANA = /^\p{sc=Hira}$/u;
const IN_HIRAGANA = /^[\p{sc=Hira}ー]+$/u;
/** They join words and have no meaning of their own. */
const PARTICLES = /^[がでとにのはへもやを]$/u;
const NAME_WITH_NUMBER =
  /(?<![^\s("'])(?=[^\s]*\p{L})(?=[^\s]*(?:_\p{L}?\d|[-.]\d{3}))[\p{L}\p{N}_.-]+|(?<!\S)(?:img|dsc[nf]?|pxl|mvi|vid)\s+\d{3,}(?!\S)/giu;
/** Written without spaces, and cut by the dictionary. */
const UNSPACED = /[\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Mymr}]/u;

/** Words that are not searched for. */
const STOP_WORDS = new Set(
  'a an and are as at be by for from has have in is it its of on or s t that the this to was were with'.split(
    ' ',
  ),
);

/** Nouns and adjectives with irregular forms. */
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

/** One word of a search. All its terms must be found. */
export interface Needle {
  terms: readonly string[];
  /** The terms of each other spelling. One spelling is enough. */
  others?: readonly (readonly string[])[];
  /** The word as it was typed, in small letters. */
  typed?: string;
}

/**
 * Finds the numbers in file names: `IMG_3036` means that file, so 3036 must be found. In a file name letters and digits are
 * joined by `_`, or by `-` or `.` if the number has three digits, or the name is one that cameras use ("IMG 3036"). So "dog 3"
 * and "covid-19" are not file names.
 * @example numbersInNames('a cat IMG_3036.jpg') // ['3036']
 */
export function numbersInNames(text: string): string[] {
  const names = text.normalize('NFKC').match(NAME_WITH_NUMBER) ?? [];
  const runs = names.flatMap((name) => name.replace(/\.\p{L}[\p{L}\p{N}]*$/u, '').match(RUN) ?? []);
  return runs.filter((run) => /\d/.test(run)).map(normalised);
}

/** Two needles of the same typed word have the same name. */
export const nameOf = ({ terms }: Needle) => terms.join(' ');

/** Made at the first use, because it loads a dictionary. */
let segmenter: Intl.Segmenter | undefined;

/** @param short Also single Han letters. @returns the terms by which a text is found, in their order, each once */
export function termsOf(text: string, { short = false } = {}): string[] {
  const terms = partsOf(text).flatMap((part) =>
    PAIRED.test(part) ? pairedTerms(part, short) : plainTerms(part),
  );
  return [...new Set(terms)];
}

/** @returns a needle for each word that has a meaning of its own */
export function needlesOf(text: string): Needle[] {
  const words = partsOf(text).flatMap((part) =>
    PAIRED.test(part) ? wordsOf(part) : plainWords(part),
  );
  const needles = words.map((typed) => ({ typed, terms: termsOfWord(typed) }));
  return [...new Map(needles.map((needle) => [nameOf(needle), needle])).values()];
}

/** The words of a text in their order, in the form that `neighboursOf` looks for. */
export function lineOf(text: string): string {
  const words = partsOf(text).flatMap((part) =>
    PAIRED.test(part) ? toKatakana(part) : allWordsOf(part).map(stem),
  );
  return ` ${words.join(' ')} `;
}

/**
 * Each two neighbouring words of a search, with the words that join them, as in `lineOf` of a text that has them side by side.
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

/** Splits a text into runs of letters and digits, and each run where the script changes. */
function partsIn(text: string): string[] {
  const runs = text.match(RUN) ?? [];
  return runs.flatMap((run) => run.match(PART) ?? []);
}

/** Removes wide and narrow forms, capitals and accents. The mark of が stays, because it makes another letter. */
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

/** The words joined make the part again. */
function allWordsOf(part: string): string[] {
  if (PAIRED.test(part)) return japaneseWordsOf(part);
  return UNSPACED.test(part) ? segmentsOf(part) : [part];
}

const termsOfWord = (word: string) =>
  PAIRED.test(word) ? pairsOf(withoutLastMark(word)) : [stem(word)];

/**
 * The singular of an English noun, by the rules of D. Harman ("How effective is suffixing?", 1991), and `es` after a hiss. For a
 * search they are as good as rules that cut off more.
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

/** Pairs within words and across two words. Two hiragana across words are left out, because endings are written in hiragana. */
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

/** Without particles such as の, unless there is nothing else. */
function wordsOf(part: string): string[] {
  const words = japaneseWordsOf(part);
  const telling = words.filter((word) => !HIRAGANA.test(word));
  return telling.length > 0 ? telling : words;
}

/** コンピューター is also written コンピュータ. In shorter words the mark makes another word: カバー is no カバ. */
const withoutLastMark = (word: string) =>
  word.replace(/^([\p{scx=Hira}\p{scx=Kana}]{3,})ー$/u, '$1');

/**
 * The dictionary knows few katakana words in hiragana: it cuts べんち into three. So its pieces in hiragana are joined again, up to
 * a particle with a word on both sides.
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

/** A word ends before this segment, and another one begins after it. */
function isBetween(open: string, segments: readonly string[], i: number): boolean {
  const rest = segments.slice(i + 1, i + 3);
  const end = rest.findIndex((segment) => !IN_HIRAGANA.test(segment));
  const after = (end < 0 ? rest : rest.slice(0, end)).join('');
  const beginsWord = open === '' ? i > 0 : open.length > 1;
  return beginsWord && (after === '' ? end >= 0 : after.length > 1);
}

/** In Unicode each katakana is at the same distance from its hiragana. */
function toKatakana(text: string): string {
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
