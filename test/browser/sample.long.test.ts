/** An empty page offers a photo to try with, in a real browser. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { accessibilityProblems, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

let photos: Photos;
let window: TestWindow;
let page: Page;
/** The paths of what the page has asked for. */
let asked: string[];

beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(() => photos.close());
beforeEach(async () => {
  window = await photos.open();
  page = window.page;
  asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
});
afterEach(async () => {
  await window.context.close();
  await photos.removeAll();
});

const isSample = (path: string) => path.startsWith('/assets/sample-');

test('a sample is loaded when it is asked for, and goes the way of every photo', async () => {
  const answer = await page.goto(photos.stack.url);
  expect(answer?.headers()['content-security-policy']).toContain("connect-src 'self'");
  const button = page.getByRole('button', { name: 'Try it with a sample photo' });
  await button.waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(asked.filter(isSample)).toEqual([]);
  await button.click();
  await untilCards(page, 'completed', 1);
  expect(asked.filter(isSample)).toHaveLength(1);
  expect(asked).toContain('/api/agent/analyze-media');
  expect(await page.locator('.ma-card h3').getAttribute('title')).toBe('sample.jpeg');
  expect(await button.count()).toBe(0);
  expect(window.complaints).toEqual([]);
});

test('if it does not come, that is said, and it can be asked for again', async () => {
  await page.goto(photos.stack.url);
  await page.route('**/assets/sample-*', (route) => route.abort());
  const button = page.getByRole('button', { name: 'Try it with a sample photo' });
  await button.click();
  await page.getByRole('alert').getByText('The server cannot be reached').waitFor();
  await page.unroute('**/assets/sample-*');
  await button.click();
  await untilCards(page, 'completed', 1);
  expect(await page.getByRole('alert').count()).toBe(0);
});
