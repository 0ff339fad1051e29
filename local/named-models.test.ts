import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { refuseMissingModels } from './named-models.ts';

/** Knows one model, and one key. */
let gemini: Server;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  gemini = createServer(({ url, headers }, response) => {
    response.statusCode = url?.endsWith('/gemini-9') ? 200 : 404;
    if (headers['x-goog-api-key'] !== 'key') response.statusCode = 403;
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(gemini, 'listening');
  const url = `http://127.0.0.1:${(gemini.address() as AddressInfo).port}`;
  env = { GEMINI_BASE_URL: url, GEMINI_API_KEY: 'key' };
});
afterAll(() => void gemini.close());

const file = (model: string, name = 'plant') => ({
  file: `${name}.prompt`,
  text: `---\ntitle: Plant\nmodel: ${model}\n---\nmodel: no/model\n`,
});

test('a model that does not exist is refused by file and line, with what to do', async () => {
  const files = [
    file('googleai/gemini-8'),
    file('"googleai/gemini-9" # the best'),
    file('googleai/gemini-7', 'car'),
  ];
  await expect(refuseMissingModels(files, env)).rejects.toMatchObject({
    name: 'AnalysesError',
    message: ['plant', 'car']
      .map(
        (name, index) =>
          `analyses/${name}.prompt:3: model: "googleai/gemini-${8 - index}" does not exist, or not for this key. Write another name, or leave "model" out, so that ANALYSIS_MODEL is asked.`,
      )
      .join('\n'),
  });
});

test('a model of this machine is refused where it cannot make the analysis', async () => {
  for (const model of ['local/vision', 'local/facts']) {
    await expect(refuseMissingModels([file(model)], {})).rejects.toThrow('cannot follow a prompt');
  }
  await refuseMissingModels([file('local/vision', 'receipt'), file('local/facts', 'describe')], {});
});

test.each([
  ['it exists', 'googleai/gemini-9', () => env],
  ['the key is not known', 'googleai/gemini-8', () => ({ ...env, GEMINI_API_KEY: 'other' })],
  [
    'nobody answers',
    'googleai/gemini-8',
    () => ({ ...env, GEMINI_BASE_URL: 'http://127.0.0.1:1' }),
  ],
  ['only a deployment may ask', 'vertexai/gemini-8', () => env],
])('nothing is refused if %s', async (_, model, settings) => {
  await expect(refuseMissingModels([file(model)], settings())).resolves.toBeUndefined();
});
