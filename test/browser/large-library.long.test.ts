/** A library of hundreds in a real browser: only what is near the screen is in the document, and nothing is missing. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { currentPage } from '../support/page.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { accessibilityProblems, cards } from './page.ts';
import { shelveLibrary } from './shelve-library.ts';
import { openWindow } from './window.ts';

const MEDIA = 400;
/** Three blocks of `web/src/page/card-list.tsx`: that on the screen, and one on each side. */
const MOST_CARDS = 180;

let stack: Stack;
let chromium: Awaited<ReturnType<typeof startBrowser>>;
let window: Awaited<ReturnType<typeof openWindow>>;
let page: Page;
/** The newest first, as the page shows them. */
let ids: string[];

beforeAll(async () => {
  await currentPage();
  [stack, chromium] = await Promise.all([startStack(), startBrowser()]);
  ids = await shelveLibrary(stack, MEDIA);
});
afterAll(async () => {
  await chromium.close();
  await stack.close();
});
beforeEach(async () => {
  window = await openWindow(chromium.browser, { viewport: { width: 1280, height: 800 } });
  page = window.page;
  await page.goto(stack.url);
  await cards(page).first().waitFor();
});
afterEach(async () => {
  await window.context.close();
  expect(window.complaints).toEqual([]);
});

/** Scrolls by half a screen at a time. @returns the ids of all cards that were seen, and the most that were there at once */
const scroll = (direction: 1 | -1) =>
  page.evaluate(
    (sign) =>
      new Promise<{ seen: string[]; most: number }>((resolve) => {
        const seen = new Set<string>();
        let most = 0;
        const timer = setInterval(() => {
          const isEmpty = [...document.querySelectorAll('.ma-block')].some((block) => {
            const { top, bottom } = block.getBoundingClientRect();
            return bottom > 0 && top < innerHeight && block.childElementCount === 0;
          });
          // Its cards are about to come: on a busy machine that takes longer than one step.
          if (isEmpty) return;
          const shown = [...document.querySelectorAll<HTMLElement>('.ma-card')];
          most = Math.max(most, shown.length);
          for (const card of shown) {
            const { top, bottom } = card.getBoundingClientRect();
            if (bottom > 0 && top < innerHeight) seen.add(card.dataset.mediaId ?? '');
          }
          const isEnd =
            sign < 0
              ? scrollY === 0
              : scrollY + innerHeight >= document.documentElement.scrollHeight - 2 &&
                !document.querySelector('.ma-more');
          if (isEnd) {
            clearInterval(timer);
            resolve({ seen: [...seen], most });
          }
          scrollBy(0, (sign * innerHeight) / 2);
        }, 50);
      }),
    direction,
  );

test('each card comes to the screen, down and up again, and few are in the document at once', async () => {
  for (const direction of [1, -1] as const) {
    const { seen, most } = await scroll(direction);
    expect(seen.toSorted()).toEqual(ids.toSorted());
    expect(most).toBeLessThanOrEqual(MOST_CARDS);
    expect(await accessibilityProblems(page)).toEqual([]);
  }
});

test('the card that has the focus stays', async () => {
  const button = cards(page).first().getByRole('button');
  await button.focus();
  await scroll(1);
  expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
});

test('the keyboard reaches each card', async () => {
  await scroll(1);
  await scroll(-1);
  await cards(page).first().getByRole('button').focus();
  const focused = () =>
    page.evaluate(() => document.activeElement?.closest<HTMLElement>('.ma-card')?.dataset.mediaId);
  for (const id of ids.slice(0, 130)) {
    expect(await focused()).toBe(id);
    await page.keyboard.press('Tab');
  }
});
