/** Nothing comes through to the service for longer than a request is repeated: no file fails of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { largeVideoPieces } from '../support/large-video.ts';
import { accessibilityProblems, cards, photoPaths, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

let photos: Photos;
let window: TestWindow;
const folder = mkdtempSync(join(tmpdir(), 'outages-'));
const video = join(folder, 'holiday.mov');

beforeAll(async () => {
  photos = await startPhotos();
  await writeFile(video, largeVideoPieces(6 * 2 ** 20));
});
afterAll(async () => {
  await photos.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  window = await photos.open();
  await window.page.goto(photos.stack.url);
  await window.page.getByText('Nothing here yet').waitFor();
});
afterEach(async () => {
  await window.context.close();
  await photos.removeAll();
});

test.each([
  ['photos', '**/api/agent/analyze-media', photoPaths(['02-cat.png', '03-coffee.webp'])],
  ['a video that is announced', '**/api/media/uploads', [video]],
  ['a video whose bytes have arrived', '**/api/media/*/uploaded', [video]],
])('%s: the cards say so, and go on by themselves', async (_, request, paths) => {
  const { page } = window;
  await page.route(request, (route) => route.abort());
  await page.locator('.ma-upload input[type=file]').first().setInputFiles(paths);
  const waiting = cards(page, 'sending').getByText('Nothing is lost. It goes on by itself.');
  await waiting.nth(paths.length - 1).waitFor();
  expect(await cards(page, 'sending').getByText('No connection').count()).toBe(paths.length);
  expect(await cards(page, 'failed').count()).toBe(0);
  expect(await page.getByText(`0 of ${paths.length} ready`).count()).toBe(1);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.unroute(request);
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await untilCards(page, 'completed', paths.length);
  expect(await cards(page).count()).toBe(paths.length);
});

test('what is dismissed meanwhile leaves nothing on the server', async () => {
  const { page } = window;
  await page.route('**/api/media/*/uploaded', (route) => route.abort());
  await page.locator('.ma-upload input[type=file]').first().setInputFiles(video);
  await cards(page, 'sending').getByText('No connection').waitFor();
  await cards(page).hover();
  const removed = page.waitForResponse((answer) => answer.request().method() === 'DELETE');
  await page.getByRole('button', { name: 'Dismiss holiday.mov' }).click();
  expect((await removed).ok()).toBe(true);
  await page.getByText('Nothing here yet').waitFor();
});
