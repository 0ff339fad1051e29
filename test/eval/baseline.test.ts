import { expect, test } from '@jest/globals';
import { baselineOf, fallsFrom, TOLERANCE } from './baseline.ts';
import type { PhotoResult } from './evaluate.ts';
import { labelSchema } from './labels.ts';
import type { ModelResult } from './results.ts';
import type { Score } from './score.ts';

const SCORE: Score = {
  found: 2,
  expected: 3,
  right: 2,
  wrong: [],
  text: { characters: 0.9, words: 8, writtenWords: 10 },
  invented: [],
  peopleError: 0,
  isTotalRight: true,
  receipt: null,
};
const LABEL = labelSchema.parse({ tags: ['cat'] });

function resultOf(
  photos: Record<string, Partial<Score> | null>,
  analysis: ModelResult['analysis'] = 'describe',
): ModelResult {
  const results = Object.entries(photos).map(([photo, change]) => ({
    photo,
    label: LABEL,
    runs: [
      change
        ? { error: null, score: { ...SCORE, ...change } }
        : { error: 'the model is not there' },
    ],
  }));
  return {
    model: 'local/vision',
    analysis,
    resources: { stallMs: 0, memoryMb: null },
    photos: results as PhotoResult[],
  };
}

const BASELINE = baselineOf([resultOf({ 'a.jpg': {}, 'b.jpg': {} })]);
const words = (count: number) => ({ characters: 0.9, words: count, writtenWords: 10 });

test('the same result is no fall, nor is a better one, nor a photo that the baseline does not have', () => {
  expect(fallsFrom(BASELINE, resultOf({ 'a.jpg': {}, 'b.jpg': {} }))).toEqual([]);
  const better = { found: 3, text: { ...words(10), characters: 1 } };
  expect(fallsFrom(BASELINE, resultOf({ 'a.jpg': better, 'c.jpg': { found: 0 } }))).toEqual([]);
});

test.each<[string, Partial<Score> | null, string]>([
  ['a thing less', { found: 1 }, 'a.jpg: found 2 → 1'],
  ['a wrong object', { wrong: ['vase'] }, 'a.jpg: wrong 0 → 1'],
  ['an invented word', { invented: ['て'] }, 'a.jpg: invented 0 → 1'],
  ['fewer words', { text: words(7) }, 'a.jpg: words 0.8 → 0.7'],
  ['a total that is not found', { isTotalRight: false }, 'a.jpg: total 1 → 0'],
  ['another count of people', { peopleError: 1 }, 'a.jpg: people_off 0 → 1'],
  ['no answer', null, 'a.jpg: was not analysed'],
])('%s is a fall of that photo', (_what, change, line) => {
  expect(fallsFrom(BASELINE, resultOf({ 'a.jpg': change, 'b.jpg': {} }))).toEqual([line]);
});

test('a share may fall by the tolerance, and no further', () => {
  const read = (characters: number) => ({ text: { ...words(8), characters } });
  const falls = (characters: number) =>
    fallsFrom(BASELINE, resultOf({ 'a.jpg': read(characters) }));
  expect(falls(0.9 - TOLERANCE.characters)).toEqual([]);
  expect(falls(0.9 - TOLERANCE.characters - 0.01)).toEqual(['a.jpg: characters 0.9 → 0.84']);
});

const RECEIPT = {
  total: true,
  currency: true,
  date: true,
  rows: 2,
  writtenRows: 3,
  wrong: [] as string[],
};

test.each<[string, Partial<typeof RECEIPT>, string]>([
  ['a row less', { rows: 1 }, 'rows 2 → 1'],
  ['a wrong value', { wrong: ['Tea: 3'] }, 'wrong 0 → 1'],
  ['a total that is not right', { total: false }, 'total 1 → 0'],
  ['a currency that is not right', { currency: false }, 'currency 1 → 0'],
  ['a date that is not right', { date: false }, 'date 1 → 0'],
])('%s is a fall of that receipt, and only of the analysis `receipt`', (_what, change, line) => {
  const before = resultOf({ 'a.jpg': { receipt: RECEIPT } }, 'receipt');
  const now = resultOf({ 'a.jpg': { receipt: { ...RECEIPT, ...change } } }, 'receipt');
  const baseline = baselineOf([resultOf({ 'a.jpg': {} }), before]);
  expect(fallsFrom(baseline, now)).toEqual([`a.jpg (receipt): ${line}`]);
  expect(fallsFrom(baseline, before)).toEqual([]);
  expect(fallsFrom(baseline, resultOf({ 'a.jpg': {} }))).toEqual([]);
});
