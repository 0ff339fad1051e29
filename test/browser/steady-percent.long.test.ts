/** The bar of a batch, and the number of files beside it, takes back nothing that it has shown: not over a reload, nor in another tab. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type RunningGemini, startGemini } from '../support/gemini-server.ts';
import { largeVideoPieces } from '../support/large-video.ts';
import { eventually } from '../support/stack.ts';
import { bytesKept, choose, noisyPhotos, slowDown, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

const folder = mkdtempSync(join(tmpdir(), 'percent-'));
let gemini: RunningGemini;
let photos: Photos;
let window: TestWindow;
/** The model says nothing before. */
let answers: PromiseWithResolvers<void>;

beforeAll(async () => {
  gemini = await startGemini({ respond: () => ({ until: answers.promise }) });
  photos = await startPhotos(gemini.settings);
});
afterAll(async () => {
  await photos.close();
  await gemini.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  answers = Promise.withResolvers();
  window = await photos.open();
  await window.page.addInitScript(watch);
  await window.page.goto(photos.stack.url);
  await window.page.getByText('Drop photos and videos here').waitFor();
});
afterEach(async () => {
  answers.resolve();
  await window.context.close();
  await photos.removeAll();
  gemini.reset();
});

/** Keeps all that the bar has shown since the page was loaded. */
function watch(): void {
  const seen: number[] = [];
  const totals: string[] = [];
  Object.assign(globalThis, { seenPercents: seen, seenTotals: totals });
  new MutationObserver(() => {
    const bar = document.querySelector('.ma-batch [role=progressbar]');
    const now = bar && Number(bar.getAttribute('aria-valuenow'));
    if (now !== null && now !== seen.at(-1)) seen.push(now);
    const text = document.querySelector('.ma-batch')?.textContent ?? '';
    const [, total] = /of (\d+) ready/.exec(text) ?? [];
    if (total && total !== totals.at(-1)) totals.push(total);
  }).observe(document, { subtree: true, childList: true, attributes: true });
}

const percents = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { seenPercents: number[] }).seenPercents);
const latest = async (page: Page) => (await percents(page)).at(-1) ?? 0;
const until = (page: Page, least: number) =>
  eventually(async () => (await latest(page)) >= least || undefined);

/** Checks that the bar begins where another page has shown it, never falls, and goes on. */
async function expectGoingOn(page: Page, before: number): Promise<void> {
  await until(page, before + 1);
  const seen = await percents(page);
  expect(seen[0]).toBeGreaterThanOrEqual(before);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
}

test('photos that are being sent, and that wait for their results: over two reloads, and in another tab', async () => {
  const { page } = window;
  const files = await noisyPhotos(5);
  await slowDown(page, 95_000);
  await choose(page, files);
  await eventually(async () => (await bytesKept(page)) >= 4 || undefined);
  // The first is analysed, others are half sent.
  await untilCards(page, 'analyzing', 1);
  await until(page, 8);
  for (let n = 0; n < 2; n++) {
    const before = await latest(page);
    await page.reload();
    await expectGoingOn(page, before);
    expect(await page.evaluate('seenTotals')).toEqual(['5']);
  }
  const tab = await window.openTab();
  await tab.addInitScript(watch);
  const before = await latest(page);
  await tab.goto(photos.stack.url);
  await expectGoingOn(tab, before);
  await slowDown(page, -1);
  answers.resolve();
  for (const each of [page, tab]) {
    await untilCards(each, 'completed', files.length);
    await until(each, 100);
    const seen = await percents(each);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  }
  expect(window.complaints).toEqual([]);
});

test('a video that is sent in pieces, in the middle of a piece', async () => {
  const { page } = window;
  const path = join(folder, 'holiday.mov');
  await writeFile(path, largeVideoPieces(6 * 2 ** 20));
  let sent = 0;
  page.on('request', (request) => {
    if (/^bytes [1-9]/.test(request.headers()['content-range'] ?? '')) sent++;
  });
  await slowDown(page, 200_000);
  await page.locator('input[type=file]').first().setInputFiles(path);
  await eventually(async () => (await bytesKept(page)) === 1 || undefined);
  await eventually(async () => sent > 0 || undefined);
  await until(page, (await latest(page)) + 3);
  const before = await latest(page);
  await page.reload();
  await expectGoingOn(page, before);
  await slowDown(page, -1);
  answers.resolve();
  await untilCards(page, 'completed', 1);
});
