/** What the page does with more than it shows or sends at once, in a real browser: to all of them, and no other way. */
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { MEDIA_COLLECTION } from '../../functions/core/media/record.ts';
import { soon } from '../support/eventually.ts';
import { currentPage } from '../support/page.ts';
import { client, databaseOf, eventually, type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  photoPaths,
  pressInMenu,
  pressInNotTaken,
} from './page.ts';
import { shelveLibrary } from './shelve-library.ts';
import { openWindow } from './window.ts';

/** More than a page of the bin (50), of the list (100), and than are in the document at once. */
const MEDIA = 230;

let stack: Stack;
let chromium: Awaited<ReturnType<typeof startBrowser>>;
let window: Awaited<ReturnType<typeof openWindow>>;
let page: Page;
let db: Firestore;
/** The newest first, as the page shows them. */
let ids: string[];

beforeAll(async () => {
  await currentPage();
  [stack, chromium] = await Promise.all([startStack(), startBrowser()]);
  db = databaseOf(stack);
  ids = await shelveLibrary(stack, MEDIA);
});
afterAll(async () => {
  await db.terminate();
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

const post = (path: string, body: unknown) =>
  client(stack).call(`/api/media/${path}`, { method: 'POST', body: JSON.stringify(body) });

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });

/** Scrolls down until the page shows no more "Show more". */
async function loadAll(): Promise<void> {
  await cards(page).first().waitFor();
  await eventually(async () => {
    await page.mouse.wheel(0, 20_000);
    return (await page.locator('.ma-more').count()) === 0 || undefined;
  });
}

const focused = () =>
  page.evaluate(() => {
    const at = document.activeElement;
    const id = at?.closest<HTMLElement>('.ma-card')?.dataset.mediaId;
    return [id, at?.getAttribute('aria-label')];
  });

test('a card that others move on keeps the focus', async () => {
  await page.goto(stack.url);
  await loadAll();
  await page.evaluate(() => scrollTo(0, 0));
  const last = page.locator(`[data-media-id="${ids[59]}"]`);
  await last.getByRole('button', { name: /^Delete / }).focus();
  const before = await focused();
  expect(before).toEqual([ids[59], expect.stringMatching(/^Delete /)]);
  const text = { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('x') };
  await choose(page, [text]);
  await page.locator(`[data-media-id="${ids[59]}"][aria-posinset="61"]`).waitFor();
  await soon(async () => expect(await focused()).toEqual(before));
});

test('a screen reader is told where a card is in the whole list, which is in the document in part', async () => {
  await page.goto(stack.url);
  await cards(page).first().waitFor();
  const place = (of: string) =>
    page
      .locator(`[data-media-id="${of}"]`)
      .evaluate((card) => ['posinset', 'setsize'].map((name) => card.getAttribute(`aria-${name}`)));
  // The service does not say how many there are.
  expect(await place(ids[3] ?? '')).toEqual(['4', '-1']);
  await loadAll();
  await page.locator(`[data-media-id="${ids.at(-1)}"]`).waitFor();
  expect(await place(ids.at(-1) ?? '')).toEqual([`${MEDIA}`, `${MEDIA}`]);
  expect(await accessibilityProblems(page)).toEqual([]);
});

test('what was found and loaded stays when a photo that has ended makes the page search again', async () => {
  await page.goto(stack.url);
  await page.getByRole('combobox', { name: 'Search' }).fill('light');
  // Before they are loaded.
  await page.getByText(`${MEDIA} found`).waitFor();
  await loadAll();
  const seen = await page.evaluateHandle(() => {
    const all: string[] = [];
    const options = { subtree: true, attributeFilter: ['aria-setsize'] };
    new MutationObserver((changes) => {
      for (const { target } of changes)
        if (target instanceof Element) all.push(target.getAttribute('aria-setsize') ?? '');
    }).observe(document.body, options);
    return all;
  });
  const again = page.waitForResponse((response) => response.url().includes('q=light'));
  await choose(page, photoPaths(['03-coffee.webp']));
  await again;
  await page.getByText(/^23\d found/).waitFor();
  // Where not all are loaded, it is -1.
  expect(await cards(page).nth(1).getAttribute('aria-setsize')).toMatch(/^23\d$/);
  expect((await seen.jsonValue()).filter((size) => Number(size) < MEDIA)).toEqual([]);
});

