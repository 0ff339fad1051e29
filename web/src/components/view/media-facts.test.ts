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

function render(analytics: Analytics, words = en): string {
  const facts = createElement(MediaFacts, {
    media: media('m1', { analytics, size: 1_000 }),
    onPoint: () => undefined,
    player: null,
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
    const markup = render(
      { ...analyticsOf({ title: 'x' }), language, tags: ['boat'], objects },
      words,
    );
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
