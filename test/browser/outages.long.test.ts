/** Nothing comes through to the service for longer than a request is repeated, or a part of the page does not: no file fails of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { largeVideoPieces } from '../support/large-video.ts';
import { accessibilityProblems, cards, choose, photoPaths, untilCards } from './page.ts';
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
  await window.page.getByText('Drop photos and videos here').waitFor();
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
  await choose(page, paths);
  const waiting = cards(page, 'sending').getByText(
    'Your files are safe. The upload resumes by itself.',
  );
  await waiting.nth(paths.length - 1).waitFor();
  expect(await cards(page, 'sending').getByText('The server cannot be reached').count()).toBe(
    paths.length,
  );
  expect(await cards(page, 'failed').count()).toBe(0);
  expect(await page.getByText(`0 of ${paths.length} ready`).count()).toBe(1);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.unroute(request);
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await untilCards(page, 'completed', paths.length);
  expect(await cards(page).count()).toBe(paths.length);
});

test.each([
  ['en', '**/api/agent/analyze-media', 'The service is not available at the moment'],
  ['ja-JP', '**/api/agent/analyze-media', /現在.サービスを.利用できません/],
])(
  '%s: a service that answers, and is down, is not called one that cannot be reached',
  async (locale, request, label) => {
    const { page, context } = await photos.open({ locale });
    await page.route(request, (route) => route.fulfill({ status: 503, body: 'down' }));
    await page.goto(photos.stack.url);
    await choose(page, photoPaths(['02-cat.png']));
    await cards(page, 'sending').getByText(label).waitFor();
    await page.unroute(request);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await untilCards(page, 'completed', 1);
    await context.close();
  },
);

test('what is dismissed meanwhile leaves nothing on the server', async () => {
  const { page } = window;
  await page.route('**/api/media/*/uploaded', (route) => route.abort());
  await choose(page, [video]);
  await cards(page, 'sending').getByText('The server cannot be reached').waitFor();
  await cards(page).hover();
  const removed = page.waitForResponse((answer) => answer.request().method() === 'DELETE');
  await page.getByRole('button', { name: 'Remove holiday.mov' }).click();
  expect((await removed).ok()).toBe(true);
  await page.getByText('Drop photos and videos here').waitFor();
});

const untilTold = (page: Page) =>
  page.getByRole('alert').getByText('A part of this page could not be loaded.').waitFor();

test('a page that is older than the service says so, and the next one sends', async () => {
  const { page } = window;
  // As after a release, until the page is loaded anew: another page, and the parts of this one are gone.
  let isOlder = true;
  await page.route('**/assets/sending-*.js', (route) =>
    isOlder ? route.fulfill({ status: 404 }) : route.fallback(),
  );
  await page.reload();
  const isPage = ({ pathname }: URL) => pathname === '/';
  await page.route(isPage, (route) => {
    isOlder &&= !route.request().isNavigationRequest();
    return isOlder ? route.fulfill({ contentType: 'text/html', body: 'newer' }) : route.fallback();
  });
  await choose(page, [video]);
  await untilTold(page);
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(await cards(page, 'failed').count()).toBe(0);
  // The browser asks before it leaves a page that sends.
  page.on('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: 'Reload' }).click();
  await untilCards(page, 'completed', 1);
  expect(await page.getByRole('alert').count()).toBe(0);
});

test('a part that has failed without a line is asked for again: nothing has to be loaded anew', async () => {
  const { page } = window;
  await page.route('**/assets/sending-*.js', (route) => route.abort());
  const failed = page.waitForEvent('requestfailed', (request) =>
    request.url().includes('/sending-'),
  );
  await page.reload();
  await failed;
  await page.unrouteAll();
  await choose(page, [video]);
  await untilCards(page, 'completed', 1);
  expect(await page.getByRole('alert').count()).toBe(0);
});

/** Some seconds after the page is there, all that sends is. */
async function untilWhole(page: Page): Promise<void> {
  const loaded = page.waitForResponse(/sending-/);
  await page.reload();
  await (await loaded).finished();
  // Each file comes twice: as a file, and as a module out of the browser's cache.
  await page.evaluate(async () => {
    const files = performance.getEntriesByType('resource').map(({ name }) => name);
    await Promise.all(
      files.filter((name) => /\/assets\/.*\.js$/.test(name)).map((name) => import(name)),
    );
  });
}

test('a file that is chosen without a line is sent as soon as there is one', async () => {
  const { page, context } = window;
  await untilWhole(page);
  await context.setOffline(true);
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'sending', 1);
  await context.setOffline(false);
  await untilCards(page, 'completed', 1);
  expect(await page.getByRole('alert').count()).toBe(0);
});

test('what sends is there before it is needed: a file that is chosen after a release arrives', async () => {
  const { page } = window;
  await untilWhole(page);
  await page.route('**/assets/*.js', (route) => route.fulfill({ status: 404 }));
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'completed', 1);
});
