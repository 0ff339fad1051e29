/** A library of hundreds in a real browser: only what is near the screen is in the document, and nothing is missing. */
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { soon } from '../support/eventually.ts';
import { ordinary } from '../support/library.ts';
import { currentPage } from '../support/page.ts';
import { eventually, photo, type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { accessibilityProblems, cards, pressInMenu } from './page.ts';
import { shelveLibrary } from './shelve-library.ts';
import { openWindow } from './window.ts';

const MEDIA = 400;
/** Those within 2,000 pixels of the screen, and the rows about the one that has the focus (`web/src/page/library/card-list.tsx`). */
const MOST_CARDS = 180;

/** Days with few cards and with many, each with a heading. */
const DAYS = [2, 90, 7, 1, 30, 4];
function sentAt(n: number): string {
  let day = 0;
  for (let rest = MEDIA - n - 1; rest >= (DAYS[day % DAYS.length] ?? 0); day++) {
    rest -= DAYS[day % DAYS.length] ?? 0;
  }
  return new Date(Date.parse('2026-11-10T20:00:00Z') - day * 86_400_000 + n * 1_000).toISOString();
}

let stack: Stack;
let chromium: Awaited<ReturnType<typeof startBrowser>>;
let window: Awaited<ReturnType<typeof openWindow>>;
let page: Page;
/** The newest first, as the page shows them. */
let ids: string[];

beforeAll(async () => {
  await currentPage();
  [stack, chromium] = await Promise.all([startStack(), startBrowser()]);
  ids = await shelveLibrary(stack, MEDIA, (n) => ({ ...ordinary(n), sent: sentAt(n) }));
});
afterAll(async () => {
  await chromium.close();
  await stack.close();
});
beforeEach(open);
afterEach(close);

async function open(): Promise<void> {
  window = await openWindow(chromium.browser, { viewport: { width: 1280, height: 800 } });
  page = window.page;
  await page.goto(stack.url);
  await cards(page).first().waitFor();
}

async function close(): Promise<void> {
  await window.context.close();
  expect(window.complaints).toEqual([]);
}

const STANDS = 'Chromium draws no more';
const STANDS_AFTER_MS = 20_000;

/**
 * On a busy machine, Chromium 147 without a graphics card may stop drawing a page for ever while that is scrolled: its
 * scripts go on, another page of the same browser is drawn, and a screenshot of it fails. In a trace of its scheduler it has
 * a pending tree that is never activated. Such a window tells nothing of the page.
 */
const testWhereDrawn = (name: string, body: () => Promise<void>) =>
  test(name, async () => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await body();
      } catch (error) {
        if (attempt === 4 || !String(error).includes(STANDS)) throw error;
        await close();
        await open();
      }
    }
  });

/**
 * Scrolls by half a screen at a time.
 * @returns the ids of all cards that were seen, and the most that were there at once
 * @throws {Error} that begins with `STANDS`
 */
