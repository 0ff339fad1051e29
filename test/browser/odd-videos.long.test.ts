/** Videos of unusual kinds on the page: their frames are cut, or the page says what it cannot do. */
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
