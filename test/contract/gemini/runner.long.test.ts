/** `npm run test:gemini` itself: with a key, against a server that does as the real one does. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KEY, runTestGemini, startLikeTheRealOne } from '../../support/gemini-runner.ts';
import type { RunningGemini } from '../../support/gemini-server.ts';

let gemini: RunningGemini;
beforeAll(async () => {
  gemini = await startLikeTheRealOne();
});
afterAll(() => gemini.close());

test('with one it goes through the journey and the outcomes, and tells each', async () => {
  const { status, out } = await runTestGemini({ GEMINI_API_KEY: KEY, GEMINI_BASE_URL: gemini.url });
  expect(out).not.toContain('FAILED');
  expect(out).toMatch(/^ok {5}a video by the Files API: completed$/m);
  expect(out).toMatch(/^ok {5}a file that is no video: media_corrupt$/m);
  expect(out).toMatch(/^10 of 10 as they should be, with googleai\//m);
  expect(status).toBe(0);
});