test('what is refused says why, and goes at one press', async () => {
  await page.goto(stack.url);
  await cards(page).first().waitFor();
  await page.evaluate(() => {
    const file = (name: string) => ({
      name,
      isDirectory: false,
      file: (done: (found: File) => void) => done(new File(['x'], name, { type: 'image/jpeg' })),
    });
    const folder = (name: string, entries: object[] | undefined) => ({
      name,
      isDirectory: true,
      createReader: () => ({
        readEntries: (done: (found: object[]) => void, fail: () => void) =>
          entries ? done(entries.splice(0)) : fail(),
      }),
    });
    const dropped = folder('trip', [file('a.txt'), folder('locked', undefined)]);
    const items = [{ webkitGetAsEntry: () => dropped }];
    const event = new Event('drop', { cancelable: true });
    const dataTransfer = { types: ['Files'], files: [], items };
    dispatchEvent(Object.defineProperty(event, 'dataTransfer', { value: dataTransfer }));
  });
  await page.getByText('“locked” could not be read.').waitFor();
  const texts = ['a.txt', 'b.txt'].map((name) => ({
    name,
    mimeType: 'text/plain',
    buffer: Buffer.from('x'),
  }));
  await choose(page, texts);
  await button('Show 4 failed').click();
  expect(await accessibilityProblems(page)).toEqual([]);
  await button('Remove 4').click();
  await page.getByText('could not be read').waitFor({ state: 'detached' });
  // The cards go one after the other.
  await button(/^Remove/)
    .first()
    .waitFor({ state: 'detached' });
});

// Without their files these fail for good: what comes later would count them.
test('all that failed is tried again a few at a time', async () => {
  const failed = ids.slice(0, 9);
  for (const id of failed) {
    const error = { error_code: 'analysis_timeout', error_message: 'It took too long.' };
    await db.doc(`${MEDIA_COLLECTION}/${id}`).update({ status: 'failed', ...error });
  }
  await page.goto(stack.url);
  const held: (() => void)[] = [];
  let most = 0;
  await page.route('**/retry', async (route) => {
    await new Promise<void>((go) => {
      held.push(go);
      most = Math.max(most, held.length);
    });
    await route.continue();
  });
  await pressInNotTaken(page, 'Try 9 again');
  let done = 0;
  while (done < failed.length) {
    const wanted = Math.min(4, failed.length - done);
    await eventually(async () => held.length >= wanted || undefined);
    done += held.length;
    for (const go of held.splice(0)) go();
  }
  expect(most).toBe(4);
});

const inBin = async () =>
  ((await (await client(stack).call('/api/bin?limit=100')).json()) as { media: [] }).media.length;

test('all of the bin is brought back and erased, also what it does not show', async () => {
  await post('delete', { ids });
  await page.goto(stack.url);
  await pressInMenu(page, 'Bin');
  const dialog = page.getByRole('dialog', { name: 'Bin' });
  await dialog.getByRole('button', { name: 'Restore all' }).click();
  await dialog.getByText('The bin is empty.').waitFor();
  expect(await inBin()).toBe(0);
  await post('delete', { ids });
  await page.reload();
  await pressInMenu(page, 'Bin');
  await dialog.getByRole('button', { name: 'Empty the bin' }).click();
  const question = page.getByRole('alertdialog', {
    name: 'Delete everything in the bin (50 items or more) for good?',
  });
  await question.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByText('The bin is empty.').waitFor();
  expect(await inBin()).toBe(0);
});
