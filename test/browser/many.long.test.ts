/** Acting on many photos in a real browser: select, delete, undo, the bin, download, export; words of one's own; zoom; copy. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { soon } from '../support/eventually.ts';
import { currentPage } from '../support/page.ts';
import { client, databaseOf, eventually, file, type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { fingerOn } from './finger.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  noisyPhotos,
  pressInMenu,
  recordFocus,
  untilCards,
  untilDrawn,
  untilViewed,
} from './page.ts';
import { openWindow } from './window.ts';

/** A folder for screenshots, to be looked at. */
const SHOTS = process.env.MANY_SHOTS;

let stack: Stack;
let chromium: Awaited<ReturnType<typeof startBrowser>>;
let window: Awaited<ReturnType<typeof openWindow>>;
let page: Page;

beforeAll(async () => {
  await currentPage();
  [stack, chromium] = await Promise.all([
    startStack({ environment: { CAPTURE_LOCATION: 'on' } }),
    startBrowser(),
  ]);
});
afterAll(async () => {
  await chromium.close();
  await stack.close();
});
beforeEach(() => open());
afterEach(async () => {
  await window.context.close();
  for (const path of ['media', 'bin']) {
    const response = await client(stack).call(`/api/${path}?limit=100`);
    const { media } = (await response.json()) as { media: { id: string }[] };
    const ids = media.map(({ id }) => id);
    if (ids.length > 0) await post('delete', { ids, permanently: true });
  }
  expect(window.complaints).toEqual([]);
});

async function open(options?: BrowserContextOptions): Promise<void> {
  window = await openWindow(chromium.browser, options);
  page = window.page;
}

const post = (path: string, body: unknown) =>
  client(stack).call(`/api/media/${path}`, { method: 'POST', body: JSON.stringify(body) });

async function sendPhotos(...names: string[]): Promise<void> {
  const user = client(stack);
  const { media_ids } = await user.analyze(await Promise.all(names.map(file)));
  await user.results(media_ids);
  await page.goto(stack.url);
  await untilCards(page, 'completed', names.length);
  await page.locator('.ma-more-button').waitFor();
}

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const boxes = () => page.locator('.ma-card input[type=checkbox]');
const shoot = (name: string) =>
  SHOTS === undefined ? undefined : page.screenshot({ path: `${SHOTS}/${name}.png` });

const FOUR = ['02-cat.png', '03-coffee.webp', '05-dogs.jpg', '08-lake.jpg'];

test('a range is selected, deleted, and brought back with one press', async () => {
  await sendPhotos(...FOUR);
  await pressInMenu(page, 'Select');
  const pictures = page.locator('label.ma-card-picture');
  await pictures.nth(0).click();
  await pictures.nth(2).click({ modifiers: ['Shift'] });
  await page.getByText('3 selected').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('select');
  await button('Delete').click();
  await page.getByText('3 moved to the bin.').waitFor();
  await untilCards(page, 'completed', 1);
  expect(await boxes().count()).toBe(0);
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('undo');
  await button('Undo').click();
  await untilCards(page, 'completed', 4);
  await page.getByText('moved to the bin').waitFor({ state: 'detached' });
});

test('the text of a card selects it, or opens it, as its picture does; it can still be marked', async () => {
  await sendPhotos(...FOUR);
  const title = (n: number) => cards(page).nth(n).locator('h3');
  await title(1).click();
  const dialog = page.getByRole('dialog');
  await untilViewed(page, '05-dogs.jpg');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('ma-card-picture'),
  );
  await title(0).click();
  await untilViewed(page, '08-lake.jpg');
  await page.keyboard.press('Escape');
  // Marked by dragging, it is not opened.
  const box = await title(2).boundingBox();
  const y = (box?.y ?? 0) + 10;
  await page.mouse.move((box?.x ?? 0) + 2, y);
  await page.mouse.down();
  await page.mouse.move((box?.x ?? 0) + 60, y, { steps: 4 });
  await page.mouse.up();
  expect(await page.evaluate(() => getSelection()?.toString().length)).toBeGreaterThan(2);
  expect(await dialog.count()).toBe(0);
  await pressInMenu(page, 'Select');
  await title(0).click();
  await page.getByText('1 selected').waitFor();
  await title(2).click({ modifiers: ['Shift'] });
  await page.getByText('3 selected').waitFor();
  await title(1).click();
  await page.getByText('2 selected').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
});

