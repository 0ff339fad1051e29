import { expect, test } from '@jest/globals';
import type { Analytics } from '@media-analysis/shared/analytics';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { analyticsOf } from '../../../../test/support/library.ts';
import { createMediaClient } from '../../client/index.ts';
import { media } from '../../client/testing.ts';
import { MediaClientProvider } from '../../hooks/index.ts';
import { en, WordsProvider } from '../words/index.ts';
import { ja } from '../words/ja.ts';
import { MediaFacts } from './media-facts.tsx';
import { MediaWords } from './media-words.tsx';

function render(analytics: Analytics, words = en): string {
  const facts = createElement(MediaFacts, {
    media: media('m1', { analytics, size: 1_000 }),
    onPoint: () => undefined,
    hasBoxes: true,
    onBoxes: () => undefined,
  });
  return renderToStaticMarkup(
    createElement(
      MediaClientProvider,
      { value: createMediaClient() },
      createElement(WordsProvider, { value: words }, facts),
    ),
  );
}

test.each([
  ['en', en, 'Unsafe, weapon', '800 × 600, 1 kB'],
  ['ja', ja, '不適切、weapon', '800 × 600、1 KB'],
])('lists have the comma of their language: %s', (_language, words, judged, size) => {
  const safety: Analytics['safety'] = { verdict: 'unsafe', categories: ['weapon'] };
  const analytics = { ...analyticsOf({ title: 'A knife' }), safety };
  const markup = render(analytics, words);
  expect(markup).toContain(judged);
  expect(markup).toContain(size);
});

test.each([
  ['en', en, ['>boat<', '>cat ']],
  ['ja', en, ['>船<', '>猫 ']],
  ['en', ja, ['>boat<', '>cat ']],
  ['ja-JP', ja, ['>船<', '>猫 ']],
] as const)(
  'tags and objects of a description in %s are in that language',
  (language, words, shown) => {
    const objects = [{ label: 'cat', confidence: 1, box: null }];
    const analytics = { ...analyticsOf({ title: 'x' }), language, tags: ['boat'], objects };
    const tags = createElement(MediaWords, { analytics, player: null });
    const withWords = createElement(WordsProvider, { value: words }, tags);
    const markup = render(analytics, words) + renderToStaticMarkup(withWords);
    for (const each of shown) expect(markup).toContain(each);
  },
);

test.each([
  ['Good (evenly exposed)', 'good', 'balanced', 0.5],
  ['Fair (slightly soft)', 'fair', 'balanced', 0.5],
  ['Fair (dark)', 'fair', 'dark', 0.5],
  ['Poor (blurry)', 'poor', 'balanced', 0.5],
  ['Poor (almost no contrast)', 'poor', 'balanced', 0.02],
] as const)('the quality says why: %s', (text, verdict, exposure, contrast) => {
  const quality = { sharpness: 0.4, brightness: 0.5, contrast, exposure, verdict };
  expect(render({ ...analyticsOf({ title: 'Lake' }), quality })).toContain(text);
});

test.each([
  ['#fefefe', 'White'],
  ['#0c0c10', 'Black'],
  ['#8a8c90', 'Gray'],
  ['#c8102e', 'Red'],
  ['#7a4a21', 'Dark brown'],
  ['#e8d8c0', 'Beige'],
  ['#1f5eff', 'Blue'],
  ['#a8c8f0', 'Light blue'],
  ['#14532d', 'Dark green'],
  ['#ff8c00', 'Orange'],
] as const)('a colour is said in words: %s is %s', (hex, name) => {
  const colors = [{ hex, share: 0.5 }];
  const markup = render({ ...analyticsOf({ title: 'Lake' }), colors });
  expect(markup).toContain(`</span>${name} <span`);
});
