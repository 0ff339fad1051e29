import { expect, test } from '@jest/globals';
import { againWordsFor } from './again-words.ts';

const en = againWordsFor('en');
const ja = againWordsFor('ja');

test('what is not known is said, with the reason', () => {
  for (const { cost, time } of [en, ja]) {
    const said = [
      ...[cost(null, undefined, 0), cost(null, undefined, 3), cost(0, [0, 0], 3)],
      ...[cost(0.5, [0.5, 0.5], 3), cost(0.5, [0.1, 2], 3)],
      time(null),
      time(3),
    ];
    expect(new Set(said).size).toBe(said.length);
  }
});

test.each([
  [0.4, 'less than a minute', '1分以内'],
  [1.2, 'about 2 minutes', '2 分'],
  [89, 'about 89 minutes', '89 分'],
  [150, 'about 2.5 hours', '2.5 時間'],
])('%d minutes are told in words', (minutes, english, japanese) => {
  expect(en.time(minutes)).toContain(english);
  expect(ja.time(minutes)).toContain(japanese);
});

test.each([
  [0.00042, '$0.00042'],
  [0.0167, '$0.017'],
  [12.34, '$12'],
])('%d dollars are told with two digits', (usd, text) => {
  expect(en.cost(usd, undefined, 1)).toContain(text);
  expect(ja.cost(usd, undefined, 1)).toContain(text);
});

test('of how many, and why', () => {
  const why = { missing: 1, stale: 10, failed: 2, isInLanguage: false };
  expect(en.count(13, 40, why)).toBe(
    '13 of 40 would be analyzed: 10 are of an older model, 2 failed, 1 has no answer yet.',
  );
  expect(againWordsFor('en-GB').count(13, 40, why)).toContain('would be analysed');
  expect(ja.count(13, 40, why)).toBe(
    '40件中13件を解析します（モデルが古い 10件、失敗 2件、未解析 1件）。',
  );
  // An earlier version of the service does not say why.
  expect(en.count(2, undefined, { isInLanguage: true })).toBe('2 would be analyzed.');
});

test.each([
  [1_000, 'Applies only to the 1,000 selected files.', '選択した1,000件だけが対象です。'],
  [
    5_000,
    'Applies only to the first 1,000 of the 5,000',
    '選択した5,000件のうち、最初の1,000件だけが対象です。',
  ],
])('of %i selected files it is said how many are meant', (files, english, japanese) => {
  expect(en.scope.selected(files, 1_000)).toContain(english);
  expect(ja.scope.selected(files, 1_000)).toContain(japanese);
});
