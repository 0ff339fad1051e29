import { expect, test } from '@jest/globals';
import type { Analytics } from '@media-analysis/shared/analytics';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { analyticsOf } from '../../../test/support/library.ts';
import { createMediaClient } from '../client/index.ts';
import { media } from '../client/testing.ts';
import { MediaClientProvider } from '../hooks/index.ts';
import { MediaFacts } from './media-facts.tsx';
import { en, WordsProvider } from './words/index.ts';
import { ja } from './words/ja.ts';

test.each([
  ['en', en, 'Unsafe, weapon', '800 × 600, 1 kB'],
  ['ja', ja, '不適切、weapon', '800 × 600、1 KB'],
])('lists have the comma of their language: %s', (_language, words, judged, size) => {
  const safety: Analytics['safety'] = { verdict: 'unsafe', categories: ['weapon'] };
  const analytics = { ...analyticsOf({ title: 'A knife' }), safety };
  const facts = createElement(MediaFacts, {
    media: media('m1', { analytics, size: 1_000 }),
    onPoint: () => undefined,
    player: null,
  });
  const markup = renderToStaticMarkup(
    createElement(
      MediaClientProvider,
      { value: createMediaClient() },
      createElement(WordsProvider, { value: words }, facts),
    ),
  );
  expect(markup).toContain(judged);
  expect(markup).toContain(size);
});