test('by keyboard alone: all are selected and deleted, and Escape ends it', async () => {
  await sendPhotos('02-cat.png', '08-lake.jpg');
  await pressInMenu(page, 'Select');
  await boxes().nth(0).focus();
  await page.keyboard.press('Space');
  await page.getByText('1 selected').waitFor();
  await page.keyboard.press('Escape');
  await boxes().first().waitFor({ state: 'detached' });
  await pressInMenu(page, 'Select');
  await page.getByText('0 selected').waitFor();
  await page.keyboard.press('Control+a');
  await page.getByText('2 selected').waitFor();
  await page.keyboard.press('Delete');
  await page.getByText('Drop photos and videos here').waitFor();
  await button('Undo').press('Enter');
  await untilCards(page, 'completed', 2);
});

test('the bin brings back, and erases for good after a question', async () => {
  await sendPhotos('02-cat.png', '08-lake.jpg');
  await cards(page).first().hover();
  await button('Delete 02-cat.png').click();
  await button('Delete 08-lake.jpg').click();
  await page.reload();
  await page.getByText('Drop photos and videos here').waitFor();
  await pressInMenu(page, 'Bin');
  const dialog = page.getByRole('dialog', { name: 'Bin' });
  await dialog.getByText('30 days left').first().waitFor();
  await untilDrawn(page, '.ma-bin .ma-thumb', 2);
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('bin');
  const focus = await recordFocus(page);
  await dialog.getByRole('button', { name: 'Restore 02-cat.png' }).click();
  await soon(async () => expect(await focus()).toEqual([{ preventScroll: true }]));
  await dialog.getByRole('button', { name: 'Delete 08-lake.jpg' }).click();
  const question = page.getByRole('alertdialog', { name: 'Delete 08-lake.jpg for good?' });
  await question.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByText('The bin is empty.').waitFor();
  await page.keyboard.press('Escape');
  await untilCards(page, 'completed', 1);
  expect(((await (await client(stack).call('/api/bin')).json()) as { media: [] }).media).toEqual(
    [],
  );
});

test('all of the bin is brought back or erased at once', async () => {
  await sendPhotos('02-cat.png', '08-lake.jpg');
  const deleteBoth = async () => {
    await pressInMenu(page, 'Select');
    await button('Select all').click();
    await button('Delete').click();
    await page.getByText('2 moved to the bin.').waitFor();
    await pressInMenu(page, 'Bin');
  };
  await deleteBoth();
  const dialog = page.getByRole('dialog', { name: 'Bin' });
  await dialog.getByRole('button', { name: 'Restore all' }).click();
  await untilCards(page, 'completed', 2);
  await page.keyboard.press('Escape');
  // It would say so of what is back.
  expect(await page.getByText('moved to the bin').count()).toBe(0);
  await deleteBoth();
  await dialog.getByRole('button', { name: 'Empty the bin' }).click();
  expect(await accessibilityProblems(page)).toEqual([]);
  const question = page.getByRole('alertdialog', { name: 'Delete 2 items for good?' });
  await question.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByText('The bin is empty.').waitFor();
});

