/** The main job in a real browser, with ten photos, and with each look that the page has. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { BrowserContextOptions } from 'playwright-core';
import { TEN_PHOTOS } from '../support/stack.ts';
import { expectBatch, expectNoAccessibilityProblem, type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

let photos: Photos;
let window: TestWindow;
beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(() => photos.close());
afterEach(async () => {
  await window.context.close();
  await photos.removeAll();
  expect(window.complaints).toEqual([]);
});

test('ten photos: each becomes a card with its result, and the bar never goes back', async () => {
  window = await photos.open();
  await expectBatch(window.page, photos.stack.url, TEN_PHOTOS);
});

test.each<[string, BrowserContextOptions]>([
  ['desktop', {}],
  ['dark', { colorScheme: 'dark' }],
  ['reduced motion', { reducedMotion: 'reduce' }],
])('no serious accessibility problem on %s: empty, at work, done, failed', async (_, options) => {
  window = await photos.open(options);
  await expectNoAccessibilityProblem(window.page, photos.stack.url);
});
