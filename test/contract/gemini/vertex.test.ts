/** `vertexai/…` through the real plugin: files in Cloud Storage are named, not sent. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import {
  type AnalyzeInput,
  createAnalyzer,
  MAX_INLINE_VIDEO_BYTES,
} from '../../../functions/analysis/index.ts';
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

const analyzer = createAnalyzer({
  model: 'vertexai/gemini-2.5-flash',
  project: 'demo',
  location: 'asia-northeast1',
});
const options = () => ({
  signal: new AbortController().signal,
  deadline: Date.now() + 60_000,
});

async function inputFrom(file: string): Promise<AnalyzeInput> {
  const bytes = await readFile(new URL(`../../${file}`, import.meta.url));
  const { facts, contentType, preview } = await inspectMedia(bytes, file);
  const video = async () => bytes;
  return {
    facts,
    contentType,
    preview: preview?.bytes ?? null,
    fileName: file,
    language: 'en',
    video,
  };
}

const sentMedia = () => gemini.requests[0]?.body.contents[0]?.parts[0];

test('a call goes to the project’s region with the service’s token, and costs what it says', async () => {
  const { usage, analytics } = await analyzer.analyze(
    await inputFrom('photos/02-cat.png'),
    options(),
  );
  expect(gemini.requests).toMatchObject([
    {
      url: '/v1beta1/projects/demo/locations/asia-northeast1/publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
      authorization: `Bearer ${VERTEX_TOKEN}`,
      text: expect.stringContaining('"responseJsonSchema"'),
    },
  ]);
  expect(analytics.model).toBe('vertexai/gemini-2.5-flash');
  expect(usage).toMatchObject({ input_tokens: 400, output_tokens: 120, cost_usd: 0.00042 });
});

test('a picture is named by its preview in the bucket: not one byte of it is sent', async () => {
  const uri = 'gs://media/m1/preview';
  await analyzer.analyze({ ...(await inputFrom('photos/02-cat.png')), uri }, options());
  expect(sentMedia()).toEqual({ fileData: { mimeType: 'image/jpeg', fileUri: uri } });
  expect(gemini.requests[0]?.text).not.toContain('inlineData');
});

test('a video is named by its original, however large it is', async () => {
  const uri = 'gs://media/m1/original';
  const input = { ...(await inputFrom('videos/clip.mp4')), uri };
  const video = () => Promise.reject(new Error('it was read'));
  const { analytics } = await analyzer.analyze({ ...input, video }, options());
  expect(sentMedia()).toEqual({ fileData: { mimeType: 'video/mp4', fileUri: uri } });
  expect(analytics.segments).toEqual([{ start_s: 0.5, end_s: 0.5, summary: 'harbour' }]);
});

test('what lies where Vertex AI cannot read travels in the request, if it is not too large', async () => {
  const input = await inputFrom('videos/clip.mp4');
  await analyzer.analyze(input, options());
  expect(sentMedia()?.inlineData?.mimeType).toBe('video/mp4');
  const video = async () => Buffer.alloc(MAX_INLINE_VIDEO_BYTES + 1);
  await expect(analyzer.analyze({ ...input, video }, options())).rejects.toMatchObject({
    code: 'file_too_large',
  });
});
