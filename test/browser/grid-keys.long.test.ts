/** The grid of photos by keyboard alone, and its check marks, in a real browser. */
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { BrowserContextOptions } from 'playwright-core';
import { soon } from '../support/eventually.ts';
import { ordinary } from '../support/library.ts';
import { client, eventually, photo, TEN_PHOTOS } from '../support/stack.ts';
import { fingerOn } from './finger.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  photoPaths,
  pressInMenu,
  slowDown,
  untilCards,
} from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import { shelveLibrary } from './shelve-library.ts';
import type { TestWindow } from './window.ts';

const DESKTOP = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 } };
/** The newest first: days beside each other, days of several rows, and more rows than are drawn at once. */
const DAYS = [3, 1, 2, 17, 2, 2, 1, 9, 163];
const COUNT = DAYS.reduce((a, b) => a + b);
const DAY_MS = 86_400_000;
const SHOTS = process.env.SCREENSHOTS;

let photos: Photos;
let window: TestWindow;
/** The newest first, as the page shows them. */
let ids: string[];

beforeAll(async () => {
  photos = await startPhotos();
  const dayOf = DAYS.flatMap((count, day) => Array.from({ length: count }, () => day)).reverse();
  const start = Date.parse('2026-11-04T12:00:00Z');
  ids = await shelveLibrary(photos.stack, COUNT, (n) => ({
    ...ordinary(n),
    sent: new Date(start - (dayOf[n] ?? 0) * DAY_MS + n * 1_000).toISOString(),
  }));
});
afterAll(() => photos.close());
afterEach(async () => {
  const { complaints, context } = window;
  await context.close();
  await client(photos.stack).call('/api/media/restore', {
    method: 'POST',
    body: JSON.stringify({ ids }),
  });
  expect(complaints).toEqual([]);
});

async function open(options: BrowserContextOptions) {
  window = await photos.open(options);
  const { page } = window;
  // Of such a library there are no files.
  await page.route(/\/api\/media(\/search)?\?/, async (route) => {
    const response = await route.fetch();
    const json = (await response.json()) as { media: object[] };
    for (const each of json.media) Object.assign(each, { url: 'gs://a/b' });
    await route.fulfill({ response, json });
  });
  const path = fileURLToPath(photo('02-cat.png'));
  await page.route(/\/(preview|content)(\?|$)/, (route) => route.fulfill({ path }));
  await page.goto(photos.stack.url);
  await cards(page).first().waitFor();
  await page.locator('.ma-go-to-month').waitFor();
  const { keyboard } = page;
  const press = async (...keys: string[]) => {
    for (const key of keys) await keyboard.press(key);
  };
  /** Which card has the focus, from 0, and which control of it. */
  const focused = () =>
    page.evaluate(() => {
      const { activeElement: at } = document;
      const place = at?.closest('.ma-card')?.getAttribute('aria-posinset');
      return [place ? Number(place) - 1 : undefined, at?.className || at?.tagName] as const;
    });
  const place = async () => (await focused())[0];
  const untilAt = (expected: number) =>
    page
      .locator(`.ma-card[aria-posinset="${expected + 1}"] > *`)
      .locator(':focus')
      .waitFor();
  const shoot = (name: string) =>
    SHOTS &&
    page.screenshot({ path: `${SHOTS}/grid-${name}-${options.viewport?.width ?? ''}.png` });
  return { page, press, focused, place, untilAt, shoot };
}

/** What is below or above the focus on the screen, by what is drawn; undefined: nothing. */
const seenBeside = (sign: 1 | -1) => {
  const at = document.activeElement?.closest('.ma-card');
  const from = at?.getBoundingClientRect();
  if (!at || !from) return undefined;
  const all = [...document.querySelectorAll('.ma-card')].map((card) => ({
    place: Number(card.getAttribute('aria-posinset')) - 1,
    box: card.getBoundingClientRect(),
  }));
  const beyond = all.filter(({ box }) => sign * (box.top - from.top) > 20);
  const by = ({ box }: { box: DOMRect }) =>
    Math.round(Math.abs(box.top - from.top)) * 10_000 + Math.abs(box.left - from.left);
  return beyond.sort((a, b) => by(a) - by(b))[0]?.place;
};

