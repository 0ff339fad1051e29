/** What the files share that show the page in the shape `small`: behind the strict front, and a browser that is watched. */
import { expect } from '@jest/globals';
import type { BrowserContextOptions } from 'playwright-core';
import { startGemini } from '../support/gemini-server.ts';
import { STRICT_IN_LONG_RUN } from '../support/mode.ts';
import { currentPage } from '../support/page.ts';
import { startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { cards, choose, photoPaths, recordProgress, untilCards, untilDrawn } from './page.ts';
import { openWindow } from './window.ts';

export type Small = Awaited<ReturnType<typeof startSmall>>;

export async function startSmall(environment: Record<string, string> = {}) {
  await currentPage();
  const gemini = await startGemini();
  const [stack, { browser, close }] = await Promise.all([
    startStack({
      shape: 'small',
      mode: STRICT_IN_LONG_RUN,
      environment: {
        ANALYSIS_MODEL: 'googleai/gemini-3.5-flash-lite',
        GEMINI_API_KEY: 'key',
        GEMINI_BASE_URL: gemini.url,
        ...environment,
      },
    }),
    startBrowser(),
  ]);
  return {
    stack,
    gemini,
    /** A window, and each request that it sends: method, origin and path. */
    async open(options?: BrowserContextOptions) {
      const window = await openWindow(browser, options);
      const sent: string[] = [];
      window.page.on('request', (request) => {
        const { origin, pathname } = new URL(request.url());
        sent.push(`${request.method()} ${origin}${pathname}`);
      });
      return { ...window, sent };
    },
    async close(): Promise<void> {
      await close();
      await stack.close();
      await gemini.close();
    },
  };
}

export type WatchedWindow = Awaited<ReturnType<Small['open']>>;

/** The page asks the API on another site, and the stream on its own. */
export async function expectBatch(
  { page, sent }: WatchedWindow,
  { url, apiUrl }: Small['stack'],
  photos: string[],
): Promise<void> {
  const answer = await page.goto(url);
  const policy = answer?.headers()['content-security-policy'] ?? '';
  expect(policy).toContain(`connect-src 'self' ${apiUrl} `);
  const progress = await recordProgress(page);
  await choose(page, photoPaths(photos));
  await untilCards(page, 'completed', photos.length);
  await page.getByText('All done').waitFor();
  const seen = await progress();
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(100);
  expect(sent).toContain(`POST ${apiUrl}/api/agent/analyze-media`);
  expect(sent).toContain(`GET ${url}/api/agent/analyze-media/stream`);
  const toPage = sent.filter((each) => each.includes(`${url}/api/`));
  const streams = ['agent/analyze-media', 'media'].map((each) => `GET ${url}/api/${each}/stream`);
  expect(toPage.filter((each) => !streams.includes(each))).toEqual([]);
  // The pictures come from the API's address, which sends the browser on to Cloud Storage.
  await page.reload();
  await cards(page, 'completed')
    .nth(photos.length - 1)
    .waitFor();
  await page.mouse.wheel(0, 20_000);
  await untilDrawn(page, '.ma-card img', photos.length);
}
