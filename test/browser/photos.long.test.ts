/** The main job in a real browser, with ten photos, and with each look that the page has. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { TEN_PHOTOS } from '../support/stack.ts';
import { photoPaths, untilCards } from './page.ts';
import { expectBatch, expectNoAccessibilityProblem, type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

let photos: Photos;
let window: TestWindow;
beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(() => photos.close());
afterEach(async () => {
  await window.context.close();
  await photos.removeAll();
  expect(window.complaints).toEqual([]);
});

test('ten photos: each becomes a card with its result, and the bar never goes back', async () => {
  window = await photos.open();
  await expectBatch(window.page, photos.stack.url, TEN_PHOTOS);
});

test.each<[string, BrowserContextOptions]>([
  ['desktop', {}],
  ['dark', { colorScheme: 'dark' }],
  ['reduced motion', { reducedMotion: 'reduce' }],
  ['forced colors', { forcedColors: 'active' }],
])('no serious accessibility problem on %s: empty, at work, done, failed', async (_, options) => {
  window = await photos.open(options);
  await expectNoAccessibilityProblem(window.page, photos.stack.url);
});

/** Presses Tab until the focus is on what has this name. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const { activeElement: at } = document;
      return at?.getAttribute('aria-label') ?? at?.getAttribute('title') ?? at?.textContent ?? '';
    });
    if (name.test(focused)) return;
  }
  throw new Error(`${name} is not reached by Tab.`);
}

test('with the keyboard alone: send, open, turn, delete, undo', async () => {
  window = await photos.open();
  const { page } = window;
  await page.goto(photos.stack.url);
  await page.getByText('Drop photos and videos here').waitFor();
  // Chromium is told to say so some time after it was asked for.
  const chooser = page.waitForEvent('filechooser');
  await tabTo(page, /^Choose files$/);
  await page.keyboard.press('Enter');
  await (await chooser).setFiles(photoPaths(TEN_PHOTOS.slice(0, 3)));
  await untilCards(page, 'completed', 3);
  await page.reload();
  await untilCards(page, 'completed', 3);
  await tabTo(page, /^Open /);
  await page.keyboard.press('Enter');
  const title = page.locator('dialog h2').first();
  await title.waitFor();
  const first = await title.textContent();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(
    (was) => document.querySelector('dialog h2')?.textContent !== was,
    first,
  );
  await tabTo(page, /^Delete/);
  await page.keyboard.press('Enter');
  await untilCards(page, 'completed', 2);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+z');
  await untilCards(page, 'completed', 3);
});
