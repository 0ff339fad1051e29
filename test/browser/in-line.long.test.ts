/** A batch of more cards than are in the document at once: each that waits says its place, and the keyboard selects across them. */
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

/** What a screen reader is told of the cards on the screen: the style sheet makes the numbers, so they are in no text of the document. */
async function placesOnScreen(page: Page): Promise<[file: number, place: string][]> {
  const session = await page.context().newCDPSession(page);
  const onScreen = await page.evaluate(() =>
    [...document.querySelectorAll('.ma-card[data-stage="waiting"]')].flatMap((card) => {
      const stage = card.querySelector('.ma-stage');
      const { top, bottom } = stage?.getBoundingClientRect() ?? new DOMRect(0, -1);
      const name = card.querySelector('h3')?.title ?? '';
      stage?.setAttribute('data-seen', name);
      return top >= 0 && bottom <= innerHeight ? [name] : [];
    }),
  );
  const places: [number, string][] = [];
  for (const name of onScreen) {
    const expression = `document.querySelector('[data-seen="${name}"]')`;
    const { objectId } = (await session.send('Runtime.evaluate', { expression })).result;
    // It does not wait any more.
    if (objectId === undefined) continue;
    const asked = { objectId, role: 'StaticText' };
    const { nodes } = await session.send('Accessibility.queryAXTree', asked);
    places.push([numberOf(name), nodes.map((node) => node.name?.value).join('')]);
  }
  await session.detach();
  return places;
}

/** Scrolls by a screen at a time, and waits until the cards are there. @returns what all cards on the way say */
async function placesAll(page: Page): Promise<Map<number, string>> {
  const all = new Map<number, string>();
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
    for (const [file, place] of await placesOnScreen(page)) all.set(file, place);
    isEnd = await page.evaluate(() => {
      const was = scrollY;
      scrollBy(0, innerHeight / 2);
      return scrollY === was;
    });
  }
  return all;
}

const places = (numbers: readonly number[], first = 1) =>
  new Map(numbers.map((file, n) => [file, `Waiting · no. ${n + first} in line`]));

/** Without the percentage at their end. */
const placesOf = (said: Map<number, string>) =>
  new Map([...said].map(([file, words]) => [file, words.replace(/\d+%$/, '')]));

const ALL = Array.from({ length: COUNT }, (_, n) => n);

test('each says its place, also on a phone after a reload', async () => {
  expect(placesOf(await placesAll(sender.page))).toEqual(places(ALL));
  expect(await accessibilityProblems(sender.page)).toEqual([]);
  await sender.page.setViewportSize(PHONE.viewport);
  // The browser scrolls back to where one was, some time after the page is there.
  await sender.page.evaluate(() => scrollTo(0, 0));
  await sender.page.reload();
  // What is under way is told before the list has come, and stands alone until then.
  await sender.page.locator('.ma-card[aria-posinset="1"] h3[title="0.png"]').waitFor();
  await sender.page.locator('.ma-more-button').waitFor();
  await untilWaiting(sender.page, COUNT);
  expect(placesOf(await placesAll(sender.page))).toEqual(places(ALL));
  await sender.page.setViewportSize(DESKTOP.viewport);
});

test('another device shows them in the same order, and says the same places', async () => {
  const page = await open(PHONE);
  await page.locator('.ma-card[aria-posinset="1"] h3[title="0.png"]').waitFor();
  const said = placesOf(new Map(await placesOnScreen(page)));
  expect(said.size).toBeGreaterThan(0);
  expect(said).toEqual(places([...said.keys()]));
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

test('the places move up as results come', async () => {
  signalWorker('SIGCONT');
  await eventually(
    async () => (await media()).some(({ status }) => status === 'completed') || undefined,
  );
  signalWorker('SIGSTOP');
  await eventually(async () => {
    const waiting = (await media()).filter(
      ({ status, progress }) => status === 'pending' || (status === 'uploading' && progress >= 0.5),
    );
    const files = waiting.map(({ file_name }) => numberOf(file_name));
    expect(placesOf(await placesAll(sender.page))).toEqual(places(files));
    return true;
  });
});
