/** A batch that was a mistake: one press ends all of it that has no result yet, wherever that is on its way, and another press brings it back. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { soon } from '../support/eventually.ts';
import { type RunningGemini, startGemini } from '../support/gemini-server.ts';
import { client, eventually } from '../support/stack.ts';
import { accessibilityProblems, cards, choose, noisyPhotos, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

const COUNT = 30;
/** So many are answered, and so many are asked about side by side until the test lets them be answered. */
const DONE = 3;
const ASKED = 5;
const WAITING = COUNT - DONE - ASKED;

let gemini: RunningGemini;
let photos: Photos;
let window: TestWindow;
let page: Page;
let answers: PromiseWithResolvers<void>;
beforeAll(async () => {
  gemini = await startGemini({
    respond: (_, index) => (index < DONE ? {} : { until: answers.promise }),
  });
  photos = await startPhotos(gemini.settings);
});
afterAll(async () => {
  await photos.close();
  await gemini.close();
});
beforeEach(async () => {
  answers = Promise.withResolvers();
  window = await photos.open({ viewport: { width: 1280, height: 860 } });
  page = window.page;
  await page.goto(photos.stack.url);
  await page.getByText('Drop photos and videos here').waitFor();
});
afterEach(async () => {
  answers.resolve();
  await window.context.close();
  await photos.removeAll();
  gemini.reset();
});

const cancel = (tab: Page) => tab.getByRole('button', { name: 'Cancel the rest' });
const textOf = (tab: Page, text: string) => tab.getByText(text, { exact: true });
const small = () => noisyPhotos(COUNT, { width: 60, height: 40 });
const topOfGallery = () =>
  page.locator('.ma-gallery').evaluate((gallery) => gallery.getBoundingClientRect().top + scrollY);

/** Some are done, some are being analysed, the others wait. */
async function untilUnderWay(): Promise<void> {
  await untilCards(page, 'completed', DONE);
  await untilCards(page, 'analyzing', ASKED);
  await untilCards(page, 'waiting', WAITING);
}

test('what waits goes to the bin, what is done or being analysed stays; it can be brought back, and stopped on another device', async () => {
  await choose(page, await small());
  await untilUnderWay();
  await cancel(page).click();
  await textOf(page, `${WAITING} moved to the bin.`).waitFor();
  expect(await cards(page).count()).toBe(DONE + ASKED);
  expect(await cancel(page).count()).toBe(0);
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Undo'),
  );
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Undo' }).click();
  await untilUnderWay();

  const { page: other, context } = await photos.open();
  await other.goto(photos.stack.url);
  await other.getByText(`of ${COUNT} ready`).waitFor();
  await cancel(other).click();
  await textOf(other, `${WAITING} moved to the bin.`).waitFor();
  await textOf(page, `${DONE} of ${DONE + ASKED} ready`).waitFor();
  answers.resolve();
  await untilCards(page, 'completed', DONE + ASKED);
  await context.close();
  // No more was paid for.
  expect(gemini.requests).toHaveLength(DONE + ASKED);
});

test('what is still being sent is stopped, too, and can be sent again', async () => {
  const held = Promise.withResolvers<void>();
  let requests = 0;
  await page.route('**/analyze-media', async (route) => {
    if (requests++ > 0) await held.promise;
    await route.continue().catch(() => undefined);
  });
  // More than one request takes.
  await choose(page, await noisyPhotos(12));
  await cards(page, 'completed').first().waitFor();
  const sending = await cards(page, 'sending').count();
  expect(sending).toBeGreaterThan(0);
  await cancel(page).click();
  await untilCards(page, 'stopped', sending);
  await eventually(async () => (await cards(page, 'waiting').count()) === 0 || undefined);
  held.resolve();
  answers.resolve();
  // Not all is done.
  const end = page.locator('.ma-batch[data-outcome=mixed] .ma-batch-words');
  await end.filter({ hasText: new RegExp(`^[1-9]\\d* done, ${sending} stopped$`) }).waitFor();
  await page.getByRole('button', { name: `${sending} stopped` }).click();
  await page.getByRole('button', { name: `Try ${sending} again` }).click();
  await eventually(async () => {
    const all = await cards(page).count();
    return (await cards(page, 'completed').count()) === all || undefined;
  });
});

test('a batch that is stopped before anything of it has arrived leaves the page where it is', async () => {
  const held = Promise.withResolvers<void>();
  await page.route('**/analyze-media', async (route) => {
    await held.promise;
    await route.abort().catch(() => undefined);
  });
  await choose(page, await small());
  await untilCards(page, 'sending', COUNT);
  await cancel(page).waitFor();
  const before = await topOfGallery();
  await cancel(page).click();
  await untilCards(page, 'stopped', COUNT);
  await page.getByRole('button', { name: `${COUNT} stopped` }).waitFor();
  expect(await topOfGallery()).toBe(before);
  held.resolve();
});

test('what could not be cancelled is said, and another try does it', async () => {
  await choose(page, await small());
  await untilUnderWay();
  await page.route('**/api/media/delete', (route) => route.abort());
  await cancel(page).click();
  await textOf(page, `${WAITING} files were not deleted.`).waitFor();
  await page.unroute('**/api/media/delete');
  await page.locator('.ma-many-stack').getByRole('button', { name: 'Retry' }).click();
  await textOf(page, `${WAITING} moved to the bin.`).waitFor();
  expect(await cards(page).count()).toBe(DONE + ASKED);
});

test('what is done by the time of another try stays', async () => {
  await choose(page, await small());
  await untilUnderWay();
  await page.route('**/api/media/delete', (route) => route.abort());
  await cancel(page).click();
  await textOf(page, `${WAITING} files were not deleted.`).waitFor();
  answers.resolve();
  await untilCards(page, 'completed', COUNT);
  await page.unroute('**/api/media/delete');
  await page.locator('.ma-many-stack').getByRole('button', { name: 'Retry' }).click();
  await page.locator('.ma-many-stack [role=alert]').waitFor({ state: 'detached' });
  expect(await cards(page, 'completed').count()).toBe(COUNT);
});

test('two presses that fail count each file once', async () => {
  await choose(page, await small());
  await untilUnderWay();
  await page.route('**/api/media/delete', (route) => route.abort());
  await cancel(page).click();
  await textOf(page, `${WAITING} files were not deleted.`).waitFor();
  // Meanwhile another device deletes one.
  const user = client(photos.stack);
  const found = await user.call('/api/media?status=pending&limit=1');
  const [one] = ((await found.json()) as { media: { id: string }[] }).media;
  await user.call(`/api/media/${one?.id}`, { method: 'DELETE' });
  await untilCards(page, 'waiting', WAITING - 1);
  await cancel(page).click();
  await textOf(page, `${WAITING - 1} files were not deleted.`).waitFor();
});

test('Undo leaves the keyboard where it is', async () => {
  await choose(page, await small());
  await untilUnderWay();
  await cancel(page).click();
  const undo = page.getByRole('button', { name: 'Undo' });
  await undo.press('Enter');
  await untilUnderWay();
  // What is back stands there before its message goes.
  await undo.waitFor({ state: 'detached' });
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('ma-gallery'),
  );
});
