import { afterAll, expect, test } from '@jest/globals';
import { isTerminal } from '@media-analysis/shared/status';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { analyticsOf } from '../../../../test/support/library.ts';
import type { Media } from '../../client/index.ts';
import { createMediaClient } from '../../client/index.ts';
import { analysisInfo, analysisResult, media, settle } from '../../client/testing.ts';
import { MediaClientProvider } from '../../hooks/index.ts';
import { queriesOf } from '../../hooks/queries.ts';
import { en, WordsProvider } from '../words/index.ts';
import { MediaAnalyses } from './media-analyses.tsx';

const ASK = analysisInfo({
  name: 'ask',
  title: 'Ask',
  input: { question: { type: 'string', description: 'Your question' } },
  required: ['question'],
  output: { type: 'object', properties: { answer: { type: 'string', description: 'Answer' } } },
});
const ANALYSES = [
  ASK,
  analysisInfo({ name: 'describe', title: 'Description', output: null }),
  analysisInfo({ name: 'colours', title: 'Colours', offered: false }),
  analysisInfo(),
];

// The cache lets go of what nobody watches.
afterAll(settle);

function sectionOf(change: Partial<Media>): string {
  const client = createMediaClient();
  queriesOf(client).setQueryData(['analyses'], ANALYSES);
  const state = media('m1', { status: 'completed', progress: 1, ...change });
  const isBusy = !isTerminal(state.status);
  const asking = { isBusy, error: undefined, start: () => undefined };
  const section = createElement(MediaAnalyses, { media: state, asking });
  const withWords = createElement(WordsProvider, { value: en }, section);
  return renderToStaticMarkup(createElement(MediaClientProvider, { value: client }, withWords));
}

const buttonsOf = (markup: string) =>
  [...markup.matchAll(/<button[^>]*>(.*?)<\/button>/g)].map(([, text = '']) =>
    text.replaceAll(/<[^>]*>/g, ''),
  );

test('offers what the model can make, and what is there again', () => {
  expect(buttonsOf(sectionOf({}))).toEqual(['Analyze', 'Ask…', 'Receipt']);
  const analyses = { receipt: analysisResult({ output: { total: 3 } }) } as Media['analyses'];
  const markup = sectionOf({ analyses });
  expect(markup).toContain('aria-label="Receipt again"');
  expect(markup).toContain('<h3>Receipt</h3>');
  expect(markup).not.toContain('aria-disabled="true"');
});

test.each([
  // One of the icons above makes it again.
  ['en-GB', 'Ask…'],
  ['ja', 'Analyze again in English'],
])('of a description in %s, the first button is: %s', (language, text) => {
  const analytics = { ...analyticsOf({ title: 'A lake' }), language };
  expect(buttonsOf(sectionOf({ analytics }))[0]).toBe(text);
});

test('while the media is worked on nothing more can be asked, and the earlier answer stays', () => {
  const receipt = analysisResult({ status: 'pending', output: { shop: 'Corner Shop' } });
  const analyses = { receipt } as Media['analyses'];
  const markup = sectionOf({ status: 'analyzing', progress: 0.7, analyses });
  expect(markup.match(/aria-disabled="true"/g)).toHaveLength(3);
  expect(markup).toContain('Corner Shop');
  expect(markup).toContain('data-stage="analyzing"');
});

test('the answer to another question is not shown below the new one', () => {
  const asked = { input: { question: 'Who?' }, output: { answer: 'Two' } };
  const at = (status: 'pending' | 'failed' | 'completed') =>
    sectionOf({ analyses: { ask: analysisResult({ status, ...asked }) } as Media['analyses'] });
  expect(at('completed')).toMatch(/Your question.*Who\?.*Answer.*Two/);
  expect(at('pending')).not.toContain('Two');
  expect(at('failed')).not.toContain('Two');
});

test.each([
  ['analysis_timeout', true],
  ['analysis_blocked', false],
] as const)(
  'a failed analysis says why, and whether it can be tried again: %s',
  (error_code, canRetry) => {
    const failed = analysisResult({ status: 'failed', error_code, error_message: 'That is why.' });
    const markup = sectionOf({ analyses: { receipt: failed } as Media['analyses'] });
    expect(markup).toContain('That is why.');
    expect(buttonsOf(markup).includes('Retry')).toBe(canRetry);
  },
);
