/** `npm run test:gemini` itself: without a key, and against a server that does as the real one does. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { report } from '../../gemini/report.ts';
import { type RunningGemini, replies, startGemini } from '../../support/gemini-server.ts';

const KEY = 'key-16180339';
const RUN = fileURLToPath(new URL('../../gemini/run.ts', import.meta.url));

let gemini: RunningGemini;
beforeAll(async () => {
  gemini = await startGemini({
    apiKey: KEY,
    respond: ({ model, text }) => {
      if (model === 'gemini-0-none') return replies.noSuchModel();
      return text.includes('no-such-bucket') ? replies.urlNotFetched() : undefined;
    },
  });
  gemini.files.canRead = (bytes) => bytes.subarray(0, 64).includes('ftyp');
});
afterAll(() => gemini.close());

async function run(environment: Record<string, string>) {
  const { GEMINI_API_KEY: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [RUN], { env: { ...inherited, ...environment } });
  const [out, errors, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<[number | null]>((resolve) => child.once('close', (code) => resolve([code]))),
  ]);
  return { status, out, errors };
}

test('without a key it says that it needs one, and how to get it', async () => {
  const { status, out, errors } = await run({});
  expect([status, out]).toEqual([1, '']);
  expect(errors).toMatch(
    /needs a key: GEMINI_API_KEY[\s\S]*https:\/\/aistudio\.google\.com\/apikey/,
  );
});

test('with one it goes through the journey and the outcomes, and tells each', async () => {
  const { status, out } = await run({ GEMINI_API_KEY: KEY, GEMINI_BASE_URL: gemini.url });
  expect(out).not.toContain('FAILED');
  expect(out).toMatch(/^ok {5}a video by the Files API: completed$/m);
  expect(out).toMatch(/^ok {5}a file that is no video: media_corrupt$/m);
  expect(out).toMatch(/^10 of 10 as they should be, with googleai\//m);
  expect(status).toBe(0);
});

test('what is not as it should be is a failure', () => {
  const good = { name: 'a photo', expected: 'completed', got: 'completed', detail: '' };
  const bad = {
    name: 'a video',
    expected: 'completed',
    got: 'failed media_corrupt',
    detail: 'why',
  };
  expect(report([good], 'm').hasFailed).toBe(false);
  expect(report([good, bad], 'm')).toEqual({
    lines: [
      'ok     a photo: completed',
      'FAILED a video: failed media_corrupt, and not completed',
      '       why',
      '1 of 2 as they should be, with m',
    ],
    hasFailed: true,
  });
});

test('a key that nobody knows is a failure, and nobody waits for it', async () => {
  const { status, out } = await run({ GEMINI_API_KEY: 'another', GEMINI_BASE_URL: gemini.url });
  expect(out).toMatch(/^FAILED an answer in Japanese: analysis_no_access, and not completed$/m);
  expect(status).toBe(1);
});
