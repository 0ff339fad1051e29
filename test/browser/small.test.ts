/** The shape `small` in a real browser: the page from the stream unit, the API on another site, under the deployed policy. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { STRICT } from '../../local/front/modes.ts';
import { buildPage } from '../../web/build-page.ts';
import { type RunningGemini, replies, startGemini } from '../support/gemini-server.ts';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';
import { largeVideoPieces } from '../support/large-video.ts';
import { client, type Stack, startStack, TEN_PHOTOS, tokenOf } from '../support/stack.ts';
import { startBrowser, type TestBrowser } from './browser.ts';
import { cards, choose, photoPaths, recordProgress, untilCards, untilDrawn } from './page.ts';

let gemini: RunningGemini;
let stack: Stack;
let chromium: TestBrowser;
let context: BrowserContext;
let page: Page;
let complaints: string[];
/** Each request that the page sends: method, origin and path. */
let sent: string[];

beforeAll(async () => {
  await buildPage();
  gemini = await startGemini();
  [stack, chromium] = await Promise.all([
    startStack({
      shape: 'small',
      mode: STRICT,
      environment: {
        ANALYSIS_MODEL: 'googleai/gemini-3.5-flash-lite',
        GEMINI_API_KEY: 'key',
        GEMINI_BASE_URL: gemini.url,
      },
    }),
    startBrowser(),
  ]);
});
afterAll(async () => {
  await chromium?.close();
  await stack?.close();
  await gemini?.close();
});
beforeEach(async () => {
  context = await chromium.browser.newContext();
  page = await context.newPage();
  page.setDefaultTimeout(HANG_LIMIT_MS);
  complaints = [];
  sent = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('request', (request) => {
    const { origin, pathname } = new URL(request.url());
    sent.push(`${request.method()} ${origin}${pathname}`);
  });
});
afterEach(async () => {
  await context.close();
  gemini.reset();
  // Refused by the content security policy, or by CORS: none of it.
  expect(complaints).toEqual([]);
});

test('ten photos, live: the page asks the API on another site, and the stream on its own', async () => {
  const answer = await page.goto(stack.url);
  const policy = answer?.headers()['content-security-policy'] ?? '';
  expect(policy).toContain(`connect-src 'self' ${stack.apiUrl} `);
  const progress = await recordProgress(page);
  await choose(page, photoPaths(TEN_PHOTOS));
  await untilCards(page, 'completed', 10);
  await page.getByText('All done').waitFor();
  const seen = await progress();
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(100);
  expect(sent).toContain(`POST ${stack.apiUrl}/api/agent/analyze-media`);
  expect(sent).toContain(`GET ${stack.url}/api/agent/analyze-media/stream`);
  const toPage = sent.filter((each) => each.includes(`${stack.url}/api/`));
  expect(new Set(toPage)).toEqual(new Set([`GET ${stack.url}/api/agent/analyze-media/stream`]));
  // The pictures come from the API's address, which sends the browser on to Cloud Storage.
  await page.reload();
  await cards(page, 'completed').nth(9).waitFor();
  await page.mouse.wheel(0, 20_000);
  await untilDrawn(page, '.ma-card img', 10);
});

test('a video of 40 MB goes straight to Cloud Storage', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'large-'));
  const path = join(folder, 'holiday.mov');
  await writeFile(path, largeVideoPieces(40 * 2 ** 20));
  await page.goto(stack.url);
  await page.locator('input[type=file]').setInputFiles(path);
  await page.locator('.ma-card[data-stage=completed] h3[title="holiday.mov"]').waitFor();
  const puts = sent.filter((each) => each.startsWith('PUT '));
  expect(puts).toHaveLength(5);
  for (const put of puts) expect(put).toContain(stack.environment.STORAGE_EMULATOR_HOST);
  rmSync(folder, { recursive: true });
});

test('a user with a token: a failed photo is tried again, looked at, and deleted', async () => {
  const token = await tokenOf(stack, 'alice');
  await page.addInitScript((value) => {
    globalThis.mediaAnalysis = { getToken: () => value };
  }, token);
  gemini.enqueue(replies.invalidArgument());
  await page.goto(stack.url);
  // The browser cannot show a HEIC photo, so its picture comes by a signed address.
  await choose(page, photoPaths(['21-cat-iphone.heic']));
  await untilCards(page, 'failed', 1);
  await page.getByRole('button', { name: 'Try again' }).click();
  await untilCards(page, 'completed', 1);
  await untilDrawn(page, '.ma-card img');
  await cards(page).hover();
  await page.getByRole('button', { name: 'Delete 21-cat-iphone.heic' }).click();
  await page.getByRole('button', { name: /Delete for good/ }).click();
  await page.getByText('Nothing here yet').waitFor();
  const { media } = (await (await client(stack, token).call('/api/media')).json()) as {
    media: unknown[];
  };
  expect(media).toEqual([]);
});