test.each([DESKTOP, PHONE])(
  'arrow keys lead to what is seen beside a card, over headings, and to what is not drawn: %j',
  async (options) => {
    const { page, press, place } = await open(options);
    await page.locator('.ma-go-to-month').focus();
    await press('Tab');
    expect(await place()).toBe(0);
    for (const [key, sign] of [
      ['ArrowDown', 1],
      ['ArrowUp', -1],
    ] as const) {
      await press('ArrowRight');
      for (let n = 0; n < 12; n++) {
        const expected = await page.evaluate(seenBeside, sign);
        await press(key);
        expect(await place()).toBe(expected ?? 1);
      }
    }
    await press('Home', 'ArrowLeft');
    expect(await place()).toBe(0);
    for (const n of [1, 2, 3, 4]) {
      await press('ArrowRight');
      expect(await place()).toBe(n);
    }
    await press('ArrowLeft');
    expect(await place()).toBe(3);
    // It goes on being loaded.
    await press('End');
    await page.locator('.ma-more').waitFor({ state: 'detached' });
    await press('End');
    expect(await place()).toBe(COUNT - 1);
    const seen = () =>
      page.evaluate(() => {
        const { top, bottom } = (document.activeElement as Element).getBoundingClientRect();
        return top >= 64 && bottom <= innerHeight;
      });
    expect(await seen()).toBe(true);
    // Faster than the page draws.
    const rows = await page.evaluate(() => {
      const keys = [...Array.from({ length: 300 }, () => 'ArrowUp')];
      const places = keys.map((key) => {
        document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
        return document.activeElement?.closest('.ma-card')?.getAttribute('aria-posinset');
      });
      return new Set(places).size;
    });
    expect(rows).toBeGreaterThan(30);
    expect(await seen()).toBe(true);
    expect(await place()).toBeLessThan(6);
    expect(await accessibilityProblems(page)).toEqual([]);
  },
);

