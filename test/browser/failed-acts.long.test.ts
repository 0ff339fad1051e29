/** What a person asked for and the service did not do: it is said in sight, and one press tries it again. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { client, eventually, file } from '../support/stack.ts';
import { accessibilityProblems, cards, pressInMenu, untilCards, untilViewed } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';

const NARROW = { width: 390, height: 520 };
const FIVE = ['02-cat.png', '03-coffee.webp', '05-dogs.jpg', '08-lake.jpg', '06-osprey.jpg'];
const TEXTS = {
  'en-GB': {
    remove: 'Delete',
    retry: 'Retry',
    close: 'Close',
    select: 'Select',
    all: 'Select all',
    one: '“02-cat.png” was not deleted.',
    two: '2 files were not deleted.',
    bin: 'Bin',
    restoreOf: 'Restore 02-cat.png',
    back: '“02-cat.png” was not restored.',
  },
  'ja-JP': {
    remove: '削除',
    retry: '再試行',
    close: '閉じる',
    select: '選択',
    all: 'すべて選択',
    one: '「02-cat.png」を削除できませんでした。',
    two: '2件を削除できませんでした。',

    bin: 'ごみ箱',
    restoreOf: '02-cat.pngを元に戻す',
    back: '「02-cat.png」を復元できませんでした。',
  },
} as const;

let photos: Photos;
beforeAll(async () => {
  photos = await startPhotos();
});
afterEach(async () => {
  await photos.removeAll();
  const user = client(photos.stack);
  const bin = (await (await user.call('/api/bin')).json()) as { media: { id: string }[] };
  const body = JSON.stringify({ ids: bin.media.map(({ id }) => id), permanently: true });
  if (bin.media.length > 0) await user.call('/api/media/delete', { method: 'POST', body });
});
afterAll(() => photos.close());

async function open(locale: string, names: readonly string[]) {
  const user = client(photos.stack);
  for (const name of names) await user.analyze([await file(name)]);
  const window = await photos.open({ locale, viewport: NARROW });
  const { page } = window;
  await page.goto(photos.stack.url);
  await untilCards(page, 'completed', names.length);
  return window;
}

const button = (page: Page | Locator, name: string) =>
  page.getByRole('button', { name, exact: true });

/** All of it is in the window, without scrolling. */
async function isInSight(notice: Locator): Promise<boolean> {
  const box = await notice.boundingBox();
  return box !== null && box.y >= 0 && box.y + box.height <= NARROW.height;
}

test.each(['en-GB', 'ja-JP'] as const)(
  'a delete that failed says so in sight, and is tried again or closed: in %s',
  async (locale) => {
    const words = TEXTS[locale];
    const { page, context } = await open(locale, FIVE);
    await page.locator('.ma-more-button').waitFor();
    let refused = 0;
    await page.route('**/api/media/*', (route) => {
      if (route.request().method() !== 'DELETE') return route.fallback();
      refused++;
      return route.abort();
    });
    // The first that was sent is the last in the list.
    const last = cards(page).last();
    await last.scrollIntoViewIfNeeded();
    const remove = locale === 'ja-JP' ? '02-cat.pngを削除' : 'Delete 02-cat.png';
    await button(last, remove).click();
    const notice = page.getByRole('alert');
    await notice.getByText(words.one).waitFor();
    expect(await page.evaluate(() => scrollY)).toBeGreaterThan(0);
    expect(await isInSight(notice)).toBe(true);
    expect(await accessibilityProblems(page)).toEqual([]);
    await button(notice, words.close).click();
    await notice.waitFor({ state: 'detached' });
    await button(last, remove).click();
    await notice.waitFor();
    await button(cards(page).first(), remove.replace('02-cat.png', '06-osprey.jpg')).click();
    await notice.getByText(words.two).waitFor();
    // Another try that fails keeps it.
    const both = refused + 2;
    await button(notice, words.retry).click();
    await eventually(async () => refused >= both || undefined);
    await notice.getByText(words.two).waitFor();
    await page.unrouteAll();
    await button(notice, words.retry).click();
    await notice.waitFor({ state: 'detached' });
    await untilCards(page, 'completed', 3);
    // The focus is not lost with what was pressed.
    const focused = () => document.activeElement?.closest('section')?.className;
    await eventually(async () => (await page.evaluate(focused)) === 'ma-many-undo' || undefined);
    await context.close();
  },
);

test('in the full view, what was not deleted is said above it, and is there to turn to', async () => {
  const { page, context } = await open('en-GB', FIVE.slice(0, 2));
  await page.locator('.ma-more-button').waitFor();
  await page.route('**/api/media/*', (route) =>
    route.request().method() === 'DELETE' ? route.abort() : route.fallback(),
  );
  await page.getByRole('button', { name: /^Open.*03-coffee/ }).click();
  const dialog = page.getByRole('dialog');
  await button(dialog, 'Delete').click();
  await untilViewed(page, '02-cat.png');
  const notice = dialog.getByRole('alert');
  await notice.getByText('“03-coffee.webp” was not deleted.').waitFor();
  expect(await isInSight(notice)).toBe(true);
  await page.keyboard.press('ArrowLeft');
  await untilViewed(page, '03-coffee.webp');
  await page.unrouteAll();
  await page.keyboard.press('ArrowRight');
  await button(notice, 'Retry').click();
  await notice.waitFor({ state: 'detached' });
  await untilCards(page, 'completed', 1);
  // The keys still reach the view.
  expect(await dialog.evaluate((each) => each.contains(document.activeElement))).toBe(true);
  await context.close();
});

