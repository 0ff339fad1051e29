/** The judge of `npm run eval`, against a server that speaks the Gemini API. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { EXAMPLE_GEMINI } from '../../../functions/analysis/catalog/model-name.ts';
import { costInUsd } from '../../../functions/analysis/prices.ts';
import { createJudge } from '../../eval/judge.ts';
import { labelSchema } from '../../eval/labels.ts';
import { type RunningGemini, startGemini } from '../../support/gemini-server.ts';

const JUDGEMENT = { is_true: false, is_complete: true, invented: ['a vase'] };
const MODEL = `googleai/${EXAMPLE_GEMINI}`;

let gemini: RunningGemini;
beforeAll(async () => {
  gemini = await startGemini({ apiKey: 'key' });
});
afterEach(() => gemini.reset());
afterAll(() => gemini.close());

const described = async () => ({
  title: 'Possibly a vase',
  summary: 'A throne.',
  preview: await readFile(new URL('../../photos/87-photographer.jpg', import.meta.url)),
  label: labelSchema.parse({ tags: ['camera'], people_count: 1 }),
});

const answer = (text: string) => ({
  body: {
    candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 1_500, candidatesTokenCount: 40, thoughtsTokenCount: 10 },
  },
});
const judge = () => createJudge(MODEL, { geminiApiKey: 'key', baseUrl: gemini.url });
const signal = new AbortController().signal;

test('the judge sees the picture, what a person saw, and the words; its verdict has a price', async () => {
  gemini.enqueue(answer(JSON.stringify(JUDGEMENT)));
  const judged = await judge()(await described(), signal);
  const expected = costInUsd(MODEL, { input: 1_500, output: 50 });
  expect(judged).toEqual({ judgement: JUDGEMENT, cost_usd: expected });
  expect(expected).toBeGreaterThan(0);
  const parts = gemini.requests[0]?.body.contents.flatMap((content) => content.parts) ?? [];
  expect(parts.some(({ inlineData }) => inlineData?.mimeType === 'image/jpeg')).toBe(true);
  const told = parts.map(({ text }) => text ?? '').join('');
  for (const word of ['Possibly a vase', 'A throne.', 'camera']) expect(told).toContain(word);
});

test('a verdict that has no answer to a question is no verdict', async () => {
  gemini.enqueue(answer(JSON.stringify({ is_true: true })));
  await expect(judge()(await described(), signal)).rejects.toThrow();
});

test('a model of this machine cannot judge', () => {
  expect(() => createJudge('local/vision', {})).toThrow(/cannot judge/);
});