test('by keyboard alone: move, open, come back to the card, select three, delete, undo', async () => {
  const { page, press, focused, place, untilAt, shoot } = await open(DESKTOP);
  const control = async () => (await focused())[1];
  await page.locator('.ma-go-to-month').focus();
  // The controls of one card, and no other card.
  await press('Tab');
  await soon(async () => expect(await focused()).toEqual([0, 'ma-card-picture']));
  await press('ArrowRight', 'Tab');
  await soon(async () => expect(await focused()).toEqual([1, 'ma-button ma-card-check']));
  await shoot('focus');
  await press('Tab');
  await soon(async () => expect(await focused()).toEqual([1, 'ma-button ma-card-remove']));
  await press('Tab');
  expect(await place()).toBeUndefined();
  await press('Shift+Tab', 'Shift+Tab', 'Shift+Tab');
  await soon(async () => expect(await focused()).toEqual([1, 'ma-card-picture']));
  expect(await accessibilityProblems(page)).toEqual([]);

  const dialog = page.getByRole('dialog');
  await press('Enter');
  await dialog.waitFor();
  await press('ArrowRight', 'Escape');
  await dialog.waitFor({ state: 'detached' });
  await untilAt(2);

  await press('x');
  await page.getByText('1 selected').waitFor();
  await untilAt(2);
  expect(await control()).toBe('INPUT');
  await press('ArrowRight', 'Space', 'ArrowRight', 'ArrowRight', 'Shift+X');
  await page.getByText('4 selected').waitFor();
  await press('Space');
  await page.getByText('3 selected').waitFor();
  await shoot('selected');
  expect(await accessibilityProblems(page)).toEqual([]);
  // What is selected is looked at, and stays so.
  await press('Enter');
  await dialog.waitFor();
  await press('ArrowLeft', 'Escape');
  await dialog.waitFor({ state: 'detached' });
  await untilAt(4);
  await page.getByText('3 selected').waitFor();

  await press('Delete');
  await page.getByText('3 moved to the bin.').waitFor();
  await cards(page).locator('input').first().waitFor({ state: 'detached' });
  await page.locator(`[data-media-id="${ids[2]}"]`).waitFor({ state: 'detached' });
  const idOf = () =>
    page.evaluate(() => document.activeElement?.closest<HTMLElement>('.ma-card')?.dataset.mediaId);
  expect([await control(), await idOf()]).toEqual(['ma-card-picture', ids[7]]);
  await press('Control+z');
  for (const id of ids.slice(2, 5)) await page.locator(`[data-media-id="${id}"]`).waitFor();

  // One after the other.
  await press('Home', 'Delete');
  await page.getByText('Moved to the bin.').waitFor();
  await page.locator(`[data-media-id="${ids[0]}"]`).waitFor({ state: 'detached' });
  expect([await control(), await idOf()]).toEqual(['ma-card-picture', ids[1]]);
  await press('Delete');
  await page.locator(`[data-media-id="${ids[1]}"]`).waitFor({ state: 'detached' });
  expect(await idOf()).toBe(ids[2]);
  await shoot('deleted');

  // Who takes back the only one, or presses Escape, is where they were.
  for (let n = 0; n < 3; n++) await press('ArrowRight');
  await press('x');
  await page.getByText('1 selected').waitFor();
  await press('Space');
  await page.locator('.ma-many-bar').waitFor({ state: 'detached' });
  await press('ArrowRight', 'x');
  await page.getByText('1 selected').waitFor();
  await press('Escape');
  await page.locator('.ma-many-bar').waitFor({ state: 'detached' });
  expect([await control(), await idOf()]).toEqual(['ma-card-picture', ids[6]]);

  // In the full view, the next one comes.
  await press('Enter');
  await dialog.waitFor();
  await press('Delete');
  await page.waitForFunction((id) => location.href.endsWith(`=${id}`), ids[7]);
  await page.locator(`[data-media-id="${ids[6]}"]`).waitFor({ state: 'detached' });
  await dialog.getByText('Moved to the bin.').waitFor();

  // Who then deletes by the button is at Undo.
  await press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await cards(page).first().hover();
  await cards(page).first().locator('.ma-card-remove').click();
  await page.waitForFunction(() => document.activeElement?.closest('.ma-many-undo'));
});

test('Tab comes to the first card in sight, or to the one that had the focus last', async () => {
  const { page, press, place } = await open(DESKTOP);
  await page.mouse.move(700, 500);
  await page.mouse.wheel(0, 1_500);
  await page.waitForFunction(() => scrollY > 1_400);
  const inSight = () =>
    page.evaluate(() => {
      const { top = -1, bottom = 0 } = document.activeElement?.getBoundingClientRect() ?? {};
      return top > 0 && bottom < innerHeight;
    });
  await page.locator('.ma-go-to-month').focus();
  await press('Tab');
  expect(await inSight()).toBe(true);
  const at = await place();
  expect(at).toBeGreaterThan(10);
  await press('Shift+Tab');
  await page.evaluate(() => scrollTo(0, 0));
  await page.locator('.ma-card[aria-posinset="1"]').waitFor();
  await press('Tab');
  expect([await place(), await inSight()]).toEqual([at, true]);
});

test('a press on the round check mark begins a selection, and Shift makes it a range', async () => {
  const { page, shoot } = await open(DESKTOP);
  const card = (n: number) => page.locator(`.ma-card[aria-posinset="${n}"]`);
  const check = card(2).locator('.ma-card-check');
  const opacity = () => check.evaluate((each) => getComputedStyle(each).opacity);
  expect(await opacity()).toBe('0');
  await card(2).hover();
  expect(await opacity()).toBe('1');
  await shoot('hover');
  await check.click();
  await page.getByText('1 selected').waitFor();
  // The box is where the mark was.
  await card(2).locator('input').click({ trial: true });
  await card(5)
    .locator('.ma-card-picture')
    .click({ modifiers: ['Shift'] });
  await page.getByText('4 selected').waitFor();
  await shoot('range');
  await card(3).locator('.ma-card-picture').click();
  await page.getByText('3 selected').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
});

