/** How right an answer is, against what a person saw. */
import type { Analytics } from '@media-analysis/shared/analytics';
import type { Label } from './labels.ts';
import { type ReceiptScore, receiptScoreOf } from './receipt-score.ts';
import { inventedWords, isTotalRight, type TextScore, textScoreOf } from './text-score.ts';
import { relationOf } from './wordnet.ts';

/** What an answer says as a fact; less sure objects are possibilities. */
const STATED = 0.5;

export interface Score {
  /** Of the expected things. */
  found: number;
  expected: number;
  /** Objects stated that are there. */
  right: number;
  /** Names of those that are not. */
  wrong: string[];
  /** How well the text was read; null where none is to be judged. */
  text: TextScore | null;
  /** Words that were read and are not there; null where that is not known. */
  invented: string[] | null;
  /** How far the count is off; null if one of the two does not tell. */
  peopleError: number | null;
  /** Whether the text tells a receipt's sum; null if it is no receipt. */
  isTotalRight: boolean | null;
  /** Of the analysis `receipt`, which has none of the others. */
  receipt: ReceiptScore | null;
}

/** Of an analysis that describes nothing. */
const NOTHING: Score = {
  found: 0,
  expected: 0,
  right: 0,
  wrong: [],
  text: null,
  invented: null,
  peopleError: null,
  isTotalRight: null,
  receipt: null,
};

/** @param label Of a photo that has a label for this analysis. */
export function scoreReceipt(output: unknown, { receipt = null }: Label): Score {
  return { ...NOTHING, receipt: receiptScoreOf(output, receipt) };
}

type Answer = Pick<Analytics, 'tags' | 'objects' | 'people_count' | 'text'>;

export function scoreOf({ tags, objects, people_count, text }: Answer, label: Label): Score {
  const stated = objects
    .filter(({ confidence }) => confidence >= STATED)
    .map((each) => each.label.toLowerCase());
  const named = [...new Set([...tags.map((tag) => tag.toLowerCase()), ...stated])];
  const there = [...label.tags, ...label.also].flat();
  const wrong = stated.filter((name) => !there.some((each) => relationOf(name, each)));
  const counted = people_count !== null && label.people_count !== undefined;
  const read = text ?? '';
  return {
    found: label.tags.filter((names) => named.some((name) => isFound(name, names))).length,
    expected: label.tags.length,
    right: stated.length - wrong.length,
    wrong,
    text: label.text ? textScoreOf(label.text, read) : null,
    invented: label.text === undefined ? null : invented(label, read),
    peopleError: counted ? Math.abs(people_count - (label.people_count ?? 0)) : null,
    receipt: null,
    isTotalRight: label.total ? isTotalRight(read, label.total) : null,
  };
}

function isFound(name: string, names: string[]): boolean {
  return names.some((each) => ['same', 'near'].includes(relationOf(name, each) ?? ''));
}

/** Where there is no text, even a sign that is no word is invented. */
function invented({ text, text_allowed }: Label, read: string): string[] {
  const words = inventedWords(`${text ?? ''}\n${text_allowed}`, read);
  return text === null && words.length === 0 && read.trim() !== '' ? [read.trim()] : words;
}
