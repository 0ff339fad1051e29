/** The scores of many photos together, each with an interval. */
import type { Judgement } from './judge.ts';
import type { Label } from './labels.ts';
import type { Score } from './score.ts';

/** What is known of one answer. */
export interface Judged {
  score: Score;
  label: Pick<Label, 'kind' | 'written'>;
  judgement: Judgement | null;
}

/** A share of a whole, or an average: what is added up, and by what it is divided. */
interface Part {
  sum: number;
  of: number;
}

export interface Measure {
  name: string;
  unit: 'share' | 'each';
  /** null: this photo does not count. */
  part: (judged: Judged) => Part | null;
}

export interface Estimate extends Part {
  value: number;
  /** With other photos of the same kinds, 95 of 100 results would be between these. */
  low: number;
  high: number;
}

const count = (isTrue: boolean): Part => ({ sum: isTrue ? 1 : 0, of: 1 });
const words = (isCounted: (label: Judged['label']) => boolean) => (judged: Judged) => {
  const { text } = judged.score;
  return text && isCounted(judged.label) ? { sum: text.words, of: text.writtenWords } : null;
};
const isEnglish = ({ written }: Judged['label']) => written === 'en';
const englishWords = (kind: Label['kind']): Measure => ({
  name: `… on each ${kind}`,
  unit: 'share',
  part: words((label) => isEnglish(label) && label.kind === kind),
});

export const MEASURES: Measure[] = [
  {
    name: 'things found',
    unit: 'share',
    part: ({ score }) => ({ sum: score.found, of: score.expected }),
  },
  {
    name: 'objects stated that are there',
    unit: 'share',
    part: ({ score }) => ({ sum: score.right, of: score.right + score.wrong.length }),
  },
  { name: 'words, English', unit: 'share', part: words(isEnglish) },
  ...(['receipt', 'document', 'sign', 'screenshot'] as const).map(englishWords),
  { name: 'words, other languages', unit: 'share', part: words((label) => !isEnglish(label)) },
  {
    name: 'characters, English',
    unit: 'share',
    part: ({ score: { text }, label }) =>
      text && isEnglish(label) ? { sum: text.characters, of: 1 } : null,
  },
  {
    name: 'invented words a photo',
    unit: 'each',
    part: ({ score }) => score.invented && { sum: score.invented.length, of: 1 },
  },
  {
    name: "receipts' totals right",
    unit: 'share',
    part: ({ score }) => (score.isTotalRight === null ? null : count(score.isTotalRight)),
  },
  ...(['total', 'currency', 'date'] as const).map(
    (name): Measure => ({
      name: `receipt: ${name} right`,
      unit: 'share',
      part: ({ score: { receipt } }) =>
        typeof receipt?.[name] === 'boolean' ? count(receipt[name]) : null,
    }),
  ),
  {
    name: 'receipt: rows right',
    unit: 'share',
    part: ({ score: { receipt } }) => receipt && { sum: receipt.rows, of: receipt.writtenRows },
  },
  {
    name: 'receipt: wrong values a photo',
    unit: 'each',
    part: ({ score: { receipt } }) => receipt && { sum: receipt.wrong.length, of: 1 },
  },
  {
    name: 'people count off by',
    unit: 'each',
    part: ({ score }) => (score.peopleError === null ? null : { sum: score.peopleError, of: 1 }),
  },
  {
    name: 'title and summary true',
    unit: 'share',
    part: ({ judgement }) => judgement && count(judgement.is_true),
  },
  {
    name: 'title and summary complete',
    unit: 'share',
    part: ({ judgement }) => judgement && count(judgement.is_complete),
  },
  {
    name: 'invented in title, summary',
    unit: 'each',
    part: ({ judgement }) => judgement && { sum: judgement.invented.length, of: 1 },
  },
];

const SAMPLES = 2_000;

/**
 * @param random Numbers from 0 to 1. The same numbers give the same interval.
 * @returns null if no photo counts
 */
export function estimate(parts: (Part | null)[], random: () => number): Estimate | null {
  const counting = parts.filter((part) => part !== null);
  const all = total(counting);
  if (all.of === 0) return null;
  // Bootstrap: draws as many photos as there are, again and again, each time with some twice and some not at all.
  const values = Array.from({ length: SAMPLES }, () =>
    total(counting.map(() => counting[Math.floor(random() * counting.length)] as Part)),
  )
    .filter(({ of }) => of > 0)
    .map(({ sum, of }) => sum / of)
    .sort((a, b) => a - b);
  const at = (share: number) => values[Math.floor(share * (values.length - 1))] ?? Number.NaN;
  return { ...all, value: all.sum / all.of, low: at(0.025), high: at(0.975) };
}

function total(parts: Part[]): Part {
  return parts.reduce((all, { sum, of }) => ({ sum: all.sum + sum, of: all.of + of }), {
    sum: 0,
    of: 0,
  });
}

/** Numbers from 0 to 1 that are the same in each run: a linear congruential generator, good enough to draw photos. */
export function seededRandom(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