test('with a finger one holds, and no mark is in the way', async () => {
  const { page, shoot } = await open({ ...PHONE, hasTouch: true, isMobile: true });
  expect(await cards(page).first().locator('.ma-card-check').isVisible()).toBe(false);
  const finger = await fingerOn(page);
  const { x = 0, y = 0 } = (await cards(page).first().boundingBox()) ?? {};
  await finger.down(x + 20, y + 20);
  await page.getByText('1 selected').waitFor();
  await finger.up();
  await page.getByText('1 selected').waitFor();
  await shoot('held');
});

test('on a card that is being sent, no key that is meant for another one takes anything away', async () => {
  const { page, press, focused } = await open(DESKTOP);
  await slowDown(page, 2_000);
  await choose(page, photoPaths(TEN_PHOTOS.slice(0, 4)));
  await untilCards(page, 'sending', 4);
  await cards(page, 'completed').first().locator('.ma-card-picture').focus();
  await press('Home');
  await soon(async () => expect(await focused()).toEqual([0, 'ma-card']));
  await press('Space', 'Enter', 'ArrowRight', 'Enter');
  await soon(async () => expect(await focused()).toEqual([1, 'ma-card']));
  expect(await cards(page, 'sending').count()).toBe(4);
  expect(await accessibilityProblems(page)).toEqual([]);
  // Held down on its button, it takes one away.
  await press('Tab');
  await soon(async () => expect(await focused()).toEqual([1, 'ma-button ma-card-remove']));
  await press('Enter', 'Enter', 'Enter');
  const today = page.locator('.ma-day').first().locator('.ma-card');
  await eventually(async () => (await today.count()) === 3 || undefined);
  await soon(async () => expect(await focused()).toEqual([1, 'ma-card']));
});

test('the slash leads to the search, and is typed where one types', async () => {
  const { page, press, place } = await open(DESKTOP);
  const field = page.locator('.ma-search-field');
  await cards(page).first().locator('.ma-card-picture').focus();
  await press('/');
  expect(await field.evaluate((each) => each === document.activeElement)).toBe(true);
  await press('1', '/', '2', 'x');
  expect(await field.inputValue()).toBe('1/2x');
  await press('Escape');
  await cards(page).first().locator('.ma-card-picture').focus();
  await press('Enter');
  await page.getByRole('dialog').waitFor();
  await press('/');
  expect(await field.evaluate((each) => each === document.activeElement)).toBe(false);
  await press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await place()).toBe(0);
  await pressInMenu(page, 'Select');
  await press('/');
  expect(await field.evaluate((each) => each === document.activeElement)).toBe(true);
  // Nothing is deleted from there.
  await press('Delete', 'x');
  await page.getByText('0 selected').waitFor();
});

test('the keys are told by a key of their own and in the menu, but not on a phone', async () => {
  const { page, press, place } = await open(DESKTOP);
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await cards(page).first().locator('.ma-card-picture').focus();
  await press('?');
  await dialog.getByRole('row', { name: 'Select up to here Shift X' }).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/keys.png` });
  await press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await place()).toBe(0);
  await pressInMenu(page, 'Keyboard shortcuts');
  await dialog.waitFor();
  await window.context.close();
  const phone = (await open({ ...PHONE, hasTouch: true, isMobile: true })).page;
  await phone.getByRole('button', { name: 'More', exact: true }).click();
  await phone.getByRole('menuitem', { name: 'Select', exact: true }).waitFor();
  expect(await phone.getByRole('menuitem', { name: 'Keyboard shortcuts' }).count()).toBe(0);
});