test.each([
  ['en-GB', 'Empty the bin', 'Delete 1 item for good?', 'Cancel', 'Delete'],
  ['ja-JP', 'ごみ箱を空にする', '1件を完全に削除しますか？', 'キャンセル', '削除'],
])(
  'before it is erased for good, one is asked, and Escape or Cancel closes the question alone: in %s',
  async (locale, empty, text, cancel, remove) => {
    await window.context.close();
    await open({ locale });
    const { media_ids } = await client(stack).analyze([await file('02-cat.png')]);
    await post('delete', { ids: media_ids });
    await page.goto(stack.url);
    await pressInMenu(page, locale === 'ja-JP' ? 'ごみ箱' : 'Bin');
    const bin = page.locator('.ma-bin');
    await bin.getByRole('button', { name: empty }).click();
    const question = page.getByRole('alertdialog', { name: text });
    await question.waitFor();
    // A dialog that is closed has no role any more, a moment before its button opens another one.
    const gone = () => page.locator('.ma-question').waitFor({ state: 'detached' });
    await soon(async () =>
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(cancel),
    );
    expect(await accessibilityProblems(page)).toEqual([]);
    await shoot(`question-${locale}`);
    await page.keyboard.press('Escape');
    await gone();
    await soon(async () =>
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(empty),
    );
    await bin.locator('li').waitFor();
    await bin.getByRole('button', { name: empty }).press('Enter');
    await question.getByRole('button', { name: cancel }).click();
    await gone();
    await bin.locator('li').waitFor();
    await bin.getByRole('button', { name: empty }).click();
    await question.getByRole('button', { name: remove }).click();
    await bin.locator('li').waitFor({ state: 'detached' });
    await soon(async () =>
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('UL'),
    );
  },
);

test.each([1280, 390])(
  '%i pixels wide, the full view begins with its title, and Close is the next',
  async (width) => {
    await page.setViewportSize({ width, height: 780 });
    await sendPhotos('02-cat.png', '08-lake.jpg');
    const card = cards(page).getByRole('button', { name: /^Open.*08-lake/ });
    await card.press('Enter');
    const dialog = page.getByRole('dialog');
    const heading = dialog.getByRole('heading', { level: 2 });
    await untilDrawn(page, '.ma-picture img');
    expect(await heading.evaluate((each) => each === document.activeElement)).toBe(true);
    // The picture is what is seen first.
    expect(await dialog.evaluate((each) => each.scrollTop)).toBe(0);
    const focused = () => page.evaluate(() => document.activeElement?.ariaLabel);
    await page.keyboard.press('ArrowRight');
    await untilViewed(page, '02-cat.png');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').getAttribute('title')).toBe('Close');
    const close = await dialog.getByRole('button', { name: 'Close' }).boundingBox();
    expect(close && close.y + close.height <= 780 && close.x > width / 2).toBe(true);
    expect(await accessibilityProblems(page)).toEqual([]);
    await shoot(`details-${width}`);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    // At the one that was shown last.
    await soon(async () => expect(await focused()).toMatch(/^Open.*02-cat/));
  },
);

test('the full view saves the original under its name, and deletes it with undo', async () => {
  await sendPhotos('02-cat.png', '08-lake.jpg');
  await cards(page)
    .getByRole('button', { name: /^Open.*08-lake/ })
    .click();
  const dialog = page.getByRole('dialog');
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Download' }).click(),
  ]);
  expect(saved.suggestedFilename()).toBe('08-lake.jpg');
  expect(readFileSync(await saved.path()).length).toBe((await file('08-lake.jpg')).size);
  expect(await accessibilityProblems(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Moved to the bin.').waitFor();
  await untilCards(page, 'completed', 1);
  await untilViewed(page, '02-cat.png');
  expect(await page.getByRole('alert').count()).toBe(0);
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('deleted-in-full-view');
  // The notice lies above the full view, and can be pressed.
  await button('Undo').click();
  await untilViewed(page, '08-lake.jpg');
  await untilCards(page, 'completed', 2);
});

