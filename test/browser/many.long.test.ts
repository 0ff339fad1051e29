/** Acting on many photos in a real browser: select, delete, undo, the bin, download, export; words of one's own; zoom; copy. */
import { readFileSync } from 'node:fs';
import { Firestore } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { currentPage } from '../support/page.ts';
import { client, eventually, file, type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  noisyPhotos,
  recordFocus,
  untilCards,
  untilDrawn,
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
  await client(stack).analyze(await Promise.all(names.map(file)));
  await page.goto(stack.url);
  await untilCards(page, 'completed', names.length);
  await button('Select').waitFor();
}

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const boxes = () => page.locator('.ma-card input[type=checkbox]');
const shoot = (name: string) =>
  SHOTS === undefined ? undefined : page.screenshot({ path: `${SHOTS}/${name}.png` });

const FOUR = ['02-cat.png', '03-coffee.webp', '05-dogs.jpg', '08-lake.jpg'];

test('a range is selected, deleted, and brought back with one press', async () => {
  await sendPhotos(...FOUR);
  await button('Select').click();
  await boxes().nth(0).click();
  await boxes()
    .nth(2)
    .click({ modifiers: ['Shift'] });
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

test('by keyboard alone: all are selected and deleted, and Escape ends it', async () => {
  await sendPhotos('02-cat.png', '08-lake.jpg');
  await button('Select').press('Enter');
  await boxes().nth(0).focus();
  await page.keyboard.press('Space');
  await page.getByText('1 selected').waitFor();
  await page.keyboard.press('Escape');
  await boxes().first().waitFor({ state: 'detached' });
  await button('Select').press('Enter');
  await page.getByText('0 selected').waitFor();
  await page.keyboard.press('Control+a');
  await page.getByText('2 selected').waitFor();
  await page.keyboard.press('Delete');
  await page.getByText('Nothing here yet').waitFor();
  await button('Undo').press('Enter');
  await untilCards(page, 'completed', 2);
});

test('the bin brings back, and erases for good after a second press', async () => {
  await sendPhotos('02-cat.png', '08-lake.jpg');
  await cards(page).first().hover();
  await button('Delete 02-cat.png').click();
  await button('Delete 08-lake.jpg').click();
  await page.reload();
  await page.getByText('Nothing here yet').waitFor();
  await button('Bin').click();
  const dialog = page.getByRole('dialog', { name: 'Bin' });
  await dialog.getByText('30 days left').first().waitFor();
  await untilDrawn(page, '.ma-bin .ma-thumb', 2);
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('bin');
  const focus = await recordFocus(page);
  await dialog.getByRole('button', { name: 'Restore 02-cat.png' }).click();
  expect(await focus()).toEqual([{ preventScroll: true }]);
  await dialog.getByRole('button', { name: 'Delete 08-lake.jpg' }).click();
  await dialog.getByRole('button', { name: /Delete for good/ }).click();
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
    await button('Select').click();
    await button('Select all').click();
    await button('Delete').click();
    await page.getByText('2 moved to the bin.').waitFor();
    await button('Bin').click();
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
  await dialog.getByRole('button', { name: 'Delete for good? everything in the bin' }).click();
  await dialog.getByText('The bin is empty.').waitFor();
});

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
  expect(await dialog.count()).toBe(0);
  expect(page.url()).toBe(`${stack.url}/`);
  expect(await page.getByRole('alert').count()).toBe(0);
  // The focus is not lost with the card.
  expect(await page.evaluate(() => document.activeElement?.className)).toBe('ma-gallery');
  await button('Undo').click();
  await untilCards(page, 'completed', 2);
});