test('what failed and what can be undone stand above each other', async () => {
  const { page, context } = await open('en-GB', FIVE.slice(0, 3));
  await page.locator('.ma-more-button').waitFor();
  await button(page, 'Delete 02-cat.png').click();
  await page.getByText('Moved to the bin.').waitFor();
  await page.route('**/api/media/*', (route) => route.fulfill({ status: 503, body: '' }));
  await button(page, 'Delete 05-dogs.jpg').click();
  const notice = page.getByRole('alert');
  await notice.getByText('“05-dogs.jpg” was not deleted.').waitFor();
  await button(page, 'Undo').hover();
  const boxes = await Promise.all(
    [notice, page.locator('.ma-many-undo')].map((each) => each.boundingBox()),
  );
  const [above, below] = boxes;
  expect((above?.y ?? 0) + (above?.height ?? 0)).toBeLessThanOrEqual(below?.y ?? 0);
  await context.close();
});

test.each(['en-GB', 'ja-JP'] as const)(
  'what failed for many is tried again from where it is said: in %s',
  async (locale) => {
    const words = TEXTS[locale];
    const { page, context } = await open(locale, FIVE.slice(0, 2));
    const refuse = () =>
      page.route('**/api/media/*', (route) => route.fulfill({ status: 503, body: '' }));
    await pressInMenu(page, words.select);
    await button(page, words.all).click();
    await refuse();
    await button(page, words.remove).click();
    const notice = page.getByRole('alert');
    await notice.getByText(words.two).waitFor();
    expect(await isInSight(notice)).toBe(true);
    expect(await accessibilityProblems(page)).toEqual([]);
    await button(notice, words.close).click();
    await notice.waitFor({ state: 'detached' });
    await button(page, words.remove).click();
    await notice.waitFor();
    await page.unrouteAll();
    await button(notice, words.retry).click();
    await untilCards(page, 'completed', 0);
    await notice.waitFor({ state: 'detached' });
    await pressInMenu(page, words.bin);
    const dialog = page.getByRole('dialog');
    await dialog.getByText('02-cat.png').waitFor();
    await refuse();
    await button(dialog.locator('li', { hasText: '02-cat.png' }), words.restoreOf).click();
    await notice.getByText(words.back).waitFor();
    expect(await isInSight(notice)).toBe(true);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.unrouteAll();
    await button(notice, words.retry).click();
    await notice.waitFor({ state: 'detached' });
    await untilCards(page, 'completed', 1);
    await context.close();
  },
);

/** From now on what is deleted is gone, and the page is not told so by the answer. */
const loseAnswers = (page: Page, path: string, method: string) =>
  page.route(path, async (route) => {
    if (route.request().method() !== method) return route.fallback();
    await route.fetch();
    await route.abort('connectionreset');
  });

test.each(['en-GB', 'ja-JP'] as const)(
  'a delete whose answer was lost is told as any other when the page hears that it was done: in %s',
  async (locale) => {
    const { page, context } = await open(locale, FIVE.slice(0, 2));
    await page.locator('.ma-more-button').waitFor();
    await loseAnswers(page, '**/api/media/*', 'DELETE');
    await button(page, locale === 'ja-JP' ? '02-cat.pngを削除' : 'Delete 02-cat.png').click();
    await untilCards(page, 'completed', 1);
    const undo = page.locator('.ma-many-undo');
    await undo.waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    expect(await accessibilityProblems(page)).toEqual([]);
    await button(undo, locale === 'ja-JP' ? '元に戻す' : 'Undo').click();
    await untilCards(page, 'completed', 2);
    await context.close();
  },
);

test('so it is for many that were selected', async () => {
  const { page, context } = await open('en-GB', FIVE.slice(0, 3));
  await pressInMenu(page, 'Select');
  const boxes = page.locator('.ma-card input[type=checkbox]');
  await boxes.first().check();
  await boxes.last().check();
  await loseAnswers(page, '**/api/media/delete', 'POST');
  await button(page.locator('.ma-many-bar'), 'Delete').click();
  await untilCards(page, 'completed', 1);
  const undo = page.locator('.ma-many-undo');
  await undo.getByText('Moved to the bin').waitFor();
  expect([
    await page.getByRole('alert').count(),
    await page.locator('.ma-many-bar').count(),
  ]).toEqual([0, 0]);
  await button(undo, 'Undo').click();
  await untilCards(page, 'completed', 3);
  await context.close();
});
