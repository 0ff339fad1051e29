/** "Go to month" in a library in which some of the months are on the page already, and all have few photos. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { soon } from '../support/eventually.ts';
import { ordinary } from '../support/library.ts';
import { currentPage } from '../support/page.ts';
import { eventually, type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { accessibilityProblems, cards, choose, noisyPhotos, untilCards } from './page.ts';
import { shelveLibrary } from './shelve-library.ts';
import { openWindow } from './window.ts';

/** Three photos in every second month, from January 2021 to January 2025. */
const TAKEN = Array.from({ length: 25 }, (_, n) => {
  const month = new Date(Date.UTC(2021, 2 * n, 1)).toISOString().slice(0, 7);
  return ['05', '05', '17'].map((day) => `${month}-${day}`);
}).flat();

let stack: Stack;
let chromium: Awaited<ReturnType<typeof startBrowser>>;
beforeAll(async () => {
  await currentPage();
  [stack, chromium] = await Promise.all([startStack(), startBrowser()]);
  const shelved = (n: number) => ({ ...ordinary(n), taken: `${TAKEN[n]}T08:00:00` });
  await shelveLibrary(stack, TAKEN.length, shelved);
});
afterAll(async () => {
  await chromium.close();
  await stack.close();
});

/** As long as it moves or grows in one of so many frames, it is not at rest. */
const FRAMES = 20;
async function untilAtRest(page: Page): Promise<void> {
  const placeOf = () =>
    page.evaluate(async () => {
      await new Promise(requestAnimationFrame);
      return `${scrollY} of ${document.documentElement.scrollHeight}`;
    });
  for (let before = '', same = 0; same < FRAMES; ) {
    const now = await placeOf();
    same = now === before ? same + 1 : 0;
    before = now;
  }
}

/** What stands at the top of the screen. */
const heading = (page: Page) =>
  page.evaluate(() => {
    const headings = [...document.querySelectorAll('.ma-day-heading')];
    const first = headings.find((each) => each.getBoundingClientRect().top > 50);
    return first && first.getBoundingClientRect().top < 80 ? first.textContent : undefined;
  });

test.each([
  ['desktop', { viewport: { width: 1280, height: 400 } }],
  ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
])(
  'on a %s the month that is chosen stands at the top, also one that was seen already',
  async (_, options) => {
    const window = await openWindow(chromium.browser, { ...options, locale: 'en-GB' });
    const { page } = window;
    await page.goto(`${stack.url}/?sort=taken`);
    await cards(page).first().waitFor();
    const choice = page.getByRole('combobox', { name: 'Go to month' });
    const found: (string | undefined)[] = [];
    for (const month of [
      '2024-11',
      '2024-05',
      '2023-03',
      '2022-11',
      '2024-09',
      '2025-01',
      '2021-07',
    ]) {
      await choice.selectOption(month);
      await untilAtRest(page);
      found.push(await heading(page));
    }
    expect(found).toEqual([
      'Sun, 17 Nov 2024',
      'Fri, 17 May 2024',
      'Fri, 17 Mar 2023',
      'Thu, 17 Nov 2022',
      'Tue, 17 Sept 2024',
      'Fri, 17 Jan 2025',
      'Sat, 17 Jul 2021',
    ]);
    await window.context.close();
    expect(window.complaints).toEqual([]);
  },
);

