/** The percentages of cards do not fall over a reload: neither of what is being sent, nor of what waits for its result. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type RunningGemini, startGemini } from '../support/gemini-server.ts';
import { largeVideoPieces } from '../support/large-video.ts';
import { eventually } from '../support/stack.ts';
import { bytesKept, cards, choose, noisyPhotos, slowDown, untilCards } from './page.ts';
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

/** Keeps the lowest percentage of each card, and the latest, since the page was loaded. */
function watch(): void {
  const seen: Record<string, { lowest: number; latest: number }> = {};
  Object.assign(globalThis, { seenPercents: seen });
  new MutationObserver(() => {
    for (const card of document.querySelectorAll('.ma-card')) {
      const text = card.querySelector('.ma-ring')?.getAttribute('aria-valuenow');
      const name = card.querySelector('h3')?.title;
      if (!text || !name) continue;
      const latest = Number.parseInt(text, 10);
      seen[name] = { lowest: Math.min(latest, seen[name]?.lowest ?? 100), latest };
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });
}

const percents = (page: Page) =>
  page.evaluate(
    () =>
      (
        globalThis as unknown as {
          seenPercents: Record<string, { lowest: number; latest: number }>;
        }
      ).seenPercents,
  );

/** @returns the percentage before it, and the lowest one after it, of each card that is not over */
async function reload(page: Page): Promise<[string, number, number][]> {
  const before = await percents(page);
  await page.reload();
  await cards(page)
    .nth(Object.keys(before).length - 1)
    .waitFor();
  // What is sent anew has passed what was shown before.
  await eventually(async () => {
    const after = await percents(page);
    const isSent = (await cards(page, 'sending').count()) === 0;
    const isFurther = Object.entries(before).every(
      ([name, { latest }]) => (after[name]?.latest ?? 0) > latest,
    );
    return isSent || isFurther || undefined;
  });
  const after = await percents(page);
  return Object.entries(before).map(([name, { latest }]) => [
    ...([name, latest] as const),
    after[name]?.lowest ?? 0,
  ]);
}

const fallen = (all: readonly [string, number, number][]) =>
  all.filter(([, before, after]) => after < before);

test('photos: those that are being sent, and those that wait for their results; twice', async () => {
  const { page } = window;
  const files = await noisyPhotos(5);
  await slowDown(page, 95_000);
  await choose(page, files);
  await eventually(async () => (await bytesKept(page)) >= 4 || undefined);
  // The first is analysed, others are half sent.
  await untilCards(page, 'analyzing', 1);
  const isHalf = ([name, { latest }]: [string, { latest: number }]) =>
    name !== '0.jpg' && latest > 20;
  await eventually(async () => Object.entries(await percents(page)).some(isHalf) || undefined);
  for (let n = 0; n < 2; n++) expect(fallen(await reload(page))).toEqual([]);
  await slowDown(page, -1);
  answers.resolve();
  await untilCards(page, 'completed', files.length);
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
  await page.locator('.ma-upload input[type=file]').first().setInputFiles(path);
  await eventually(async () => (await bytesKept(page)) === 1 || undefined);
  await eventually(async () => sent > 0 || undefined);
  const start = (await percents(page))['holiday.mov']?.latest ?? 0;
  await eventually(
    async () => ((await percents(page))['holiday.mov']?.latest ?? 0) > start + 5 || undefined,
  );
  const all = await reload(page);
  expect(fallen(all)).toEqual([]);
  expect(all[0]?.[1]).toBeGreaterThan(start + 5);
  await slowDown(page, -1);
  answers.resolve();
  await untilCards(page, 'completed', 1);
});
