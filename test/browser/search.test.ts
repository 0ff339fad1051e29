/** The search in a real browser: words, filters, what is similar, and what comes while one looks. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { buildPage } from '../../web/build-page.ts';
import { client, file, type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { accessibilityProblems, cards, untilCards } from './page.ts';
import { openWindow } from './window.ts';

const SHOTS = process.env.SEARCH_SHOTS;

let stack: Stack;
let chromium: Awaited<ReturnType<typeof startBrowser>>;
let window: Awaited<ReturnType<typeof openWindow>>;
let page: Page;
let scripts: string[];

beforeAll(async () => {
  await buildPage();
  [stack, chromium] = await Promise.all([startStack(), startBrowser()]);
});
afterAll(async () => {
  await chromium.close();
  await stack.close();
});
beforeEach(() => open());
afterEach(async () => {
  await window.context.close();
  const { media } = (await (await client(stack).call('/api/media?limit=100')).json()) as {
    media: { id: string }[];
  };
  for (const { id } of media) await client(stack).call(`/api/media/${id}`, { method: 'DELETE' });
  expect(window.complaints).toEqual([]);
});

async function open(options?: BrowserContextOptions): Promise<void> {
  window = await openWindow(chromium.browser, options);
  page = window.page;
  scripts = [];
  page.on('request', (request) => scripts.push(new URL(request.url()).pathname));
}

/** Photos that are analysed, and the page that shows them. They are found by the names of their files. */
async function sendPhotos(...names: string[]): Promise<void> {
  await client(stack).analyze(await Promise.all(names.map(file)));
  await page.goto(stack.url);
  await untilCards(page, 'completed', names.length);
}

const field = (name = 'Search') => page.getByRole('searchbox', { name });
const told = () => page.locator('.search-found').textContent();
const shoot = (name: string) =>
  SHOTS === undefined ? undefined : page.screenshot({ path: `${SHOTS}/${name}.png` });

test('words are searched for by keyboard, and cleared again', async () => {
  await page.goto(stack.url);
  await page.getByText('Nothing here yet').waitFor();
  expect(scripts.filter((path) => /\/search-/.test(path))).toEqual([]);
  await sendPhotos('02-cat.png', '03-coffee.webp', '08-lake.jpg');
  await field().fill('cats');
  await untilCards(page, 'completed', 1);
  await page.getByText('1 found').waitFor();
  await cards(page)
    .getByRole('button', { name: /^Open.*02-cat/ })
    .waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await field().press('Escape');
  await untilCards(page, 'completed', 3);
  expect(await field().inputValue()).toBe('');
  expect(await told()).toBe('');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search');
});

test('filters go together with words, and what finds nothing says what to do', async () => {
  await sendPhotos('02-cat.png', '08-lake.jpg');
  const button = page.getByRole('button', { name: 'Filters' });
  await button.press('Enter');
  expect(await button.getAttribute('aria-expanded')).toBe('true');
  await page.getByLabel('Photos or videos').selectOption('image');
  await page.getByText('2 found').waitFor();
  await field().fill('lake');
  await page.getByText('1 found').waitFor();
  await page.getByLabel('Added until').fill('2001-02-03');
  await page.getByText('Nothing was found. Try fewer words').waitFor();
  expect(await cards(page).count()).toBe(0);
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('desktop-none');
  await page.getByRole('button', { name: 'Clear the search' }).press('Enter');
  await untilCards(page, 'completed', 2);
  await shoot('desktop');
});
