/** Compares what two readers saw in one line of Latin letters. The second one knows words. */
import type { Reading } from './text-network.ts';

/** Readings below this confidence are mostly texture that looks like letters. */
const MIN_CONFIDENCE = 0.75;
const MIN_SECOND = 0.6;
const MIN_SIMILAR = 0.7;
/** From this confidence on, the second reader is right where the two differ. */
const SURE_SECOND = 0.88;

/** Letters that only the first reader saw need this confidence. */
export const SURE_ALONE = 0.95;

export function isReadable({ text, confidence }: Reading): boolean {
  return confidence >= MIN_CONFIDENCE && /[\p{L}\p{N}]/u.test(text);
}

/**
 * The second reader knows words and spaces, and the first one knows more letters. So the first reading stays if it has
 * more accents.
 */
export function reconcile(first: Reading, last: Reading): { reading: Reading; agreed: boolean } {
  const mine = { ...first, text: first.text.replaceAll('β', 'ß') };
  const second = { ...last, text: withoutStraySigns(last.text, mine.text) };
  const isLikely = second.confidence >= MIN_SECOND && first.confidence > MIN_SECOND;
  const alike = similarity(mine.text, second.text);
  if (!isLikely || alike < MIN_SIMILAR) return { reading: mine, agreed: false };
  const confidence = Math.max(first.confidence, second.confidence);
  const keeps =
    accents(mine.text) > accents(second.text) || (alike < 1 && second.confidence < SURE_SECOND);
  return { reading: { text: keeps ? mine.text : second.text, confidence }, agreed: true };
}

/**
 * The second reader sees a little more than the line. A single sign at an end that the first reader did not see is a piece of
 * the next word, unless it is a currency sign: the first reader leaves those out.
 */
function withoutStraySigns(text: string, first: string): string {
  const seen = comparable(first).join('');
  const isStray = (word = '', isSeen: boolean) =>
    [...word].length === 1 && !/\p{Sc}/u.test(word) && !isSeen;
  const words = text.split(/\s+/);
  const fold = (word = '') => comparable(word).join('') || word;
  if (words.length > 1 && isStray(words.at(-1), seen.endsWith(fold(words.at(-1))))) words.pop();
  if (words.length > 1 && isStray(words[0], seen.startsWith(fold(words[0])))) words.shift();
  return words.join(' ');
}

const accents = (text: string) => text.match(/[^\P{L}A-Za-z]/gu)?.length ?? 0;

/** 1 for the same letters and digits. Case and spaces do not count. */
function similarity(one: string, other: string): number {
  const [a, b] = [comparable(one), comparable(other)];
  const longer = Math.max(a.length, b.length);
  return longer === 0 ? 0 : 1 - distance(a, b) / longer;
}

function comparable(text: string): string[] {
  return [
    ...text
      .normalize('NFD')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]/gu, ''),
  ];
}

/** Levenshtein's distance. */
function distance(one: readonly string[], other: readonly string[]): number {
  let row = [...Array(other.length + 1).keys()];
  for (const [i, letter] of one.entries()) {
    const next = [i + 1];
    for (const [j, each] of other.entries()) {
      const replaced = (row[j] ?? 0) + (letter === each ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Capitals that Cyrillic and Latin share, and capitals in the middle of a word: `cTOn`, `CTOn`. */
const ODD = /^(?:[ABCEHKMOPTXY]{3,}|\p{Ll}+\p{Lu}.*|\p{Lu}{2,}\p{Ll}.*)$/u;
/** Also the Latin letters that a reader takes other Cyrillic and Greek letters for. */
const ALIKE = /^(?:[ABCEHKMNOPTXYabceiknmoprtuvxy]+|\p{Ll}+\p{Lu}.*|\p{Lu}{2,}\p{Ll}.*)$/u;

/**
 * Tells whether a text in Latin letters may be another script. `some`: strict, for a text on which both readers may agree.
 * `any`: for a picture that is known to have another script.
 */
export function looksForeign(text: string, evidence: 'some' | 'any'): boolean {
  const words = text.match(/\p{L}+/gu) ?? [];
  const alike = evidence === 'some' ? ODD : ALIKE;
  return words.length > 0 && words.every((word) => alike.test(word));
}

/**
 * Tells whether the first reader alone is enough for Latin: it has seen letters that no other script has. The shapes of few
 * letters, as in `50FT`, say nothing about the script.
 */
export function isSurelyLatin({ text, confidence }: Reading): boolean {
  const isLatin = /\p{Script=Latin}/u.test(text) && !/[^\P{L}\p{Script=Latin}]/u.test(text);
  return isLatin && confidence >= SURE_ALONE && !looksForeign(text, 'any');
}
