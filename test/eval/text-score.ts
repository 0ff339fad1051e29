/** Compares text that was read with text that is there. */

export interface TextScore {
  /** Share of the written characters that were read, 0 to 1: 1 − character error rate. */
  characters: number;
  /** How many of the written words were read exactly, in any order. */
  words: number;
  writtenWords: number;
}

/** @param written What a person read. Must have a character. */
export function textScoreOf(written: string, read: string): TextScore {
  const wanted = wordsOf(written);
  const left = counted(wordsOf(read));
  const words = wanted.filter((word) => take(left, word)).length;
  return { characters: characterAccuracy(written, read), words, writtenWords: wanted.length };
}

/**
 * Words that were read and are nowhere. A word with some wrong letters is misread and not invented, and so are words that
 * were read as one.
 * @param written All text that is there.
 */
export function inventedWords(written: string, read: string): string[] {
  const there = plain(written).replace(/\s+/g, '');
  return wordsOf(read).filter((word) => {
    const characters = [...word];
    return nearestDistance(characters, [...there]) > characters.length * MISREAD;
  });
}

/** The share of a word's letters that may be wrong. */
const MISREAD = 1 / 3;

/** Capital letters do not count: a search does not see them either. */
const plain = (text: string) => text.normalize('NFKC').toLowerCase();

const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

function wordsOf(text: string): string[] {
  const segments = [...segmenter.segment(plain(text))];
  return segments.filter(({ isWordLike }) => isWordLike).map(({ segment }) => segment);
}

function counted(words: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function take(left: Map<string, number>, word: string): boolean {
  const count = left.get(word) ?? 0;
  left.set(word, count - 1);
  return count > 0;
}

/** 1 − character error rate, never below 0. How lines are broken does not count. */
export function characterAccuracy(expected: string, read: string): number {
  const wanted = [...expected.replace(/\s+/g, ' ').trim()];
  const got = [...read.replace(/\s+/g, ' ').trim()];
  return Math.max(0, 1 - (lastRow(wanted, got).at(-1) ?? wanted.length) / wanted.length);
}

/** How far the nearest part of a text is from a word. */
function nearestDistance(word: string[], text: string[]): number {
  return Math.min(word.length, ...lastRow(word, text, 0));
}

/**
 * Levenshtein's distances (insertions, deletions, replacements) from `one` to each start of `other` but the empty one.
 * @param skip What it costs to begin one character later. With 0, the distances are to the nearest part that ends there.
 */
function lastRow(one: string[], other: string[], skip = 1): number[] {
  let row = other.map((_, i) => (i + 1) * skip);
  for (const [i, char] of one.entries()) {
    let diagonal = i;
    let left = i + 1;
    row = row.map((above, j) => {
      left = Math.min(above + 1, left + 1, diagonal + (char === other[j] ? 0 : 1));
      diagonal = above;
      return left;
    });
  }
  return row;
}

/**
 * Whether a reader of the text finds the sum: after the words that stand before it on the receipt, it is the first amount.
 * @param total.amount As printed, without a currency.
 */
export function isTotalRight(read: string, total: { label: string; amount: string }): boolean {
  const text = plain(read).replace(/\s+/g, ' ');
  const label = plain(total.label).replace(/\s+/g, ' ');
  const places = [...text.matchAll(new RegExp(`(?<![\\p{L}\\p{N}])${escaped(label)}`, 'gu'))];
  return places.some(({ index }) => {
    const amount = /\d[\d.,]*\d|\d/.exec(text.slice(index + label.length))?.[0];
    return amount === total.amount;
  });
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
