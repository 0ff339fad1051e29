/** A batch of more cards than are in the document at once: each stands where its turn is, and the keyboard selects across them. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import type { BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { signal } from '../support/signal.ts';
import { client, eventually } from '../support/stack.ts';
import { accessibilityProblems, cards, choose, pressInMenu } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

/** Several screens. */
const COUNT = 130;
const DESKTOP = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 } };

let photos: Photos;
/** That in which the files were chosen. */
let sender: TestWindow;
let opened: TestWindow[] = [];

const signalWorker = (name: 'SIGSTOP' | 'SIGCONT') => signal(photos.stack.units.worker, name);

beforeAll(async () => {
  photos = await startPhotos();
  signalWorker('SIGSTOP');
  sender = await photos.open(DESKTOP);
  await sender.page.goto(photos.stack.url);
  await choose(sender.page, await files());
  await eventually(async () => (await media()).length === COUNT || undefined);
  await untilWaiting(sender.page, COUNT);
});
afterAll(async () => {
  signalWorker('SIGCONT');
  await photos.close();
});
afterEach(async () => {
  for (const { context } of opened) await context.close();
  for (const { complaints } of [sender, ...opened]) expect(complaints).toEqual([]);
  opened = [];
});

const files = () =>
  Promise.all(
    Array.from({ length: COUNT }, async (_, n) => ({
      name: `${n}.png`,
      mimeType: 'image/png',
      buffer: await sharp({
        create: { width: 64, height: 48, channels: 3, background: { r: n, g: 99, b: 200 - n } },
      })
        .png()
        .toBuffer(),
    })),
  );

async function open(options: BrowserContextOptions): Promise<Page> {
  const window = await photos.open(options);
  opened.push(window);
  await window.page.goto(photos.stack.url);
  await cards(window.page).first().waitFor();
  return window.page;
}

/** Of all, in the order in which they were chosen. */
async function media(): Promise<Media[]> {
  const all: Media[] = [];
  let token: string | undefined = '';
  while (token !== undefined) {
    const query = token && `&page_token=${encodeURIComponent(token)}`;
    const answer = await client(photos.stack).call(`/api/media?limit=100${query}`);
    const page = (await answer.json()) as { media: Media[]; next_page_token?: string };
    all.push(...page.media);
    token = page.next_page_token;
  }
  return all.sort((a, b) => numberOf(a.file_name) - numberOf(b.file_name));
}

const numberOf = (name: string) => Number.parseInt(name, 10);

/** Waits until no card near the screen is being sent, and the bar has them all. */
const untilWaiting = (page: Page, count: number) =>
  eventually(async () => {
    const bar = await page.locator('.ma-batch-words').textContent();
    const sending = await cards(page, 'sending').count();
    return (sending === 0 && bar?.includes(`of ${count} ready`)) || undefined;
  });

/** The numbers of the files whose cards wait on the screen. */
const numbersOnScreen = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('.ma-card[data-stage="waiting"]')].flatMap((card) => {
      const { top, bottom } = card.getBoundingClientRect();
      const isOnScreen = bottom > 0 && top < innerHeight;
      return isOnScreen ? Number.parseInt(card.querySelector('h3')?.title ?? '', 10) : [];
    }),
  );

/** Scrolls by a screen at a time, and waits until the cards are there. @returns the files in the order in which they wait */
async function allNumbers(page: Page): Promise<number[]> {
  const all = new Set<number>();
  await page.evaluate(() => scrollTo(0, 0));
  for (let isEnd = false; !isEnd; ) {
    await eventually(async () => {
      const isEmpty = await page.evaluate(() =>
        [...document.querySelectorAll('.ma-space')].some((space) => {
          const { top, bottom } = space.getBoundingClientRect();
          return bottom > 0 && top < innerHeight;
        }),
      );
      return !isEmpty || undefined;
    });
    for (const number of await numbersOnScreen(page)) all.add(number);
    isEnd = await page.evaluate(() => {
      const was = scrollY;
      scrollBy(0, innerHeight / 2);
      return scrollY === was;
    });
  }
  return [...all];
}

const ALL = Array.from({ length: COUNT }, (_, n) => n);

test('they stand in the order of their turns, also on a phone after a reload', async () => {
  expect(await allNumbers(sender.page)).toEqual(ALL);
  expect(await accessibilityProblems(sender.page)).toEqual([]);
  await sender.page.setViewportSize(PHONE.viewport);
  // The browser scrolls back to where one was, some time after the page is there.
  await sender.page.evaluate(() => scrollTo(0, 0));
  await sender.page.reload();
  // What is under way is told before the list has come, and stands alone until then.
  await sender.page.locator('.ma-card[aria-posinset="1"] h3[title="0.png"]').waitFor();
  await sender.page.locator('.ma-more-button').waitFor();
  await untilWaiting(sender.page, COUNT);
  expect(await allNumbers(sender.page)).toEqual(ALL);
  await sender.page.setViewportSize(DESKTOP.viewport);
});

test('another device shows them in the same order', async () => {
  const page = await open(PHONE);
  await page.locator('.ma-card[aria-posinset="1"] h3[title="0.png"]').waitFor();
  const numbers = await numbersOnScreen(page);
  expect(numbers.length).toBeGreaterThan(0);
  expect(numbers).toEqual(ALL.slice(0, numbers.length));
});

test('a range by keyboard, and all of them, go over cards that are not in the document', async () => {
  const page = await open(DESKTOP);
  await untilWaiting(page, COUNT);
  await pressInMenu(page, 'Select');
  const boxes = page.locator('.ma-card input[type=checkbox]');
  await boxes.first().press('Space');
  await page.getByText('1 selected').waitFor();
  await eventually(async () => {
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    return (await page.locator(`h3[title="${COUNT - 1}.png"]`).count()) === 1 || undefined;
  });
  await boxes.last().press('Shift+Space');
  await page.getByText(`${COUNT} selected`).waitFor();
  await boxes.last().press('Space');
  await page.getByText(`${COUNT - 1} selected`).waitFor();
  await page.keyboard.press('Control+a');
  await page.getByText(`${COUNT} selected`).waitFor();
});