const scroll = (direction: 1 | -1) =>
  page.evaluate(
    ({ sign, stands, standsAfterMs }) =>
      new Promise<{ seen: string[]; most: number }>((resolve, reject) => {
        const seen = new Set<string>();
        let most = 0;
        let isDone = false;
        let drawnAt = performance.now();
        const follow = () => {
          drawnAt = performance.now();
          if (!isDone) requestAnimationFrame(follow);
        };
        follow();
        const timer = setInterval(() => {
          if (performance.now() - drawnAt > standsAfterMs) {
            clearInterval(timer);
            reject(new Error(`${stands}, at ${scrollY} of ${document.body.scrollHeight}`));
          }
          const isEmpty = [...document.querySelectorAll('.ma-space')].some((space) => {
            const { top, bottom } = space.getBoundingClientRect();
            return bottom > 0 && top < innerHeight;
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
            isDone = true;
            resolve({ seen: [...seen], most });
          }
          scrollBy(0, (sign * innerHeight) / 2);
        }, 50);
      }),
    { sign: direction, stands: STANDS, standsAfterMs: STANDS_AFTER_MS },
  );

testWhereDrawn(
  'each card comes to the screen, down and up again, and few are in the document at once',
  async () => {
    for (const direction of [1, -1] as const) {
      const { seen, most } = await scroll(direction);
      expect(seen.toSorted()).toEqual(ids.toSorted());
      expect(most).toBeLessThanOrEqual(MOST_CARDS);
      expect(await accessibilityProblems(page)).toEqual([]);
    }
  },
);

testWhereDrawn('the card that has the focus stays', async () => {
  const button = cards(page)
    .first()
    .getByRole('button', { name: /^Delete / });
  await button.focus();
  await scroll(1);
  expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
});

testWhereDrawn('the keyboard reaches each card', async () => {
  await scroll(1);
  await scroll(-1);
  await cards(page).first().getByRole('button').first().focus();
  const focused = () =>
    page.evaluate(() => document.activeElement?.closest<HTMLElement>('.ma-card')?.dataset.mediaId);
  for (const id of ids.slice(0, 130)) {
    await soon(async () => expect(await focused()).toBe(id));
    await page.keyboard.press('ArrowRight');
  }
});

const card = (id: string | undefined) => page.locator(`.ma-card[data-media-id="${id}"]`);
const topOf = async (id: string | undefined) => (await card(id).boundingBox())?.y ?? Number.NaN;

/** Scrolls to one end of what is loaded, again and again. */
async function scrollUntilSeen(id: string | undefined, end: 'up' | 'down'): Promise<void> {
  const isSeen = ([wanted, y]: [string, number]) => {
    scrollTo(0, y);
    return document.querySelector(`[data-media-id="${wanted}"]`) !== null;
  };
  await page.waitForFunction(isSeen, [id ?? '', end === 'up' ? 0 : 1e9] as [string, number]);
}

const countBefore = (month: string) => ids.filter((_, n) => sentAt(MEDIA - 1 - n) < month).length;

testWhereDrawn(
  'a month is where the list begins: it goes on both ways, nothing jumps, and Back leads to the month before',
  async () => {
    const choice = page.getByRole('combobox', { name: 'Go to month' });
    const octobers = countBefore('2026-11');
    const [last, first] = [ids[MEDIA - octobers - 1], ids[MEDIA - octobers]];
    await choice.waitFor();
    expect(await choice.locator('optgroup option').allTextContents()).toEqual([
      `November 2026 (${MEDIA - octobers})`,
      `October 2026 (${octobers})`,
    ]);
    const held = Promise.withResolvers<void>();
    await page.route(/sort=oldest/, async (route) => {
      await held.promise;
      await route.fallback();
    });
    await choice.focus();
    await choice.selectOption('2026-10');
    await page.waitForURL(/[?]start=/);
    await page.getByRole('button', { name: 'Loading' }).first().waitFor();
    // Under its heading, at the top of the screen.
    const place = await topOf(first);
    expect(place).toBeGreaterThan(0);
    expect(place).toBeLessThan(130);
    expect(await choice.evaluate((each) => each === document.activeElement)).toBe(true);
    held.resolve();
    await card(last).waitFor();
    expect(Math.abs((await topOf(first)) - place)).toBeLessThan(2);
    expect(await accessibilityProblems(page)).toEqual([]);
    // Each next page too.
    await page.evaluate(() => scrollBy(0, -600));
    await scrollUntilSeen(ids[0], 'up');
    expect(await page.getByRole('button', { name: 'Show newer' }).count()).toBe(0);
    await scrollUntilSeen(ids.at(-1), 'down');

    await choice.selectOption('2026-11');
    await page.waitForFunction(
      (id) =>
        (document.querySelector(`[data-media-id="${id}"]`)?.getBoundingClientRect().top ?? 140) <
        140,
      ids[0],
    );
    await page.goBack();
    await page.waitForFunction((id) => {
      const top = document.querySelector(`[data-media-id="${id}"]`)?.getBoundingClientRect().top;
      return top !== undefined && top > 0 && top < 130;
    }, first);
    expect(await choice.inputValue()).toBe('2026-10');
    await page.goBack();
    await card(ids[0]).waitFor();
    expect(await choice.inputValue()).toBe('');
    expect(new URL(page.url()).search).toBe('');
  },
);

testWhereDrawn(
  'all are selected, also those above the month with which the list begins',
  async () => {
    await page.getByRole('combobox', { name: 'Go to month' }).selectOption('2026-10');
    await page.waitForURL(/[?]start=/);
    // Until it is there, the list is the one of before, and all of that is meant.
    await card(ids[MEDIA - countBefore('2026-11')]).waitFor();
    await pressInMenu(page, 'Select');
    await page.getByRole('button', { name: 'Select all' }).click();
    await page.getByText(`${MEDIA} selected`).waitFor();
  },
);

testWhereDrawn(
  'who turns far in the full view and closes it is at the card of what was shown last',
  async () => {
    // Of such a library there are no files.
    await page.route('**/api/media?*', async (route) => {
      const response = await route.fetch();
      const json = (await response.json()) as { media: object[] };
      for (const each of json.media) Object.assign(each, { url: 'gs://a/b' });
      await route.fulfill({ response, json });
    });
    const path = fileURLToPath(photo('02-cat.png'));
    await page.route(/\/(preview|content)(\?|$)/, (route) => route.fulfill({ path }));
    await page.reload();
    await cards(page).first().locator('button.ma-card-picture').click();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    const FAR = 150;
    for (let n = 1; n <= FAR; n++) {
      // The list goes on being loaded.
      await page.locator('.ma-turn[data-to="next"]').waitFor();
      await page.keyboard.press('ArrowRight');
      await page.waitForFunction((id) => location.href.endsWith(id), `=${ids[n]}`);
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    const there = async () => {
      const at = await page.evaluate(() => {
        const card = document.activeElement?.closest<HTMLElement>('.ma-card');
        const { top = -1, bottom = -1 } = card?.getBoundingClientRect() ?? {};
        return { id: card?.dataset.mediaId, isSeen: top > 60 && bottom < innerHeight };
      });
      return (at.id === ids[FAR] && at.isSeen) || undefined;
    };
    await eventually(there);
    // The browser does not go back to where it was opened.
    await page.waitForTimeout(500);
    expect(await there()).toBe(true);
  },
);
