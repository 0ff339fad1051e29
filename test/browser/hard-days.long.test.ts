/** The library on a hard day, in a real browser: answers that fail or are cut, and two hands at the same media. */

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page, Route } from 'playwright-core';
import { currentPage } from '../support/page.ts';
import { client, databaseOf, eventually, file, type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { cards, pressInMenu } from './page.ts';
import { shelveLibrary } from './shelve-library.ts';
import { openWindow } from './window.ts';

/** More than one request deletes. */
const MEDIA = 620;
/** Beside them: these can be opened. */
const PHOTOS = ['02-cat.png', '05-dogs.jpg', '08-lake.jpg'];

let stack: Stack;
let chromium: Awaited<ReturnType<typeof startBrowser>>;
let window: Awaited<ReturnType<typeof openWindow>>;
let page: Page;
/** Of the photos. */
let ids: string[];

beforeAll(async () => {
  await currentPage();
  [stack, chromium] = await Promise.all([startStack(), startBrowser()]);
  await shelveLibrary(stack, MEDIA);
  const user = client(stack);
  const { media_ids } = await user.analyze(await Promise.all(PHOTOS.map(file)));
  await user.results(media_ids);
  ids = media_ids;
});
afterAll(async () => {
  await chromium.close();
  await stack.close();
});
beforeEach(async () => {
  window = await openWindow(chromium.browser);
  page = window.page;
  await page.goto(stack.url);
  await page.locator('.ma-more-button').waitFor();
});
afterEach(async () => {
  await window.context.close();
});

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const dialog = () => page.getByRole('dialog');
const open = (id: string) => page.goto(`${stack.url}/?media=${id}`);
const answerOf = (status: number, code: string) => ({
  status,
  contentType: 'application/problem+json',
  body: JSON.stringify({ type: 'about:blank', title: code, status, code, detail: code }),
});

test('of two who write at the same media, none takes the words of the other away', async () => {
  const [id = ''] = ids;
  await open(id);
  await button('Edit title, summary and tags').click();
  // The name of a file is no title to begin with.
  expect(await dialog().getByLabel('Title').inputValue()).toBe('');
  await dialog().getByPlaceholder('02-cat.png').waitFor();
  await dialog().getByLabel('Tags').fill('family');
  const other = await window.openTab();
  await other.goto(`${stack.url}/?media=${id}`);
  await other.getByRole('button', { name: 'Edit title, summary and tags' }).click();
  await other.getByLabel('Title').fill('Written in another tab');
  await other.getByLabel('Title').press('Enter');
  await dialog().getByRole('heading', { name: 'Written in another tab' }).waitFor();
  await dialog().getByLabel('Tags').press('Enter');
  await button('Save').waitFor({ state: 'detached' });
  expect((await client(stack).get(id)).edits).toEqual({
    title: 'Written in another tab',
    tags: ['family'],
  });
});

test('a text that is marked by drawing out of the view stays, and so does the view', async () => {
  await open(ids[1] ?? '');
  await button('Edit title, summary and tags').click();
  const title = dialog().getByLabel('Title');
  await title.fill('Half written');
  const box = await title.boundingBox();
  if (!box) throw new Error('The field is not drawn.');
  await page.mouse.move(box.x + box.width - 4, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(3, 3, { steps: 5 });
  await page.mouse.up();
  await page.keyboard.type('X');
  expect(await title.inputValue()).toBe('X');
  await button('Close').click();
  await dialog().waitFor({ state: 'detached' });
});

test('a search that gets no answer leaves what was there and says so, and is tried again', async () => {
  const field = page.locator('.ma-search-field');
  await field.fill('lake');
  await page.getByText(/^\d+.* found/).waitFor();
  let isDown = true;
  // It does not come by itself.
  const down = { ...answerOf(503, 'unavailable'), headers: { 'retry-after': '3600' } };
  await page.route(/api\/media\?.*q=bicycle/, (route) =>
    isDown ? route.fulfill(down) : route.continue(),
  );
  const before = await cards(page).locator('h3').allTextContents();
  await field.fill('bicycle');
  await page.getByText('Not loaded yet').waitFor();
  // Whoever has room below the cards gets more of them.
  const titlesThen = await cards(page).locator('h3').allTextContents();
  expect(titlesThen.slice(0, before.length)).toEqual(before);
  expect(await page.getByText(/^\d+.* found/).count()).toBe(0);
  isDown = false;
  await button('Try again').click();
  await page.getByText(/^\d+.* found/).waitFor();
  const titles = await cards(page).locator('h3').allTextContents();
  expect(titles.filter((each) => !each.includes('bicycle'))).toEqual([]);
});

test('a search for what is similar can be ended, also where it began from a link', async () => {
  const id = ids.at(-1) ?? '';
  // The list has not come so far.
  await page.route(/api\/media\?limit/, (route) => route.fulfill({ json: { media: [] } }));
  await open(id);
  const title = await dialog().getByRole('heading', { level: 2 }).textContent();
  await dialog().getByRole('button', { name: 'Show similar' }).click();
  await page.getByText(`Similar to “${title}”`).waitFor();
  await button('Clear the search').click();
  await page.getByText('Similar to').waitFor({ state: 'detached' });
});

test('an undo that fails says so', async () => {
  const name = (await cards(page).first().locator('h3').getAttribute('title')) ?? '';
  await button(`Delete ${name}`).click();
  await page.route('**/api/media/restore', (route: Route) =>
    route.fulfill(answerOf(503, 'unavailable')),
  );
  await button('Undo').click();
  await page.getByRole('region', { name: 'Undo' }).getByRole('alert').waitFor();
  await page.unroute('**/api/media/restore');
  await button('Undo').click();
  await page.locator(`.ma-card-title[title="${name}"]`).waitFor();
});

test('an archive that is a page of another server is not saved', async () => {
  await pressInMenu(page, 'Select');
  await page.locator('.ma-card input[type=checkbox]').first().click();
  await page.route('**/api/media/download', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<h1>Welcome to our Wi-Fi</h1>' }),
  );
  let saved = 0;
  page.on('download', () => saved++);
  await button('Download').click();
  await page.getByText('Another server answers').waitFor();
  expect(saved).toBe(0);
});

test('where the line breaks in the midst of a long delete and its undo, each half is said and shown', async () => {
  const more = button('Show more');
  while ((await more.count()) > 0) {
    await more.click().catch(() => undefined);
    await page.waitForFunction(() => !document.querySelector('.ma-more button:disabled'));
  }
  await pressInMenu(page, 'Select');
  await button('Select all').click();
  await page.getByText(`${MEDIA + PHOTOS.length} selected`).waitFor();
  const cutSecond = async (path: string) => {
    let asked = 0;
    await page.route(path, (route) => (++asked === 2 ? route.abort() : route.continue()));
  };
  await cutSecond('**/api/media/delete');
  await button('Delete').click();
  await page.getByText('123 files were not deleted.').waitFor();
  await page.getByText('500 moved to the bin.').waitFor();
  await page.getByText('123 selected').waitFor();
  await button('Retry').click();
  await page.getByText('623 moved to the bin.').waitFor();
  await cutSecond('**/api/media/restore');
  await button('Undo').click();
  const undo = page.getByRole('region', { name: 'Undo' });
  await undo.getByText('cannot be reached').waitFor();
  await undo.getByText('123 moved to the bin.').waitFor();
  await button('Undo').click();
  await undo.waitFor({ state: 'detached' });
  const { media } = (await (await client(stack).call('/api/bin')).json()) as { media: [] };
  expect(media).toEqual([]);
});

test('what was written is there again after the full view was closed, and is told when it could not be saved', async () => {
  const [id = ''] = ids;
  await open(id);
  await button('Edit title, summary and tags').click();
  await dialog().getByLabel('Title').fill('Half written');
  await dialog().getByRole('button', { name: 'Close' }).click();
  await dialog().waitFor({ state: 'detached' });
  await page.locator(`[data-media-id="${id}"] button.ma-card-picture`).click();
  expect(await dialog().getByLabel('Title').inputValue()).toBe('Half written');
  const path = `**/api/media/${id}`;
  let answer: (() => Promise<void>) | undefined;
  await page.route(path, (route) => {
    answer = () => route.fulfill(answerOf(503, 'unavailable'));
  });
  await button('Save').click();
  await eventually(async () => answer);
  await dialog().getByRole('button', { name: 'Close' }).click();
  await dialog().waitFor({ state: 'detached' });
  await answer?.();
  await page.getByText('“02-cat.png” was not saved.').waitFor();
  await page.unroute(path);
  await button('Retry').click();
  await page.getByRole('heading', { name: 'Half written' }).waitFor();
  // Nothing is left to be written.
  await page.locator(`[data-media-id="${id}"] button.ma-card-picture`).click();
  await button('Edit title, summary and tags').waitFor();
});

test('the longest words that a model may write stay within a narrow view', async () => {
  const id = ids[1] ?? '';
  const db = databaseOf(stack);
  const box = { x: 0.2, y: 0.2, width: 0.5, height: 0.5 };
  await db.doc(`media/${id}`).update({
    'analytics.title': 't'.repeat(200),
    'analytics.summary': `See https://example.com/${'s'.repeat(1_900)}`,
    'analytics.tags': Array.from({ length: 30 }, (_, n) => `${n}`.padEnd(60, 'g')),
    'analytics.objects': [{ label: 'o'.repeat(100), confidence: 1, box }],
    'analytics.scene': 'c'.repeat(200),
  });
  await db.terminate();
  await page.setViewportSize({ width: 320, height: 600 });
  await open(id);
  await dialog().getByText('See https').waitFor();
  const tooWide = () =>
    [...document.querySelectorAll('.ma-details-facts, .ma-details-facts *, .ma-card')]
      .filter(({ scrollWidth, clientWidth }) => clientWidth > 0 && scrollWidth > clientWidth + 1)
      .map(({ className }) => className);
  expect(await page.evaluate(tooWide)).toEqual([]);
});
