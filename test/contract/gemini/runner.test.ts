/** `npm run test:gemini` itself: without a key, and with one that is none. With one that is good: `runner.long.test.ts`. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { report } from '../../gemini/report.ts';
import { runTestGemini, startLikeTheRealOne } from '../../support/gemini-runner.ts';
import type { RunningGemini } from '../../support/gemini-server.ts';

let gemini: RunningGemini;
beforeAll(async () => {
  gemini = await startLikeTheRealOne();
});
afterAll(() => gemini.close());

test('without a key it says that it needs one, and how to get it', async () => {
  const { status, out, errors } = await runTestGemini({});
  expect([status, out]).toEqual([1, '']);
  expect(errors).toMatch(
    /needs a key: GEMINI_API_KEY[\s\S]*https:\/\/aistudio\.google\.com\/apikey/,
  );
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
  const { status, out } = await runTestGemini({
    GEMINI_API_KEY: 'another',
    GEMINI_BASE_URL: gemini.url,
  });
  expect(out).toMatch(/^FAILED an answer in Japanese: analysis_no_access, and not completed$/m);
  expect(status).toBe(1);
});
