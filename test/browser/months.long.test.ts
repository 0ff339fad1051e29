/** "Go to month" in a library in which some of the months are on the page already, and all have few photos. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { ordinary } from '../support/library.ts';
import { currentPage } from '../support/page.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { cards } from './page.ts';
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
    const first = headings.find((each) => each.getBoundingClientRect().top > -2);
    return first && first.getBoundingClientRect().top < 40 ? first.textContent : undefined;
  });

test.each([
  ['desktop', { viewport: { width: 1280, height: 860 } }],
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
      expect(tops.filter((top) => top === undefined || Math.abs(top) >= 80)).toEqual([]);
    },
  );
});
