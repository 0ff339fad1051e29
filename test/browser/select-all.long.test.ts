/** "Select all" in a real browser: also of a library that is loaded in part. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { ordinary } from '../support/library.ts';
import { currentPage } from '../support/page.ts';
import { client, eventually, file, type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { accessibilityProblems, cards, pressInMenu } from './page.ts';
import { shelveLibrary } from './shelve-library.ts';
import { openWindow } from './window.ts';

/** The first page has 24, the others 100; 500 are deleted with one request. */
const MEDIA = 530;
/** The others were sent on the day before. */
const OF_LAST_DAY = 430;

let stack: Stack;
let chromium: Awaited<ReturnType<typeof startBrowser>>;
let window: Awaited<ReturnType<typeof openWindow>>;
let page: Page;

beforeAll(async () => {
  await currentPage();
  [stack, chromium] = await Promise.all([startStack(), startBrowser()]);
  await shelveLibrary(stack, MEDIA, (n) => ({
    ...ordinary(n),
    sent: new Date(Date.UTC(2026, 9, n < MEDIA - OF_LAST_DAY ? 30 : 31) + n * 1_000).toISOString(),
  }));
});
afterAll(async () => {
  await chromium.close();
  await stack.close();
});
beforeEach(async () => {
  window = await openWindow(chromium.browser, { viewport: { width: 1280, height: 800 } });
  page = window.page;
});
afterEach(async () => {
  await window.context.close();
  expect(window.complaints).toEqual([]);
});

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const status = (text: string | RegExp) => page.locator('.ma-many-bar').getByText(text).waitFor();
const boxes = () => page.locator('.ma-card input[type=checkbox]');

async function select(): Promise<void> {
  await page.goto(stack.url);
  await cards(page).first().waitFor();
  await pressInMenu(page, 'Select');
}

/** The pages after the first wait until they are let go, one by one. */
async function holdPages() {
  const held: ((answer: 'go' | 'fail') => void)[] = [];
  await page.route(/\/api\/media\?.*page_token=/, async (route) => {
    const answer = await new Promise((go) => held.push(go));
    await (answer === 'go' ? route.continue() : route.abort()).catch(() => undefined);
  });
  return async (answer: 'go' | 'fail' = 'go') =>
    (await eventually(async () => held.shift()))(answer);
}

test('what is not loaded yet is loaded and selected, with a word of it; what was unselected meanwhile stays so', async () => {
  const letGo = await holdPages();
  await select();
  await button('Select all').dblclick();
  await status('Selecting… 24');
  expect(await button('Delete').isDisabled()).toBe(true);
  expect(await accessibilityProblems(page)).toEqual([]);
  await boxes().first().click();
  await status('Selecting… 23');
  await letGo();
  await status('Selecting… 123');
  for (let n = 224; n <= MEDIA + 99; n += 100) await letGo();
  await status(`${MEDIA - 1} selected`);
  await button('Select all').click();
  await status(`${MEDIA} selected`);
  await button('Select none').click();
  await status('0 selected');
});

test('it can be stopped, goes on at another press, and a page that fails is tried again', async () => {
  const letGo = await holdPages();
  await select();
  await page.keyboard.press('Control+a');
  await letGo();
  await status('Selecting… 124');
  await page.keyboard.press('Escape');
  await status('124 selected');
  // The page that was on its way comes, and is not selected.
  await letGo();
  await page.getByText(/^Selecting…/).waitFor({ state: 'detached' });
  await button('Select all').click();
  await status('Selecting… 224');
  await button('Stop').click();
  await status('224 selected');
  await button('Select all').click();
  await letGo('fail');
  const notice = page.locator('.ma-many-bar .ma-notice');
  await notice.waitFor();
  expect(window.complaints.splice(0)).toEqual([expect.stringContaining('net::ERR_FAILED')]);
  await status('224 selected');
  await notice.getByRole('button', { name: 'Retry' }).click();
  for (let n = 324; n <= MEDIA + 99; n += 100) await letGo();
  await status(`${MEDIA} selected`);
  expect(await notice.count()).toBe(0);
});

test('all that a search finds is selected, and another search ends that', async () => {
  await page.goto(stack.url);
  const field = page.getByRole('combobox', { name: 'Search' });
  await field.fill('light');
  await page.getByText(`${MEDIA} found`).waitFor();
  await pressInMenu(page, 'Select');
  const letGo = await holdPages();
  await button('Select all').click();
  await letGo();
  await status('Selecting… 124');
  await field.fill('');
  await status(/^\d+ selected$/);
  await field.fill('light');
  await page.getByText(`${MEDIA} found`).waitFor();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await button('Select all').click();
  await status(`${MEDIA} selected`);
});

