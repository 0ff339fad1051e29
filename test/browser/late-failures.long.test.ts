/** What is asked for many and fails when the bar is closed already: it is said, and one press tries it again. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { client, file } from '../support/stack.ts';
import { accessibilityProblems, pressInMenu, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';

const WORDS = {
  'en-GB': {
    select: 'Select',
    all: 'Select all',
    remove: 'Delete',
    done: 'Done',
    retry: 'Retry',
    undo: '2 moved to the bin.',
    failed: '2 files were not deleted.',
  },
  'ja-JP': {
    select: '選択',
    all: 'すべて選択',
    remove: '削除',
    done: '完了',
    retry: '再試行',
    undo: '2件をごみ箱に移動しました。',
    failed: '2件を削除できませんでした。',
  },
} as const;

let photos: Photos;
beforeAll(async () => {
  photos = await startPhotos();
});
afterEach(() => photos.removeAll());
afterAll(() => photos.close());

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function open(locale: string, names: readonly string[]) {
  for (const name of names) await client(photos.stack).analyze([await file(name)]);
  const window = await photos.open({ locale });
  await window.page.goto(photos.stack.url);
  await untilCards(window.page, 'completed', names.length);
  return window;
}

/** Holds what is asked of an address back, until it is let fail. */
async function hold(page: Page, address: string) {
  const asked = Promise.withResolvers<void>();
  const failing = Promise.withResolvers<void>();
  await page.route(address, async (route) => {
    asked.resolve();
    await failing.promise;
    await route.fulfill({ status: 503, body: '' });
  });
  return { asked: asked.promise, fail: () => failing.resolve() };
}

test.each(['en-GB', 'ja-JP'] as const)(
  'a delete that fails after Done says so, is tried again, and can be undone: in %s',
  async (locale) => {
    const words = WORDS[locale];
    const { page, context } = await open(locale, ['02-cat.png', '05-dogs.jpg']);
    await pressInMenu(page, words.select);
    await button(page, words.all).click();
    const held = await hold(page, '**/api/media/delete');
    await button(page, words.remove).click();
    await held.asked;
    await button(page, words.done).click();
    held.fail();
    const notice = page.getByRole('alert');
    await notice.getByText(words.failed).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    // Another try that fails keeps it.
    const refused = page.waitForResponse('**/api/media/delete');
    await notice.getByRole('button', { name: words.retry }).click();
    await refused;
    await notice.getByRole('button', { name: words.retry, disabled: false }).waitFor();
    await notice.getByText(words.failed).waitFor();
    await page.unrouteAll();
    await notice.getByRole('button', { name: words.retry }).click();
    await page.getByText(words.undo).waitFor();
    await notice.waitFor({ state: 'detached' });
    await untilCards(page, 'completed', 0);
    await context.close();
  },
);

test.each([
  ['a ZIP', 'Download', '**/api/media/download*', '“02-cat.png” was not downloaded.'],
  ['an export', 'Export…', '**/api/media/export*', '“02-cat.png” was not exported.'],
])('%s that fails after Escape says so, and is tried again', async (_, act, address, text) => {
  const { page, context } = await open('en-GB', ['02-cat.png']);
  await pressInMenu(page, 'Select');
  await button(page, 'Select all').click();
  const held = await hold(page, address);
  if (act === 'Download') await button(page, act).click();
  else {
    await pressInMenu(page, act, '.ma-many-bar');
    await button(page, 'JSON').click();
  }
  await held.asked;
  await page.keyboard.press('Escape');
  await button(page, 'Done').waitFor({ state: 'detached' });
  held.fail();
  const notice = page.getByRole('alert');
  await notice.getByText(text).waitFor();
  await page.unrouteAll();
  const saved = page.waitForEvent('download');
  await notice.getByRole('button', { name: 'Retry' }).click();
  await saved;
  await notice.waitFor({ state: 'detached' });
  await context.close();
});

test('a delete that ends after Done leaves the selection that has begun since', async () => {
  const { page, context } = await open('en-GB', ['02-cat.png', '05-dogs.jpg']);
  await pressInMenu(page, 'Select');
  await page.locator('.ma-card input[type=checkbox]').first().click();
  const going = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  await page.route('**/api/media/delete', async (route) => {
    asked.resolve();
    await going.promise;
    await route.continue();
  });
  await button(page, 'Delete').click();
  await asked.promise;
  await button(page, 'Done').click();
  await pressInMenu(page, 'Select');
  await page.locator('.ma-card input[type=checkbox]').last().click();
  going.resolve();
  await page.getByText('Moved to the bin.').waitFor();
  await page.getByText('1 selected').waitFor();
  await context.close();
});
