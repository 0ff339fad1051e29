/** The gallery by days in a real browser: the reader's own days, selecting one, and the day of what one looks at. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { soon } from '../support/eventually.ts';
import { ordinary } from '../support/library.ts';
import { currentPage } from '../support/page.ts';
import { client, type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { accessibilityProblems, cards, pressInMenu } from './page.ts';
import { shelveLibrary } from './shelve-library.ts';
import { openWindow } from './window.ts';

const NOW = '2026-11-28T03:00:00Z';
/** The oldest first. */
const SENT = [
  ...['2025-03-02T12:00:00Z', '2025-03-20T12:00:00Z'],
  ...Array.from({ length: 5 }, (_, n) => `2026-11-14T10:0${n}:00Z`),
  ...Array.from({ length: 4 }, (_, n) => `2026-11-26T10:0${n}:00Z`),
  // In Tokyo it is the next day.
  ...Array.from({ length: 3 }, (_, n) => `2026-11-27T16:0${n}:00Z`),
];
const TOKYO = { timezoneId: 'Asia/Tokyo' };

let stack: Stack;
let chromium: Awaited<ReturnType<typeof startBrowser>>;
let window: Awaited<ReturnType<typeof openWindow>>;
let page: Page;
/** The newest first. */
let ids: string[];

beforeAll(async () => {
  await currentPage();
  [stack, chromium] = await Promise.all([startStack(), startBrowser()]);
  ids = await shelveLibrary(stack, SENT.length, (n) => ({
    ...ordinary(n),
    taken: n < 6 ? null : `2020-05-${10 + n}T08:00:00`,
    sent: SENT[n] ?? '',
  }));
});
afterAll(async () => {
  await chromium.close();
  await stack.close();
});
afterEach(async () => {
  await window.context.close();
  expect(window.complaints).toEqual([]);
});

async function open(options: BrowserContextOptions, query = ''): Promise<void> {
  window = await openWindow(chromium.browser, {
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  page = window.page;
  await page.clock.setFixedTime(NOW);
  await page.goto(stack.url + query);
  await cards(page).first().waitFor();
}

/** Each heading with the number of its cards. */
const days = () =>
  page.locator('.ma-day').evaluateAll((all) =>
    all.map((each) => [
      // Between numbers, Intl writes thin spaces.
      each.querySelector('h2')?.textContent?.replace(/\s+/g, ' ') ?? '',
      each.querySelectorAll('.ma-card').length,
    ]),
  );
const day = (name: string) => page.locator('.ma-day', { has: page.getByRole('heading', { name }) });

test.each<[string, BrowserContextOptions, [string, number][]]>([
  [
    'English, in London',
    { locale: 'en-GB', timezoneId: 'Europe/London' },
    [
      ['Yesterday', 3],
      ['Thu 26 Nov', 4],
      ['Sat 14 Nov', 5],
      ['Thu, 20 Mar 2025', 1],
      ['Sun, 2 Mar 2025', 1],
    ],
  ],
  [
    'Japanese, in Tokyo',
    { locale: 'ja-JP', ...TOKYO },
    [
      ['今日', 3],
      ['11月26日(木)', 4],
      ['11月14日(土)', 5],
      ['2025年3月20日(木)', 1],
      ['2025年3月2日(日)', 1],
    ],
  ],
])('the days are those of the reader: %s', async (_, options, expected) => {
  await open(options);
  expect(await days()).toEqual(expected);
  const [[first = '']] = expected as [[string, number]];
  await page.getByRole('list', { name: first }).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
});

test('last taken first, those that do not say it have the end; an order by relevance has no days', async () => {
  await open(TOKYO, '/?sort=taken');
  const may = Array.from({ length: 8 }, (_, n) => 23 - n);
  // Intl puts a comma where the language and the region have it.
  expect(
    (await days()).map(([label, cards]) => [String(label).replace(/^\w{3},? (?=\d)/, ''), cards]),
  ).toEqual([...may.map((n) => [`${n} May 2020`, 1]), ['No date', 6]]);
  // Days of one photo stand beside each other, and each can be selected alone.
  const tops = await page
    .locator('.ma-days > .ma-day')
    .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().top));
  // Two lines of them, and those without a date.
  expect(new Set(tops).size).toBe(3);
  await pressInMenu(page, 'Select');
  await page.getByRole('heading', { name: /22 May 2020$/ }).click();
  await page.getByText('1 selected').waitFor();
  expect(await page.locator('.ma-card[data-selected]').getAttribute('data-media-id')).toBe(
    ids[SENT.length - 13],
  );
  await page.goto(`${stack.url}/?q=near`);
  await page.getByText('14 found').waitFor();
  expect(await days()).toEqual([['', 14]]);
});