describe('in a library of 1,600', () => {
  const COUNT = 1_600;
  /** Every three hours one was sent, the last one of them then. */
  const LAST = Date.parse('2026-11-20T12:00:00Z');
  const START = '2026-08-01T00:00:00.000Z';
  const sentAt = (n: number) => new Date(LAST - (COUNT - n) * 3 * 3_600_000).toISOString();
  let large: Stack;
  /** The newest one before the month begins. */
  let first: string;
  beforeAll(async () => {
    large = await startStack();
    const shelved = (n: number) => ({ ...ordinary(n), taken: null, sent: sentAt(n) });
    const ids = await shelveLibrary(large, COUNT, shelved);
    // The newest comes first, and has the highest number.
    first = ids.find((_, place) => sentAt(COUNT - 1 - place) < START) ?? '';
  });
  afterAll(() => large.close());

  test.each([0, 1_000])(
    'a link to a month shows its first photo, and no page that comes above moves it: after %i ms',
    async (delayMs) => {
      const tops: (number | undefined)[] = [];
      for (let tries = 0; tries < 8; tries++) {
        const window = await openWindow(chromium.browser, {
          viewport: { width: 1280, height: 800 },
        });
        const { page } = window;
        await page.route(/sort=oldest/, async (route) => {
          await delay(delayMs);
          await route.continue();
        });
        const above = page.waitForResponse(/sort=oldest/);
        await page.goto(`${large.url}/?start=${START}`);
        const card = page.locator(`[data-media-id="${first}"]`);
        await card.waitFor();
        await above;
        await untilAtRest(page);
        const { y } = (await card.boundingBox()) ?? {};
        tops.push(y && Math.round(y));
        await window.context.close();
        expect(window.complaints).toEqual([]);
      }
      expect(tops.filter((top) => top === undefined || Math.abs(top) >= 130)).toEqual([]);
    },
  );

  test('what comes above moves nothing that is in sight, also when its cards get their heights: on a phone', async () => {
    const moved: number[] = [];
    for (let tries = 0; tries < 4; tries++) {
      const window = await openWindow(chromium.browser, {
        viewport: { width: 390, height: 844 },
        hasTouch: true,
        isMobile: true,
      });
      const { page } = window;
      let isHeld = false;
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      await page.route(/sort=oldest/, async (route) => {
        if (isHeld) await released;
        await route.continue();
      });
      const first24 = page.waitForResponse(/sort=oldest/);
      await page.goto(`${large.url}/?start=${START}`);
      await first24;
      await untilAtRest(page);
      isHeld = true;
      await page.mouse.move(200, 400);
      const above = await page.evaluate(() => scrollY - 280);
      for (let step = 0; step < 10; step++) {
        await page.mouse.wheel(0, -above / 10);
        await page.evaluate(() => new Promise(requestAnimationFrame));
      }
      await untilAtRest(page);
      const seen = await page.evaluate(() => {
        const all = [...document.querySelectorAll('.ma-card')];
        const card = all.find((each) => each.getBoundingClientRect().top > 0);
        return { id: card?.getAttribute('data-media-id'), top: card?.getBoundingClientRect().top };
      });
      const before = await page.evaluate(() => document.documentElement.scrollHeight);
      release();
      await page.waitForFunction(
        (height) => document.documentElement.scrollHeight > height + 2_000,
        before,
      );
      await untilAtRest(page);
      const now = await page
        .locator(`[data-media-id="${seen.id}"]`)
        .evaluate((card) => card.getBoundingClientRect().top);
      moved.push(Math.round(now - (seen.top ?? Number.NaN)));
      await window.context.close();
      expect(window.complaints).toEqual([]);
    }
    expect(moved.filter((by) => !(Math.abs(by) < 4))).toEqual([]);
  });

  /** What is said of the list. */
  const said = (page: Page) => page.locator('.ma-search-found').textContent();
  const inSight = (page: Page, id: string) =>
    page.locator(`[data-media-id="${id}"]`).evaluate((card) => {
      const { top } = card.getBoundingClientRect();
      return top > -1 && top < innerHeight;
    });
  const START_OF = /\/api\/media\?(?!.*sort=).*start=/;

  test.each([
    ['en-GB', 'Go to month', 'Not loaded yet: the list is still the one from before.', 'Try again'],
    ['ja-JP', '月へ移動', 'まだ読み込めていません。', 'もう一度試す'],
  ])(
    'a month that cannot be loaded says so, and comes at another try or when the line is back: %s',
    async (locale, choice, notLoaded, tryAgain) => {
      const window = await openWindow(chromium.browser, { locale });
      const { page } = window;
      await page.goto(large.url);
      await cards(page).nth(23).waitFor();
      const months = page.getByRole('combobox', { name: choice });
      await months.waitFor();
      const again = page.getByRole('button', { name: tryAgain });
      // It does not come by itself.
      const down = { status: 503, headers: { 'retry-after': '3600' } };
      await page.route(START_OF, (route) => route.fulfill(down));
      await months.evaluate((select: HTMLSelectElement) => {
        scrollTo(0, document.body.scrollHeight);
        select.value = '2026-07';
        select.dispatchEvent(new Event('change', { bubbles: true }));
      });
      await again.waitFor();
      expect(await said(page)).toContain(notLoaded);
      await expect(again.evaluate((each) => each.getBoundingClientRect().top > 0)).resolves.toBe(
        true,
      );
      expect(await cards(page).count()).toBeGreaterThan(23);
      await page.unroute(START_OF);
      await again.click();
      await page.locator(`[data-media-id="${first}"]`).waitFor();
      await untilAtRest(page);
      expect([await inSight(page, first), await said(page), await again.count()]).toEqual([
        ...[true, '', 0],
      ]);
      // Once more, and the line comes back.
      await window.context.setOffline(true);
      await months.selectOption('2026-08');
      await again.waitFor();
      await window.context.setOffline(false);
      await again.waitFor({ state: 'detached' });
      await untilAtRest(page);
      expect(await said(page)).toBe('');
      expect(await page.locator('.ma-day-heading').filter({ hasText: /31/ }).count()).not.toBe(0);
      await window.context.close();
    },
  );

  test('months that could not be counted are counted again after a while', async () => {
    const window = await openWindow(chromium.browser);
    const { page } = window;
    let asked = 0;
    await page.route('**/api/media/months*', (route) =>
      asked++ === 0 ? route.fulfill({ status: 503 }) : route.continue(),
    );
    await page.goto(large.url);
    await page.getByRole('combobox', { name: 'Go to month' }).waitFor();
    expect(asked).toBe(2);
    expect(window.complaints.filter((text) => !text.includes('503'))).toEqual([]);
    await window.context.close();
  });

  test.each(['abc', '2020-01-01'])(
    'a link with the start %s says what is wrong, and leads to all',
    async (start) => {
      const window = await openWindow(chromium.browser);
      const { page } = window;
      await page.goto(`${large.url}/?start=${start}`);
      const all = page.getByRole('button', { name: 'Show the whole list' });
      await all.waitFor();
      expect(await said(page)).toMatch(/^Not loaded yet: .* start: (does not have|must be)/);
      await cards(page).nth(23).waitFor();
      expect(await page.locator('.ma-more').count()).toBe(0);
      expect(await accessibilityProblems(page)).toEqual([]);
      await all.click();
      await page.locator('.ma-more').waitFor();
      expect([await said(page), await all.count(), new URL(page.url()).search]).toEqual([
        '',
        0,
        '',
      ]);
      await soon(async () =>
        expect(await page.evaluate(() => document.activeElement?.className)).toContain('ma-search'),
      );
      await window.context.close();
    },
  );

  test('until a month is there, the list of before stays, and the page says that it loads', async () => {
    const window = await openWindow(chromium.browser);
    const { page } = window;
    await page.goto(large.url);
    await cards(page).nth(23).waitFor();
    const months = page.getByRole('combobox', { name: 'Go to month' });
    await months.waitFor();
    const before = await cards(page).first().getAttribute('data-media-id');
    const place = await page.locator('.ma-gallery').boundingBox();
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route(START_OF, async (route) => {
      await held;
      await route.continue();
    });
    await months.selectOption('2026-07');
    await page.locator('.ma-search-found', { hasText: /^Loading$/ }).waitFor();
    expect(await cards(page).count()).toBeGreaterThan(23);
    expect(await cards(page).first().getAttribute('data-media-id')).toBe(before);
    expect(await page.locator('.ma-gallery').boundingBox()).toMatchObject({ y: place?.y });
    answer();
    await page.locator(`[data-media-id="${first}"]`).waitFor();
    await untilAtRest(page);
    expect([await inSight(page, first), await said(page)]).toEqual([true, '']);
    await window.context.close();
    expect(window.complaints).toEqual([]);
  });

  test('who sends a photo from a month sees it above the newest, and Back leads to the month', async () => {
    const window = await openWindow(chromium.browser);
    const { page } = window;
    await page.goto(`${large.url}/?start=${START}`);
    await page.locator(`[data-media-id="${first}"]`).waitFor();
    await untilAtRest(page);
    const known = await cards(page).count();
    await choose(page, await noisyPhotos(1));
    await untilCards(page, 'completed', 25);
    await untilAtRest(page);
    expect(await cards(page).count()).toBe(25);
    expect(known).toBeGreaterThan(25);
    expect(await page.evaluate(() => [scrollY, location.search])).toEqual([0, '']);
    const own = await cards(page).first().getAttribute('data-media-id');
    expect(own && (await inSight(page, own))).toBe(true);
    await page.goBack();
    await page.locator(`[data-media-id="${first}"]`).waitFor();
    await untilAtRest(page);
    expect([await inSight(page, first), new URL(page.url()).search]).toEqual([
      ...[true, `?start=${START}`],
    ]);
    await window.context.close();
    expect(window.complaints).toEqual([]);
  });

  test.each([
    ['desktop', { viewport: { width: 1280, height: 800 } }],
    ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
  ])('on a %s the months stay in reach, and hide nothing that one reads', async (_, options) => {
    const window = await openWindow(chromium.browser, options);
    const { page } = window;
    await page.goto(large.url);
    await cards(page).nth(23).waitFor();
    const months = page.getByRole('combobox', { name: 'Go to month' });
    await months.waitFor();
    const top = () => months.evaluate((select) => select.getBoundingClientRect().top);
    const bar = (await page.locator('.ma-bar').boundingBox())?.height ?? 0;
    await page.evaluate(() => scrollTo(0, 1_500));
    await eventually(async () => (await top()) === bar + 2 || undefined);
    // All of the heading is left of it.
    const isFree = () =>
      page.evaluate(() => {
        const edge = document.querySelector('.ma-go-to-month')?.getBoundingClientRect().left ?? 0;
        const headings = [...document.querySelectorAll('.ma-day-heading > h2')];
        const first = headings.find((each) => each.getBoundingClientRect().top > 50);
        const range = document.createRange();
        range.selectNodeContents(first ?? document.body);
        const text = range.getBoundingClientRect();
        return text.right < edge || text.top > 110;
      });
    expect(await isFree()).toBe(true);
    await months.selectOption('2026-07');
    await page.locator(`[data-media-id="${first}"]`).waitFor();
    await untilAtRest(page);
    expect([await inSight(page, first), await isFree(), await top()]).toEqual([
      true,
      true,
      bar + 2,
    ]);
    expect(await accessibilityProblems(page)).toEqual([]);
    // By keyboard it is where it was, and a card that gets the focus is not under it.
    await page.locator(`[data-media-id="${first}"] button`).first().focus();
    for (let steps = 0; steps < 2; steps++) await page.keyboard.press('Shift+Tab');
    const focused = await page.evaluate(() => document.activeElement?.getBoundingClientRect().top);
    expect(focused).toBeGreaterThanOrEqual(bar);
    // Who tabs on from the bar comes to the months.
    await page.locator('.ma-more-button').focus();
    await page.keyboard.press('Tab');
    await soon(async () =>
      expect(await page.evaluate(() => document.activeElement?.className)).toContain('go-to-month'),
    );
    await window.context.close();
    expect(window.complaints).toEqual([]);
  });
});
