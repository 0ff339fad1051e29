/** `vertexai/…` through the real plugin: files in Cloud Storage are named, not sent. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import {
  type AnalyzeInput,
  createAnalyzer,
  MAX_INLINE_VIDEO_BYTES,
} from '../../../functions/analysis/index.ts';
import { EXAMPLE_GEMINI } from '../../../functions/analysis/profiles.ts';
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
