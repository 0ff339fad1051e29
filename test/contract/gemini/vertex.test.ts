/** `vertexai/…` through the real plugin. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { EXAMPLE_GEMINI } from '../../../functions/analysis/catalog/model-name.ts';
import { type AnalyzeInput, createAnalyzer } from '../../../functions/analysis/index.ts';
import { inspectMedia } from '../../../functions/inspect/index.ts';
import { type RunningGemini, startGemini } from '../../support/gemini-server.ts';
import { redirectVertex, VERTEX_TOKEN } from '../../support/vertex.ts';

let gemini: RunningGemini;
let undo: () => Promise<void>;
beforeAll(async () => {
  gemini = await startGemini();
  undo = await redirectVertex(gemini.url);
});
afterEach(() => gemini.reset());
afterAll(async () => {
  await undo();
  await gemini.close();
});

const analyzerAt = (location: string) =>
  createAnalyzer({ model: `vertexai/${EXAMPLE_GEMINI}`, project: 'demo', location });
const analyzer = analyzerAt('global');
const options = () => ({
  signal: new AbortController().signal,
  deadline: Date.now() + 60_000,
});

async function inputFrom(file: string): Promise<AnalyzeInput> {
  const bytes = await readFile(new URL(`../../${file}`, import.meta.url));
  const { facts, contentType, preview } = await inspectMedia(bytes, file);
  return {
    facts,
    contentType,
    preview: preview?.bytes ?? null,
    fileName: file,
    language: 'en',
  };
}

test.each([
  ['global', 'aiplatform.googleapis.com'],
  ['us', 'aiplatform.us.rep.googleapis.com'],
  ['eu', 'aiplatform.eu.rep.googleapis.com'],
])(
  'a call to %s goes to %s, with the service’s token, and costs what it says',
  async (location, host) => {
    const { usage, analytics } = await analyzerAt(location).analyze(
      await inputFrom('photos/02-cat.png'),
      options(),
    );
    expect(gemini.requests).toMatchObject([
      {
        host,
        url: `/v1beta1/projects/demo/locations/${location}/publishers/google/models/${EXAMPLE_GEMINI}:streamGenerateContent?alt=sse`,
        authorization: `Bearer ${VERTEX_TOKEN}`,
        text: expect.stringContaining('"responseJsonSchema"'),
      },
    ]);
    expect(analytics.model).toBe(`vertexai/${EXAMPLE_GEMINI}`);
    expect(usage).toMatchObject({ input_tokens: 400, output_tokens: 120, cost_usd: 0.00042 });
  },
);

test('a picture travels inside the request', async () => {
  const input = await inputFrom('photos/02-cat.png');
  await analyzer.analyze(input, options());
  const { inlineData } = gemini.requests[0]?.body.contents[0]?.parts[0] ?? {};
  expect(inlineData).toEqual({ mimeType: 'image/jpeg', data: input.preview?.toString('base64') });
  expect(gemini.requests[0]?.text).not.toContain('fileData');
});
