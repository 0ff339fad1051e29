/** Videos of unusual kinds on the page: their frames are cut, or the page says what it cannot do. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import {
  transparentVideo,
  undecodableVideo,
  videoWithoutIndex,
} from '../../functions/inspect/testing.ts';
import { client } from '../support/stack.ts';
import { accessibilityProblems, cards, choose, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';

const CLIP = new URL('../videos/clip.webm', import.meta.url);

let photos: Photos;
beforeAll(async () => {
  photos = await startPhotos();
});
afterEach(() => photos.removeAll());
afterAll(() => photos.close());

async function send(page: Page, name: string, buffer: Buffer): Promise<number[]> {
  await page.goto(photos.stack.url);
  const mimeType = name.endsWith('webm') ? 'video/webm' : 'video/mp4';
  await choose(page, [{ name, mimeType, buffer }]);
  await untilCards(page, 'completed', 1);
  const id = (await cards(page).getAttribute('data-media-id')) ?? '';
  const { frames } = await client(photos.stack).get(id);
  return frames?.map(({ time_s }) => time_s) ?? [];
}

test('a transparent video has frames, and nothing is tried that the page’s policy refuses', async () => {
  const { page, context, complaints } = await photos.open();
  expect(await send(page, 'mask.webm', await transparentVideo())).toHaveLength(4);
  expect(complaints).toEqual([]);
  await context.close();
});

test('a recording without an index has frames from all its parts', async () => {
  const { page, context } = await photos.open();
  const times = await send(page, 'live.webm', await videoWithoutIndex());
  expect(times).toHaveLength(3);
  expect(times.at(-1)).toBeGreaterThan(1);
  await context.close();
});

test('a recording that does not say how long it is has frames where a player cuts them', async () => {
  const { page, context } = await photos.open();
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'VideoDecoder'));
  const times = await send(page, 'live.webm', await videoWithoutIndex());
  expect(times).toHaveLength(3);
  await context.close();
});

test.each([
  ['en-GB', 'This video cannot be played here. Download it to watch it.', 'Download'],
  ['ja-JP', 'この動画はここでは再生できません。ダウンロードしてご覧ください。', 'ダウンロード'],
])('where a video cannot be played, the full view says so in %s', async (locale, text, button) => {
  const { page, context } = await photos.open({ locale });
  expect(await send(page, 'coded.mp4', await undecodableVideo())).toEqual([]);
  await cards(page).locator('button.ma-card-picture').click();
  await page.getByText(text).waitFor();
  expect(await page.locator('.ma-details video').count()).toBe(0);
  await page
    .getByRole('button', { name: button, exact: true })
    .or(page.getByRole('link', { name: button, exact: true }))
    .first()
    .waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await context.close();
});

/** The full view of a clip that is not in the browser's cache, and has no line. */
async function openOffline(locale: string) {
  const { page, context } = await photos.open({ locale });
  await send(page, 'clip.webm', await readFile(CLIP));
  await page.reload();
  await untilCards(page, 'completed', 1);
  // The full view comes after the first picture.
  await page.locator('.ma-many-stack').waitFor({ state: 'attached' });
  await context.setOffline(true);
  await cards(page).locator('button.ma-card-picture').click();
  return { page, context };
}

const timeOf = (page: Page) =>
  page.waitForFunction(() => {
    const video = document.querySelector('video');
    return video && video.readyState > 0 ? { time: video.currentTime } : undefined;
  });

test.each([
  ['en-GB', 'You are offline.', 'cannot be played'],
  ['ja-JP', 'オフラインです。', '再生できません'],
])(
  'without a line, a video says so, is not called unplayable, and comes by itself when the line is back: in %s',
  async (locale, text, unplayed) => {
    const { page, context } = await openOffline(locale);
    await page.getByText(text).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await page.getByText(unplayed).count()).toBe(0);
    await context.setOffline(false);
    await timeOf(page);
    expect(await page.getByText(text).count()).toBe(0);
    await context.close();
  },
);

test('a video whose line breaks goes on where it stood', async () => {
  const { page, context } = await photos.open();
  await send(page, 'clip.webm', await readFile(CLIP));
  await cards(page).locator('button.ma-card-picture').click();
  await timeOf(page);
  // It is whole in the browser already, so a broken line has to be played to the player.
  await page.locator('video').evaluate(async (video) => {
    if (!(video instanceof HTMLVideoElement)) return;
    video.currentTime = 1;
    Object.defineProperty(video, 'error', { value: { code: MediaError.MEDIA_ERR_NETWORK } });
    video.dispatchEvent(new Event('error'));
  });
  await page.getByRole('button', { name: 'Try again' }).click();
  // The new player has its metadata a moment before the page moves it.
  await page.waitForFunction(() => document.querySelector('video')?.currentTime === 1);
  await context.close();
});
