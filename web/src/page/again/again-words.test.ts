import { expect, test } from '@jest/globals';
import { againWordsFor, priceOf } from './again-words.ts';

test.each([
  [0.00042, undefined, '$0.00042'],
  [0.0167, null, '$0.017'],
  [12.34, undefined, '$12'],
  [0.5, [0.1, 2], '$0.5 ($0.1–$2)'],
  [0.5, [0.5, 0.501], '$0.5'],
  [null, null, undefined],
] as const)('%d dollars are told with two digits, and with their range', (usd, range, text) => {
  for (const language of ['en', 'en-GB', 'ja'])
    expect(priceOf(usd, language, range && [...range])).toBe(text);
});

test.each([
  ['en', '13 of 40 would be analyzed. ', 'What it costs is not known yet. '],
  ['en-US', '13 of 40 would be analyzed. ', 'What it costs is not known yet. '],
  ['en-GB', '13 of 40 would be analysed. ', 'What it costs is not known yet. '],
  ['ja', '40件中13件を解析します。', '費用はまだ分かりません。'],
])('in %s', (language, media, unknown) => {
  const words = againWordsFor(language);
  expect(words.media(13, 40)).toBe(media);
  expect(words.cost(undefined)).toBe(unknown);
  expect(words.cost('$12')).toContain('$12');
});
