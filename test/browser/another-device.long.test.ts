/** A batch that one device sends, on another device of the same person: with the same count, in the same order. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { signal } from '../support/signal.ts';
import { client, eventually, file } from '../support/stack.ts';
import { cards, choose, noisyPhotos } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';

/** What a page has in the document: rows near the screen. */
const SEEN = 30;
/** More than the first page of the list, and than the second. */
const COUNT = 130;

let photos: Photos;
let phone: Page;
beforeAll(async () => {
  photos = await startPhotos();
  ({ page: phone } = await photos.open({ viewport: { width: 390, height: 844 } }));
  await phone.goto(photos.stack.url);
  await choose(phone, await noisyPhotos(COUNT, { width: 60, height: 40 }));
});
afterAll(() => photos.close());

/** The names of the files, from top to bottom. */
const titlesOf = (page: Page) =>
  cards(page)
    .locator('h3')
    .evaluateAll((all) => all.map((each) => each.getAttribute('title') ?? ''));
const summaryOf = (page: Page) => page.locator('.ma-batch-words').textContent();
const whole = new RegExp(`^[1-9]\\d* of ${COUNT} ready$`);

test('counts all of the batch, with what was done before the page was opened, to its end', async () => {
  await eventually(async () => whole.test((await summaryOf(phone)) ?? '') || undefined);
  await eventually(async () => (await cards(phone, 'sending').count()) === 0 || undefined);
  signal(photos.stack.units.worker, 'SIGSTOP');
  const { page: desktop, complaints } = await photos.open();
  const asked: string[] = [];
  desktop.on('request', (request) => asked.push(request.url()));
  await desktop.goto(photos.stack.url);
  await eventually(
    async () => (await summaryOf(desktop)) === (await summaryOf(phone)) || undefined,
  );
  expect(await summaryOf(desktop)).toMatch(whole);
  // The first one that is worked on is on top of both.
  const firstOf = async (page: Page) => (await titlesOf(page)).slice(0, SEEN);
  expect(await firstOf(phone)).toEqual(Array.from({ length: SEEN }, (_, n) => `${n}.jpg`));
  expect(await firstOf(desktop)).toEqual(await firstOf(phone));
  // The first page has 24, each further one 100. How far the months go back is asked by `sort`.
  expect(asked.filter((url) => /\/api\/media\?(?!.*sort=)/.test(url))).toHaveLength(3);
  signal(photos.stack.units.worker, 'SIGCONT');
  for (const page of [phone, desktop]) await page.getByText(`${COUNT} of ${COUNT} ready`).waitFor();
  expect(await firstOf(desktop)).toEqual(await firstOf(phone));
  // What is over is counted no more.
  await desktop.reload();
  await cards(desktop, 'completed').first().waitFor();
  expect(await desktop.locator('.ma-batch').count()).toBe(0);
  await eventually(async () => (await firstOf(desktop))[0] === '0.jpg' || undefined);
  expect(await firstOf(desktop)).toEqual(await firstOf(phone));
  expect(complaints).toEqual([]);
});

test('shows what another device has sent and deleted, when one comes back to it', async () => {
  const { page: desktop, complaints } = await photos.open();
  await desktop.goto(photos.stack.url);
  await cards(desktop, 'completed').first().waitFor();
  const deleted = await cards(desktop).first().getAttribute('data-media-id');
  const elsewhere = client(photos.stack);
  await elsewhere.call(`/api/media/${deleted}`, { method: 'DELETE' });
  await elsewhere.analyze([await file('02-cat.png'), await file('05-dogs.jpg')]);
  await eventually(async () => {
    await desktop.evaluate(() => dispatchEvent(new Event('focus')));
    const top = (await titlesOf(desktop)).slice(0, 2).toSorted();
    return top.join() === '02-cat.png,05-dogs.jpg' || undefined;
  });
  // The news of a deletion come by themselves.
  await desktop.locator(`[data-media-id="${deleted}"]`).waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
});
