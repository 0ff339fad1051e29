/** What the search offers while one types, in a real browser: words of one's own media, in the language of the page. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { currentPage } from '../support/page.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { accessibilityProblems, cards, untilCards } from './page.ts';
import { shelveLibrary } from './shelve-library.ts';
import { openWindow } from './window.ts';

const SHOTS = process.env.SUGGESTIONS_SHOTS;
const MEDIA = 30;
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };

let stack: Stack;
let chromium: Awaited<ReturnType<typeof startBrowser>>;
let window: Awaited<ReturnType<typeof openWindow>>;
let page: Page;

beforeAll(async () => {
  await currentPage();
  [stack, chromium] = await Promise.all([startStack(), startBrowser()]);
  await shelveLibrary(stack, MEDIA, (n) => ({
    title: `Photo ${n}`,
    // The page loads the last ones first.
    tags: [n > 8 ? 'cat' : 'zebra', ...(n > 20 ? ['dog'] : []), `only ${n}`],
    place: { latitude: 48.85, longitude: 2.35, country: 'FR', city: n > 25 ? 'Paris' : null },
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

async function open(options: BrowserContextOptions): Promise<void> {
  window = await openWindow(chromium.browser, options);
  page = window.page;
  await page.goto(stack.url);
  await cards(page).first().waitFor();
}

const offered = (field: Locator) =>
  field.evaluate((input: HTMLInputElement) =>
    [...(input.list?.options ?? [])].map((each) => each.value),
  );

test.each([
  ['en-GB', undefined, ['Search', 'Filters', 'Tags', 'Place'], ['cat', 'dog'], ['France', 'Paris']],
  ['ja-JP', PHONE, ['検索', '絞り込み', 'タグ', '場所'], ['猫', '犬'], ['フランス', 'Paris']],
])(
  'the fields offer the words of the media that are loaded, the most frequent first: %s',
  async (locale, options, [name = '', filters = '', tags = '', place = ''], labels, places) => {
    await open({ locale, ...options });
    const field = page.getByRole('combobox', { name, exact: true });
    const before = await page.locator('.ma-search').boundingBox();
    const width = await field.evaluate((input) => input.clientWidth);
    expect(await offered(field)).toEqual([]);
    await field.focus();
    const all = await offered(field);
    expect([all[0], all.at(-1)]).toEqual([labels[0], places.at(-1)]);
    expect(new Set(all).size).toBe(all.length);
    expect(await page.locator('.ma-search').boundingBox()).toEqual(before);
    expect(await field.evaluate((input) => input.clientWidth)).toBe(width);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: filters }).click();
    await page.locator('.ma-search-panel summary').click();
    const tag = page.getByRole('combobox', { name: tags, exact: true });
    await tag.focus();
    expect((await offered(tag)).slice(0, 2)).toEqual(labels);
    const where = page.getByRole('combobox', { name: place, exact: true });
    await where.focus();
    expect(await offered(where)).toEqual(places);
    expect(await accessibilityProblems(page)).toEqual([]);
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/suggestions-${locale}.png` });
    // One of them is a word like any other.
    await field.fill(labels[1] ?? '');
    await untilCards(page, 'completed', 9);
  },
);
