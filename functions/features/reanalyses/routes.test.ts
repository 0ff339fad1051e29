import { expect, test } from '@jest/globals';
import { createReanalysisSchema } from '@media-analysis/shared/reanalyses';
import { readWanted } from './routes.ts';

const GEMINI = 'googleai/gemini-3.5-flash-lite';

function videoTarget(models: string[], body: object = {}): string | undefined {
  const [model = ''] = models;
  const wish = createReanalysisSchema.parse({ analysis: 'alt-text', ...body });
  const services = { model, models, offersFlex: () => false };
  return readWanted(wish, 'alice', services).target.video?.model;
}

test.each([
  [['openai/m', 'openai/n', GEMINI], {}, GEMINI],
  [[GEMINI, 'openai/m'], {}, undefined],
  [[GEMINI, 'openai/m'], { model: 'openai/m' }, undefined],
  [['openai/m'], {}, undefined],
])('of %j with %j, a video is up to date by %s', (models, body, model) => {
  expect(videoTarget(models, body)).toBe(model);
});