test('the selected are downloaded in one archive, and exported as a table', async () => {
  await sendPhotos('02-cat.png', '08-lake.jpg');
  await pressInMenu(page, 'Select');
  await button('Select all').click();
  const saved = async (press: () => Promise<void>) => {
    const [download] = await Promise.all([page.waitForEvent('download'), press()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  };
  const zip = await saved(() => button('Download').click());
  expect(zip.name).toMatch(/^media-.*\.zip$/);
  expect(zip.bytes.subarray(0, 4).toString()).toBe('PK\u0003\u0004');
  expect(zip.bytes.includes('08-lake.jpg')).toBe(true);
  await pressInMenu(page, 'Export…', '.ma-many-bar');
  await shoot('export');
  const formats = page
    .getByRole('dialog', { name: 'Export as' })
    .locator('.ma-options-buttons button');
  // The dialog comes with a script of its own.
  await formats.first().waitFor();
  expect(await formats.allTextContents()).toEqual([
    ...['Table (CSV)', 'JSON', 'JSON lines (NDJSON)'],
  ]);
  expect(await accessibilityProblems(page)).toEqual([]);
  // Escape closes what was opened last, and keeps what was selected.
  await page.keyboard.press('Escape');
  await formats.first().waitFor({ state: 'detached' });
  await page.getByText('2 selected').waitFor();
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toBe('More'),
  );
  await pressInMenu(page, 'Export…', '.ma-many-bar');
  const table = await saved(() => button('Table (CSV)').click());
  expect(table.name).toMatch(/\.csv$/);
  expect(table.bytes.toString().split('\r\n')).toHaveLength(4);
});

test('a title, summary and tags of one’s own are written, found, and taken back', async () => {
  await sendPhotos('02-cat.png');
  await cards(page).getByRole('button', { name: /^Open/ }).click();
  const dialog = page.getByRole('dialog');
  const model = await dialog.getByRole('heading', { level: 2 }).textContent();
  await dialog.getByRole('button', { name: 'Edit title, summary and tags' }).click();
  // It ends the writing, and not the full view.
  await dialog.getByLabel('Title').press('Escape');
  await dialog.getByRole('button', { name: 'Edit title, summary and tags' }).press('Enter');
  await dialog.getByLabel('Title').fill('Grandmother’s cat');
  await dialog.getByLabel('Summary').fill('She had it for years.\n\nIt slept on a piano.');
  await dialog.getByLabel('Tags').fill(`family, ${'a long story '.repeat(6)}`);
  await dialog.getByLabel('Tags').press('Enter');
  await dialog.getByRole('alert').getByText('“a long story a long stor…” is too long').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await dialog.getByLabel('Tags').fill('family, 猫、old');
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('edit');
  await dialog.getByLabel('Tags').press('Enter');
  await dialog.getByRole('heading', { name: 'Grandmother’s cat' }).waitFor();
  await dialog.getByText('Edited by you').waitFor();
  const { media } = (await (await client(stack).call('/api/media?q=piano')).json()) as {
    media: { edits: unknown }[];
  };
  expect(media[0]?.edits).toEqual({
    title: 'Grandmother’s cat',
    summary: 'She had it for years.\n\nIt slept on a piano.',
    tags: ['family', '猫', 'old'],
  });
  await dialog.getByRole('button', { name: 'Edit title, summary and tags' }).click();
  await dialog.getByRole('button', { name: 'Restore the model’s words' }).click();
  await dialog.getByRole('heading', { name: model ?? '', level: 2 }).waitFor();
});

test('tags are added to the selected, and what failed is named and tried again', async () => {
  await sendPhotos('02-cat.png', '08-lake.jpg');
  const tagsOf = async () => {
    const response = await client(stack).call('/api/media');
    const { media } = (await response.json()) as { media: { analytics: { tags: string[] } }[] };
    return media.map(({ analytics }) => analytics.tags);
  };
  const before = await tagsOf();
  const failing = `**/api/media/${await cards(page).first().getAttribute('data-media-id')}`;
  await pressInMenu(page, 'Select');
  await button('Select all').click();
  await page.route(failing, (route) => route.fulfill({ status: 503 }));
  await pressInMenu(page, 'Add tags…', '.ma-many-bar');
  const dialog = page.getByRole('dialog', { name: 'Add tags' });
  await dialog.getByLabel('Tags').fill('a long story '.repeat(6));
  await dialog.getByLabel('Tags').press('Enter');
  await dialog.getByRole('alert').getByText('is too long').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('tags');
  await dialog.getByLabel('Tags').fill('trip, 猫、trip');
  await dialog.getByRole('button', { name: 'Add tags' }).click();
  await page.getByText('Tags added to 1 of 2.').waitFor();
  await page.getByText(/^“.*” was not saved/).waitFor();
  await shoot('tags-failed');
  await page.unroute(failing);
  window.complaints.length = 0;
  await button('Retry').click();
  await soon(async () =>
    expect(await tagsOf()).toEqual(before.map((tags) => [...tags, 'trip', '猫'])),
  );
});

test('a picture is zoomed by keys, wheel, double click and buttons, and the original is loaded then', async () => {
  await sendPhotos('02-cat.png', '08-lake.jpg');
  await cards(page).getByRole('button', { name: /^Open/ }).first().click();
  await untilDrawn(page, '.ma-picture img');
  const scale = () =>
    page.evaluate(() => {
      const inner = document.querySelector('.ma-zoom-frame > div');
      return new DOMMatrix(inner ? getComputedStyle(inner).transform : '').a;
    });
  expect(await scale()).toBe(1);
  await page.keyboard.press('+');
  expect(await scale()).toBe(1.5);
  await untilDrawn(page, '.ma-picture-original');
  await page.keyboard.press('0');
  expect(await scale()).toBe(1);
  await page.locator('.ma-zoom-frame').dblclick();
  expect(await scale()).toBe(2.5);
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('zoom');
  await page.locator('.ma-zoom-frame').dblclick();
  await page.mouse.wheel(0, -300);
  expect(await scale()).toBeGreaterThan(2);
  await page.getByRole('button', { name: 'Zoom out' }).click();
  await page.getByRole('button', { name: 'Zoom out' }).click();
  expect(await scale()).toBeLessThan(1.5);
});

test('the place is a link only where the person allowed it, and nothing is loaded before', async () => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).hostname));
  await sendPhotos('22-located.tiff');
  await cards(page).getByRole('button', { name: /^Open/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('More details').click();
  await dialog.getByRole('button', { name: 'Link to a map…' }).waitFor();
  expect(await dialog.getByRole('link', { name: 'Open on OpenStreetMap' }).count()).toBe(0);
  await dialog.getByRole('button', { name: 'Link to a map…' }).click();
  const link = dialog.getByRole('link', { name: 'Open on OpenStreetMap' });
  expect(await link.getAttribute('href')).toMatch(
    /^https:\/\/www\.openstreetmap\.org\/\?mlat=-?\d/,
  );
  expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
  // One below the other, and nothing breaks within a word, nor has a line of its own.
  const place = dialog.locator('.ma-place');
  expect(await place.evaluate((row) => getComputedStyle(row).borderBottomWidth)).toBe('0px');
  const lefts = await place.locator('> *').evaluateAll((parts) => {
    return parts.map((part) => part.getBoundingClientRect().left);
  });
  expect(new Set(lefts).size).toBe(1);
  for (const one of [place.locator('span').first(), link, place.getByRole('button')]) {
    expect((await one.boundingBox())?.height).toBeLessThan(40);
  }
  await shoot('place');
  // What the cards say of their place in the line is not said here.
  const before = (place: Element) => getComputedStyle(place, '::before').content;
  expect(await dialog.locator('.ma-place').evaluate(before)).toBe('none');
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(asked.filter((host) => !/^(127\.0\.0\.1|localhost)$/.test(host))).toEqual([]);
});