test('the selected are downloaded in one archive, and exported as a table', async () => {
  await sendPhotos('02-cat.png', '08-lake.jpg');
  await button('Select').click();
  await button('Select all').click();
  const saved = async (press: () => Promise<void>) => {
    const [download] = await Promise.all([page.waitForEvent('download'), press()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  };
  const zip = await saved(() => button('Download').click());
  expect(zip.name).toMatch(/^media-.*\.zip$/);
  expect(zip.bytes.subarray(0, 4).toString()).toBe('PK\u0003\u0004');
  expect(zip.bytes.includes('08-lake.jpg')).toBe(true);
  const exporter = await button('Export…').boundingBox();
  // Two presses at one place open it, and do no more: nothing comes to lie under the pointer.
  await button('Export…').dblclick();
  await shoot('export');
  expect(await button('Export…').boundingBox()).toEqual(exporter);
  const formats = page.getByRole('group', { name: 'Export as' }).getByRole('button');
  expect(await formats.allTextContents()).toEqual([
    ...['Table (CSV)', 'JSON', 'JSON lines (NDJSON)'],
  ]);
  // Escape closes what was opened last, and keeps what was selected.
  await page.keyboard.press('Escape');
  await formats.first().waitFor({ state: 'detached' });
  await page.getByText('2 selected').waitFor();
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Export…');
  await page.keyboard.press('Enter');
  const table = await saved(() => button('Table (CSV)').click());
  expect(table.name).toMatch(/\.csv$/);
  expect(table.bytes.toString().split('\r\n')).toHaveLength(4);
});

test('a title and tags of one’s own are written, found, and taken back', async () => {
  await sendPhotos('02-cat.png');
  await cards(page).getByRole('button', { name: /^Open/ }).click();
  const dialog = page.getByRole('dialog');
  const model = await dialog.getByRole('heading', { level: 2 }).textContent();
  await dialog.getByRole('button', { name: 'Edit title and tags' }).click();
  // It ends the writing, and not the full view.
  await dialog.getByLabel('Title').press('Escape');
  await dialog.getByRole('button', { name: 'Edit title and tags' }).press('Enter');
  await dialog.getByLabel('Title').fill('Grandmother’s cat');
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
  const { media } = (await (await client(stack).call('/api/media?q=grandmother')).json()) as {
    media: { edits: unknown }[];
  };
  expect(media[0]?.edits).toEqual({ title: 'Grandmother’s cat', tags: ['family', '猫', 'old'] });
  await dialog.getByRole('button', { name: 'Edit title and tags' }).click();
  await dialog.getByRole('button', { name: 'Use the words of the model' }).click();
  await dialog.getByRole('heading', { name: model ?? '', level: 2 }).waitFor();
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
  await dialog.getByRole('button', { name: 'Link to a map…' }).waitFor();
  expect(await dialog.getByRole('link', { name: 'Open on OpenStreetMap' }).count()).toBe(0);
  await dialog.getByRole('button', { name: 'Link to a map…' }).click();
  const link = dialog.getByRole('link', { name: 'Open on OpenStreetMap' });
  expect(await link.getAttribute('href')).toMatch(
    /^https:\/\/www\.openstreetmap\.org\/\?mlat=-?\d/,
  );
  expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
  // What the cards say of their place in the line is not said here.
  const before = (place: Element) => getComputedStyle(place, '::before').content;
  expect(await dialog.locator('.ma-place').evaluate(before)).toBe('none');
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(asked.filter((host) => !/^(127\.0\.0\.1|localhost)$/.test(host))).toEqual([]);
});

test('the text of a picture is copied with one press', async () => {
  await sendPhotos('02-cat.png');
  const { GOOGLE_CLOUD_PROJECT: projectId = '', FIRESTORE_EMULATOR_HOST: host = '' } =
    stack.environment;
  const db = new Firestore({ projectId, host, ssl: false });
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
  await untilDrawn(page, '.ma-picture img');
  const dialog = page.getByRole('dialog');
  const shown = () => dialog.locator('.ma-details-file').textContent();
  const first = await shown();
  const box = await page.locator('.ma-zoom-frame').boundingBox();
  const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2];
  const session = await page.context().newCDPSession(page);
  /** Fingers at so many pixels beside the middle, one after the other; then they leave. */
  const touch = async (...steps: number[][]) => {
    for (const [n, fingers] of steps.entries()) {
      const touchPoints = fingers.map((beside, finger) => ({ x: x + beside, y, id: finger }));
      const type = n === 0 ? 'touchStart' : 'touchMove';
      await session.send('Input.dispatchTouchEvent', { type, touchPoints });
    }
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  };
  await touch([60], [20], [-30], [-70]);
  await eventually(async () => (await shown()) !== first || undefined);
  await untilDrawn(page, '.ma-picture img');
  await touch([-20, 20], [-30, 30], [-45, 45], [-60, 60]);
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
  await dialog.getByRole('button', { name: 'Edit title and tags' }).scrollIntoViewIfNeeded();
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
  const line = ['選択', 'ごみ箱', '再解析…'].map((name) => button(name).boundingBox());
  expect(new Set((await Promise.all(line)).map((box) => box?.y)).size).toBe(1);
  await button('選択').click();
  await button('すべて選択').click();
  await page.getByText('4件を選択中').waitFor();
  const width = () => page.evaluate(() => document.documentElement.scrollWidth);
  expect(await width()).toBe(390);
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('phone-select');
  await button('削除').click();
  await page.getByText('4件をごみ箱に移動しました。').waitFor();
  await shoot('phone-undo');
  await button('ごみ箱').click();
  await page.getByRole('dialog', { name: 'ごみ箱' }).getByText('残り30日').first().waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('phone-bin');
});
