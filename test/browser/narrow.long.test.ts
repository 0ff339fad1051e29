/** A narrow phone, in both languages: words stand beside their icons, break between words, and nothing is cut off. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { client, file } from '../support/stack.ts';
import { cards, choose, photoPaths, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';

let photos: Photos;

beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(() => photos.close());
afterEach(() => photos.removeAll());

/** Where the words of an element begin, and in how many lines they stand. */
const wordsOf = (page: Page, selector: string) =>
  page.locator(selector).evaluate((element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const rects = [...range.getClientRects()].filter(({ width }) => width > 0);
    const icon = element.parentElement?.querySelector('svg')?.getBoundingClientRect();
    return {
      isBesideIcon: rects.every(({ left }) => icon !== undefined && left >= icon.right),
      lines: new Set(rects.map(({ top }) => Math.round(top))).size,
    };
  });

/** How much of the field is left beside what stands in it while it is empty. */
const spaceInSearch = (page: Page) =>
  page.locator('.ma-search-field').evaluate((field: HTMLInputElement) => {
    const style = getComputedStyle(field);
    const context = document.createElement('canvas').getContext('2d');
    if (!context) throw new Error('no canvas');
    context.font = style.font;
    const inner =
      field.clientWidth -
      Number.parseFloat(style.paddingLeft) -
      Number.parseFloat(style.paddingRight);
    return inner - context.measureText(field.placeholder).width;
  });

test('a link with a filter and an order shows the photos, and how many filters are set: an order is none', async () => {
  const user = client(photos.stack);
  const { media_ids } = await user.analyze([await file('02-cat.png')]);
  await user.results(media_ids);
  const window = await photos.open({ viewport: { width: 390, height: 844 } });
  const { page } = window;
  await page.goto(`${photos.stack.url}/?kind=image&sort=taken`);
  await untilCards(page, 'completed', 1);
  const filters = page.getByRole('button', { name: 'Filters (1)', exact: true });
  await filters.waitFor();
  expect(await page.getByLabel('Order').isVisible()).toBe(false);
  await filters.click();
  expect(await page.getByLabel('Order').inputValue()).toBe('taken');
  await window.context.close();
});

test.each([
  ['ja-JP', 390],
  ['ja-JP', 360],
  ['en-GB', 360],
])('%s, %i px wide', async (locale, width) => {
  const user = client(photos.stack);
  const { media_ids } = await user.analyze([await file('02-cat.png')]);
  await user.results(media_ids);
  const window = await photos.open({ locale, viewport: { width, height: 740 } });
  const { page } = window;
  await page.goto(photos.stack.url);
  await untilCards(page, 'completed', 1);
  expect(await spaceInSearch(page)).toBeGreaterThanOrEqual(0);
  await page.route('**/api/agent/analyze-media', (route) => route.abort());
  await choose(page, photoPaths(['03-coffee.webp']));
  await cards(page, 'sending').locator('.ma-countdown').waitFor();
  const label = '.ma-card[data-stage=sending] .ma-stage-label';
  const { isBesideIcon, lines } = await wordsOf(page, label);
  expect(isBesideIcon).toBe(true);
  // A machine without Japanese letters draws narrower ones.
  expect(lines).toBeLessThanOrEqual(2);
  await window.context.close();
});