test('the text of a picture is copied with one press', async () => {
  await sendPhotos('02-cat.png');
  const db = databaseOf(stack);
  const id = (await cards(page).getAttribute('data-media-id')) ?? '';
  await db.doc(`media/${id}`).update({ 'analytics.text': '東京駅前\nOPEN DAILY' });
  await db.terminate();
  await window.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.reload();
  await cards(page).getByRole('button', { name: /^Open/ }).click();
  await button('Copy').click();
  await button('Copied').waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('東京駅前\nOPEN DAILY');
  expect(await accessibilityProblems(page)).toEqual([]);
});

test('a swipe turns to the next photo, and two fingers zoom', async () => {
  await window.context.close();
  await open({ viewport: { width: 390, height: 780 }, hasTouch: true });
  await sendPhotos('02-cat.png', '08-lake.jpg');
  await cards(page).getByRole('button', { name: /^Open/ }).first().click();
  await untilDrawn(page, '.ma-slide:not([data-side]) img');
  const dialog = page.getByRole('dialog');
  const shown = () => dialog.locator('.ma-details-facts h2').textContent();
  const first = await shown();
  // What closes the view lies on no other button.
  const [closes, turns] = await Promise.all(
    ['Close', 'Next'].map((name) => dialog.getByRole('button', { name }).boundingBox()),
  );
  expect((turns?.y ?? 0) + (turns?.height ?? 0)).toBeLessThanOrEqual(closes?.y ?? 0);
  const box = await page.locator('.ma-slide:not([data-side]) .ma-zoom-frame').boundingBox();
  const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2];
  const finger = await fingerOn(page);
  await finger.down(x + 60, y);
  await finger.moveTo(x - 70, y);
  await finger.up();
  await eventually(async () => (await shown()) !== first || undefined);
  await untilDrawn(page, '.ma-slide:not([data-side]) img');
  await page.locator('.ma-details[data-moved]').waitFor({ state: 'detached' });
  await finger.down(x - 20, y);
  await finger.addSecond(x + 20, y);
  await finger.moveTo(x - 100, y);
  await finger.up();
  await page.locator('.ma-zoom-frame[data-zoomed]').waitFor();
});

