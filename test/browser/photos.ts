/** What `photos.test.ts` and `photos.long.test.ts` share: the product, a browser, and what must be true of a batch. */
import { expect } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { currentPage } from '../support/page.ts';
import { client, startStack, TEN_PHOTOS } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  photoPaths,
  recordProgress,
  untilCards,
} from './page.ts';
import { openWindow } from './window.ts';

export type Photos = Awaited<ReturnType<typeof startPhotos>>;

export async function startPhotos(environment: Record<string, string> = {}) {
  await currentPage();
  const [stack, { browser, close }] = await Promise.all([
    startStack({ environment }),
    startBrowser(),
  ]);
  return {
    stack,
    open: (options?: BrowserContextOptions) => openWindow(browser, options),
    async removeAll(): Promise<void> {
      const user = client(stack);
      for (const list of ['/api/media', '/api/bin']) {
        for (;;) {
          const { media } = (await (await user.call(`${list}?limit=100`)).json()) as {
            media: { id: string }[];
          };
          if (media.length === 0) break;
          const removed = media.map(({ id }) =>
            user.call(`/api/media/${id}?permanently=true`, { method: 'DELETE' }),
          );
          await Promise.all(removed);
        }
      }
    },
    async close(): Promise<void> {
      await close();
      await stack.close();
    },
  };
}

/** Each becomes a card with its result, and the bar never goes back. */
export async function expectBatch(page: Page, url: string, photos: string[]): Promise<void> {
  const count = photos.length;
  await page.goto(url);
  const progress = await recordProgress(page);
  await choose(page, photoPaths(photos));
  await untilCards(page, 'completed', count);
  await page.getByText('All done').waitFor();
  expect(await page.getByText(`${count} of ${count} ready`).count()).toBe(1);
  const seen = await progress();
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(100);
  const titles = await cards(page).locator('h3').allTextContents();
  const names = await cards(page)
    .locator('h3')
    .evaluateAll((all) => all.map((each) => each.getAttribute('title')));
  expect(names).toEqual(photos);
  for (const title of titles) expect(title).not.toBe('');
}

/** As axe-core sees the page: empty, at work, done, failed. */
export async function expectNoAccessibilityProblem(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('button', { name: 'Choose files' }).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await choose(page, photoPaths(TEN_PHOTOS.slice(0, 4)));
  await cards(page).nth(3).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await untilCards(page, 'completed', 4);
  await choose(page, [{ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('x') }]);
  await untilCards(page, 'failed', 1);
  expect(await accessibilityProblems(page)).toEqual([]);
  // Nothing sticks out sideways.
  const overflow = () => document.documentElement.scrollWidth - innerWidth;
  expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
}
