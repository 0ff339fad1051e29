/**
 * A video on the page, with a model that looks at pictures only: the page cuts frames of it while it is being sent. The clip
 * is WebM, because the Chromium that the tests carry has no decoder for H.264.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type RunningChat, startChat } from '../support/chat-server.ts';
import { soon } from '../support/eventually.ts';
import { fingerOn } from './finger.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  photoPaths,
  untilCards,
  untilDrawn,
  untilViewed,
} from './page.ts';
import { type Photos, startPhotos } from './photos.ts';

const CLIP = fileURLToPath(new URL('../videos/clip.webm', import.meta.url));
const SEGMENTS = [
  { start_s: 0, end_s: 1, summary: 'A test card' },
  { start_s: 1, end_s: 2, summary: 'The same, later' },
];

let chat: RunningChat;
let photos: Photos;
beforeAll(async () => {
  chat = await startChat({ dialect: 'ollama', models: ['qwen2.5vl:7b'] });
  photos = await startPhotos({
    ANALYSIS_MODEL: 'openai/qwen2.5vl:7b',
    OPENAI_BASE_URL: `${chat.url}/`,
  });
});
afterEach(async () => {
  chat.reset();
  await photos.removeAll();
});
afterAll(async () => {
  await photos.close();
  await chat.close();
});

const answer = () =>
  chat.enqueue({
    text: JSON.stringify({
      text: null,
      objects: [],
      people_count: null,
      scene: null,
      mood: null,
      title: 'A test card',
      summary: 'A card that moves.',
      tags: ['test card'],
      segments: SEGMENTS,
      safety: { verdict: 'safe', categories: [] },
    }),
  });

/** How many pictures the model was sent in its only call. */
const pictures = () => chat.calls[0]?.text.match(/data:image\/jpeg;base64,/g)?.length;

async function sendClip(page: Page): Promise<void> {
  answer();
  await page.goto(photos.stack.url);
  await choose(page, [CLIP]);
  await untilCards(page, 'completed', 1);
}

const timeOf = (page: Page) =>
  page
    .locator('video')
    .evaluate((video) => (video instanceof HTMLVideoElement ? video.currentTime : NaN));

test('a video gets a poster and a timeline that jumps, from frames that the page has cut', async () => {
  const { page, context } = await photos.open();
  // A player would need an address of the file.
  await page.addInitScript(() => {
    const createObjectURL = URL.createObjectURL.bind(URL);
    URL.createObjectURL = (blob) => {
      if (blob instanceof File) throw new Error('not by a player');
      return createObjectURL(blob);
    };
  });
  await sendClip(page);
  // Two seconds, one frame for each half of one.
  expect(pictures()).toBe(4);
  await untilDrawn(page, '.ma-card img.ma-thumb');
  expect(await accessibilityProblems(page)).toEqual([]);
  await cards(page).locator('button.ma-card-picture').click();
  await page
    .getByText('Based on still pictures of the video. The sound was not analysed.')
    .waitFor();
  expect(await page.locator('video').getAttribute('poster')).toMatch(/\/preview|X-Goog-Signature/);
  const later = page.getByRole('button', { name: '0:01 The same, later' });
  await later.click();
  await page.waitForFunction(() => document.querySelector('video')?.currentTime === 1);
  await later.and(page.locator('[aria-current="time"]')).waitFor();
  // By keyboard alone, back to the first part.
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('video')?.currentTime === 0);
  expect(await accessibilityProblems(page)).toEqual([]);
  if (process.env.SCREENSHOTS)
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/full.png` });
  await page.keyboard.press('Escape');
  if (process.env.SCREENSHOTS)
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/card.png` });
  await context.close();
});

test('where the browser has no WebCodecs, a player cuts the frames', async () => {
  const { page, context } = await photos.open();
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'VideoDecoder'));
  await sendClip(page);
  expect(pictures()).toBe(4);
  await context.close();
});