test('on a phone, a tall picture fills most of the screen, and the rest is below it', async () => {
  await window.context.close();
  const height = 780;
  await open({ viewport: { width: 390, height }, hasTouch: true });
  await page.goto(stack.url);
  await choose(page, await noisyPhotos(1, { width: 900, height: 1600 }));
  await untilCards(page, 'completed', 1);
  await cards(page).getByRole('button', { name: /^Open/ }).click();
  await untilDrawn(page, '.ma-picture img');
  const picture = await page.locator('.ma-picture').boundingBox();
  expect(picture?.height).toBeGreaterThan(height * 0.7);
  const dialog = page.getByRole('dialog');
  await dialog.getByText('More details').scrollIntoViewIfNeeded();
  const scrolled = await dialog.evaluate((each) => each.scrollTop);
  expect(scrolled).toBeGreaterThan(0);
  // Wherever one is, it can be closed.
  await dialog.getByRole('button', { name: 'Close' }).click();
  await dialog.waitFor({ state: 'detached' });
});

test('on a phone, in Japanese', async () => {
  await window.context.close();
  await open({ locale: 'ja-JP', viewport: { width: 390, height: 780 }, hasTouch: true });
  await client(stack).analyze(await Promise.all(FOUR.map(file)));
  await page.goto(stack.url);
  await untilCards(page, 'completed', 4);
  await pressInMenu(page, '選択');
  await button('すべて選択').click();
  await page.getByText('4件を選択中').waitFor();
  const width = () => page.evaluate(() => document.documentElement.scrollWidth);
  expect(await width()).toBe(390);
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('phone-select');
  await button('削除').click();
  await page.getByText('4件をごみ箱に移動しました。').waitFor();
  await shoot('phone-undo');
  await pressInMenu(page, 'ごみ箱');
  await page.getByRole('dialog', { name: 'ごみ箱' }).getByText('残り30日').first().waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('phone-bin');
});
