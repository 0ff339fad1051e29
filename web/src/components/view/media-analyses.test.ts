import { expect, test } from '@jest/globals';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { analyticsOf } from '../../../../test/support/library.ts';
import type { Media } from '../../client/index.ts';
import { createMediaClient } from '../../client/index.ts';
import { analysisInfo, analysisResult, media, settle } from '../../client/testing.ts';
import { catalogOf } from '../../hooks/catalog.ts';
import { MediaClientProvider } from '../../hooks/index.ts';
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

async function sectionOf(change: Partial<Media>): Promise<string> {
  const fetch = async () => Response.json({ analyses: ANALYSES });
  const client = createMediaClient({ fetch });
  catalogOf(client).subscribe(() => undefined);
  await settle();
  const state = media('m1', { status: 'completed', progress: 1, ...change });
  const section = createElement(MediaAnalyses, { media: state });
  const withWords = createElement(WordsProvider, { value: en }, section);
  return renderToStaticMarkup(createElement(MediaClientProvider, { value: client }, withWords));
}

const buttonsOf = (markup: string) =>
  [...markup.matchAll(/<button[^>]*>(.*?)<\/button>/g)].map(([, text = '']) =>
    text.replaceAll(/<[^>]*>/g, ''),
  );

test('offers what the model can make, and what is there again', async () => {
  expect(buttonsOf(await sectionOf({}))).toEqual(['Analyze', 'Ask…', 'Receipt']);
  const analyses = { receipt: analysisResult({ output: { total: 3 } }) } as Media['analyses'];
  const markup = await sectionOf({ analyses });
  expect(markup).toContain('aria-label="Receipt again"');
  expect(markup).toContain('<h3>Receipt</h3>');
  expect(markup).not.toContain('aria-disabled="true"');
});

test.each([
  ['en-GB', 'Analyze again'],
  ['ja', 'Analyze again in English'],
])('a description in %s: %s', async (language, text) => {
  const analytics = { ...analyticsOf({ title: 'A lake' }), language };
  expect(buttonsOf(await sectionOf({ analytics }))[0]).toBe(text);
});

test('while the media is worked on nothing more can be asked, and the earlier answer stays', async () => {
  const receipt = analysisResult({ status: 'pending', output: { shop: 'Corner Shop' } });
  const analyses = { receipt } as Media['analyses'];
  const markup = await sectionOf({ status: 'analyzing', progress: 0.7, analyses });
  expect(markup.match(/aria-disabled="true"/g)).toHaveLength(3);
  expect(markup).toContain('Corner Shop');
  expect(markup).toContain('role="progressbar"');
});

test('the answer to another question is not shown below the new one', async () => {
  const asked = { input: { question: 'Who?' }, output: { answer: 'Two' } };
  const at = (status: 'pending' | 'failed' | 'completed') =>
    sectionOf({ analyses: { ask: analysisResult({ status, ...asked }) } as Media['analyses'] });
  expect(await at('completed')).toMatch(/Your question.*Who\?.*Answer.*Two/);
  expect(await at('pending')).not.toContain('Two');
  expect(await at('failed')).not.toContain('Two');
});

test.each([
  ['analysis_timeout', true],
  ['analysis_blocked', false],
] as const)(
  'a failed analysis says why, and whether it can be tried again: %s',
  async (error_code, canRetry) => {
    const failed = analysisResult({ status: 'failed', error_code, error_message: 'That is why.' });
    const markup = await sectionOf({ analyses: { receipt: failed } as Media['analyses'] });
    expect(markup).toContain('That is why.');
    expect(buttonsOf(markup).includes('Retry')).toBe(canRetry);
  },
);