test('where nothing can be cut, the video is sent all the same, and the page says what is missing', async () => {
  const { page, context } = await photos.open({ locale: 'ja-JP' });
  await page.addInitScript(() => {
    Reflect.deleteProperty(globalThis, 'VideoDecoder');
    Reflect.defineProperty(HTMLMediaElement.prototype, 'src', { set: () => undefined });
    const createElement = document.createElement.bind(document);
    document.createElement = (name: string) => {
      if (name === 'video') throw new Error('no player');
      return createElement(name);
    };
  });
  await page.goto(photos.stack.url);
  await choose(page, [CLIP]);
  await untilCards(page, 'failed', 1);
  await page.getByText('「clip.webm」は保存されましたが、静止画なしで送られたため').waitFor();
  expect(chat.calls).toEqual([]);
  await context.close();
});

test('on a phone the timeline has its place too', async () => {
  const { page, context } = await photos.open({ viewport: { width: 390, height: 844 } });
  await sendClip(page);
  await cards(page).locator('button.ma-card-picture').click();
  const first = page.getByRole('button', { name: '0:00 A test card' });
  await first.scrollIntoViewIfNeeded();
  const box = await first.boundingBox();
  expect(box && box.height >= 44 && box.x >= 0 && box.x + box.width <= 390).toBe(true);
  if (process.env.SCREENSHOTS)
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/phone.png` });
  expect(await timeOf(page)).toBe(0);
  await context.close();
});

test('a swipe turns on from a video, too, and at its controls it does not', async () => {
  const window = await photos.open({ viewport: { width: 390, height: 844 }, hasTouch: true });
  const { page } = window;
  answer();
  await sendClip(page);
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'completed', 2);
  const dialog = page.getByRole('dialog');
  await cards(page)
    .filter({ has: page.locator('[title="clip.webm"]') })
    .getByRole('button', { name: /^Open/ })
    .click();
  await page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) > 0);
  const box = await page.locator('video').boundingBox();
  const finger = await fingerOn(page);
  const swipe = async (from: number, to: number, y: number) => {
    const middle = (box?.x ?? 0) + (box?.width ?? 0) / 2;
    await finger.down(middle + from, y);
    await finger.moveTo(middle + to, y);
    await finger.up();
  };
  const [top, bottom] = [box?.y ?? 0, (box?.y ?? 0) + (box?.height ?? 0)];
  // Only at the upper one of the two it turns. The photo came later, so it stands before the video.
  await swipe(-80, 80, bottom - 20);
  expect(await dialog.locator('video').count()).toBe(1);
  // From the sign that lies on it, too.
  await swipe(0, 150, (top + bottom) / 2);
  await untilDrawn(page, '.ma-picture img');
  await untilViewed(page, '02-cat.png');
  await window.context.close();
});

test.each([
  ['en-GB', 'Play video'],
  ['ja-JP', '動画を再生'],
])('on a phone a tap on its picture plays it, in %s', async (locale, name) => {
  const window = await photos.open({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    locale,
  });
  const { page } = window;
  await sendClip(page);
  await cards(page).locator('button.ma-card-picture').tap();
  await page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) > 0);
  const sign = page.getByRole('button', { name, exact: true });
  const box = async () => (await page.locator('video').boundingBox()) ?? { x: 0, y: 0, height: 0 };
  const before = await box();
  expect(await accessibilityProblems(page)).toEqual([]);
  if (process.env.SCREENSHOTS)
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/play-${locale}.png` });
  // Beside the sign.
  const tap = () => page.touchscreen.tap(before.x + 40, before.y + 30);
  const untilPlayed = () => page.waitForFunction(() => document.querySelector('video')?.ended);
  await tap();
  await sign.waitFor({ state: 'detached' });
  await untilPlayed();
  expect(await box()).toEqual(before);
  await tap();
  await page.waitForFunction(() => document.querySelector('video')?.ended === false);
  await untilPlayed();
  await window.context.close();
});

test('the sign on a video is a button, also for the keyboard, and the keys of the player follow', async () => {
  const { page, context } = await photos.open();
  await sendClip(page);
  await cards(page).locator('button.ma-card-picture').click();
  const sign = page.getByRole('button', { name: 'Play video' });
  await sign.waitFor();
  await page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) > 0);
  if (process.env.SCREENSHOTS)
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/play.png` });
  await sign.press('Enter');
  await sign.waitFor({ state: 'detached' });
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('VIDEO'),
  );
  await page.waitForFunction(() => document.querySelector('video')?.ended);
  await context.close();
});