test('while a search cannot be made, no more is selected than what stands there, nor anything else once it can', async () => {
  let pages = 0;
  await page.route(/\/api\/media\?.*page_token=/, async (route) => {
    pages++;
    await route.continue().catch(() => undefined);
  });
  await page.goto(stack.url);
  await cards(page).first().waitFor();
  // It does not come by itself.
  const down = { status: 503, headers: { 'retry-after': '3600' } };
  await page.route(/\/api\/media\?.*q=/, (route) => route.fulfill(down));
  await page.getByRole('combobox', { name: 'Search' }).fill('light');
  await button('Try again').waitFor();
  await pressInMenu(page, 'Select');
  await button('Select all').click();
  await status(/^\d+ selected$/);
  const shown = 24 + pages * 100;
  await status(`${shown} selected`);
  expect(shown).toBeLessThan(MEDIA);
  // The end of what is loaded loads no more of it either.
  const before = pages;
  await cards(page).last().scrollIntoViewIfNeeded();
  await page.evaluate(() => new Promise((go) => requestAnimationFrame(() => setTimeout(go))));
  expect(pages).toBe(before);
  await page.unroute(/\/api\/media\?.*q=/);
  await button('Try again').click();
  await page.getByText(`${MEDIA} found`).waitFor();
  await status(/^\d+ selected$/);
  expect(await page.locator('.ma-card input:checked').count()).toBeLessThanOrEqual(shown);
  const said = window.complaints.splice(0);
  expect(said.filter((text) => !text.includes('503'))).toEqual([]);
});

test('of a day that is loaded in part, the rest is loaded and selected, and its box says when it is all', async () => {
  const letGo = await holdPages();
  await select();
  const day = page.getByRole('checkbox', { name: 'Select all: Sat 31 Oct' });
  const isHalf = () => day.evaluate((box: HTMLInputElement) => box.indeterminate && !box.checked);
  await day.press('Space');
  await status('Selecting… 24');
  expect(await isHalf()).toBe(true);
  expect(await button('Delete').isDisabled()).toBe(true);
  await boxes().first().click();
  await letGo();
  await status('Selecting… 123');
  await page.keyboard.press('Escape');
  await status('123 selected');
  expect(await isHalf()).toBe(true);
  await day.click();
  await letGo();
  await status('Selecting… 224');
  await letGo('fail');
  const notice = page.locator('.ma-many-bar .ma-notice');
  await notice.getByRole('button', { name: 'Retry' }).click();
  expect(window.complaints.splice(0)).toEqual([expect.stringContaining('net::ERR_FAILED')]);
  for (let n = 324; n <= OF_LAST_DAY + 99; n += 100) await letGo();
  await status(`${OF_LAST_DAY} selected`);
  const scrollTo = (y: number) => page.evaluate((to) => globalThis.scrollTo(0, to), y);
  await eventually(async () => {
    await scrollTo(1e9);
    return (await page.getByText('Fri 30 Oct').count()) > 0 || undefined;
  });
  await scrollTo(0);
  expect(await day.isChecked()).toBe(true);
  await day.click();
  await status('0 selected');
});

test('a second press of the box of a day takes back what the first one selects', async () => {
  const letGo = await holdPages();
  await select();
  const day = page.getByRole('checkbox', { name: 'Select all: Sat 31 Oct' });
  await day.click();
  await status('Selecting… 24');
  await day.click();
  await status('0 selected');
  await letGo();
  await page.getByText('Loading').waitFor({ state: 'detached' });
  await status('0 selected');
});

const untilShown = (id: string) => page.locator(`.ma-card[data-media-id="${id}"]`).waitFor();

/** Another device sends a photo, and the page shows it. */
async function sendElsewhere(name: string): Promise<string> {
  const { media_ids } = await client(stack).analyze([await file(name)]);
  const [id = ''] = media_ids;
  await untilShown(id);
  return id;
}

test('what is sent meanwhile is not selected, while a page is awaited and where it cannot be loaded, and not deleted', async () => {
  const letGo = await holdPages();
  await select();
  await button('Select all').click();
  const sent = [await sendElsewhere('02-cat.png')];
  await status('Selecting… 24');
  await letGo('fail');
  const notice = page.locator('.ma-many-bar .ma-notice');
  await notice.waitFor();
  expect(window.complaints.splice(0)).toEqual([expect.stringContaining('net::ERR_FAILED')]);
  sent.push(await sendElsewhere('08-lake.jpg'));
  await status('24 selected');
  await notice.getByRole('button', { name: 'Retry' }).click();
  for (let n = 124; n <= MEDIA + 99; n += 100) await letGo();
  await status(`${MEDIA} selected`);
  await button('Delete').click();
  await page.getByText(`${MEDIA} moved to the bin.`).waitFor();
  await eventually(async () => (await cards(page).count()) === 2 || undefined);
  await button('Undo').click();
  // It brings 500 back at once.
  await page.getByText('moved to the bin').waitFor({ state: 'detached' });
  await client(stack).call('/api/media/delete', {
    method: 'POST',
    body: JSON.stringify({ ids: sent, permanently: true }),
  });
});

test('what is deleted then is all, and comes back with one press', async () => {
  await select();
  await button('Select all').click();
  await status(`${MEDIA} selected`);
  await button('Delete').click();
  await page.getByText(`${MEDIA} moved to the bin.`).waitFor();
  await page.getByText('Drop photos and videos here').waitFor();
  await button('Undo').click();
  await cards(page).first().waitFor();
});