test('a day is selected with one press, by keyboard too, and a range goes over days', async () => {
  await open(TOKYO);
  await pressInMenu(page, 'Select');
  const today = page.getByRole('checkbox', { name: 'Select all: Today' });
  // Neither is read out as a part of the other.
  await page.getByRole('heading', { name: 'Today', exact: true }).waitFor();
  await today.press('Space');
  await page.getByText('3 selected').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  const boxes = page.locator('.ma-card input');
  await boxes.first().click();
  await page.getByText('2 selected').waitFor();
  expect(await today.evaluate((box: HTMLInputElement) => box.indeterminate)).toBe(true);
  await today.click();
  await page.getByText('3 selected').waitFor();
  await today.click();
  await page.getByText('0 selected').waitFor();
  // From the second card of the first day to the first one of the third.
  await boxes.nth(1).click();
  await boxes.nth(7).click({ modifiers: ['Shift'] });
  await page.getByText('7 selected').waitFor();
  // Tab comes to one day alone, that of the card to which it comes.
  await boxes.nth(2).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+Tab');
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  await soon(async () => expect(await focused()).toBe('Select all: Thu 26 Nov'));
  await page.keyboard.press('Tab');
  expect(
    await page.evaluate(
      () => document.activeElement?.closest<HTMLElement>('.ma-card')?.dataset.mediaId,
    ),
  ).toBe(ids[3]);
});

test('the box of a heading keeps the focus when another device deletes the newest card below it', async () => {
  await open(TOKYO);
  await pressInMenu(page, 'Select');
  await page.getByRole('checkbox', { name: 'Select all: Sat 14 Nov' }).focus();
  const newest = ids[7];
  await client(stack).call(`/api/media/${newest}`, { method: 'DELETE' });
  await page.locator(`[data-media-id="${newest}"]`).waitFor({ state: 'detached' });
  const focused = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  await client(stack).call(`/api/media/${newest}/restore`, { method: 'POST' });
  expect(focused).toBe('Select all: Sat 14 Nov');
});

test('on a small screen, what gets the focus lies under no heading and no bar', async () => {
  await open({ ...TOKYO, viewport: { width: 320, height: 640 } });
  await pressInMenu(page, 'Select');
  await page.locator('.ma-many-bar').waitFor();
  const boxes = page.locator('.ma-card input');
  const isCovered = () =>
    page.evaluate(() => {
      const focused = document.activeElement as HTMLElement;
      const { left, top, width, height } = focused.getBoundingClientRect();
      const seen = document.elementFromPoint(left + width / 2, top + height / 2);
      return focused.matches('.ma-card input') && !focused.parentElement?.contains(seen);
    });
  for (const [from, key] of [
    [9, 'ArrowLeft'],
    [0, 'ArrowRight'],
  ] as const) {
    await boxes.nth(from).focus();
    for (let n = 0; n < 9; n++) {
      await page.keyboard.press(key);
      expect(await isCovered()).toBe(false);
    }
  }
});

test.each([1280, 390, 320])(
  'at %i px the day of what one looks at stays in sight',
  async (width) => {
    await open({ ...TOKYO, viewport: { width, height: 300 } });
    const group = day('Sat 14 Nov');
    await group.locator('.ma-card').nth(4).scrollIntoViewIfNeeded();
    await group.evaluate((each) => scrollBy(0, each.getBoundingClientRect().top + 60));
    const heading = await group.locator('.ma-day-heading').boundingBox();
    const bar = await page.locator('.ma-bar').boundingBox();
    expect(heading?.y).toBe(bar?.height);
    expect(heading?.x).toBeGreaterThanOrEqual(0);
    expect((heading?.x ?? 0) + (heading?.width ?? 0)).toBeLessThanOrEqual(width);
  },
);
