/** Batches that are large, or are sent on after a reload: each device shows the same, and comes to rest. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { signal } from '../support/signal.ts';
import { eventually } from '../support/stack.ts';
import { cards, choose, noisyPhotos, untilViewed } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';

const COUNT = 130;
/** What the page keeps in the document: a block of cards. */
const SEEN = 60;
const CHOSEN = Array.from({ length: SEEN }, (_, n) => `${n}.jpg`);

let photos: Photos;
beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(() => photos.close());
afterEach(() => photos.removeAll());

const words = (page: Page) => page.locator('.ma-batch-words').textContent();

/** The names of the first cards, each time that the list was drawn in so many frames. */
const lists = (page: Page, frames: number) =>
  page.evaluate(
    async ([most, seen]) => {
      const drawn = new Set<string>();
      for (let n = 0; n < most; n++) {
        const names = [...document.querySelectorAll('.ma-card-title')].map((each) =>
          each.getAttribute('title'),
        );
        drawn.add(names.slice(0, seen).join(' '));
        await new Promise(requestAnimationFrame);
      }
      return [...drawn].map((names) => names.split(' '));
    },
    [frames, SEEN] as const,
  );

test('A batch of 130 photos is at rest once it has ended, in the order in which it was chosen, also after a reload, and a link to its last one leads to the others', async () => {
  const { page, context } = await photos.open({ viewport: { width: 1280, height: 860 } });
  await page.goto(photos.stack.url);
  await choose(page, await noisyPhotos(COUNT, { width: 60, height: 40 }));
  await page.locator('.ma-batch[data-outcome="good"]').waitFor();
  expect(await lists(page, 60)).toEqual([CHOSEN]);
  await page.reload();
  // The list comes in pages, the newest first: it is whole with the first one.
  await page.locator('h3[title="0.jpg"]').waitFor();
  await page.locator(`h3[title="${SEEN - 1}.jpg"]`).waitFor({ state: 'attached' });
  expect(await lists(page, 30)).toEqual([CHOSEN]);
  // For one who opens the last of the list by a link, the list is loaded until there.
  const oldest = await cards(page).first().getAttribute('data-media-id');
  await context.close();
  const other = await photos.open();
  await other.page.goto(`${photos.stack.url}/?media=${oldest}`);
  const dialog = other.page.locator('dialog[open]');
  await untilViewed(other.page, '0.jpg');
  await dialog.getByRole('button', { name: 'Previous' }).click();
  await untilViewed(other.page, '1.jpg');
  await dialog.getByRole('button', { name: 'Next' }).click();
  await untilViewed(other.page, '0.jpg');
  await other.context.close();
});

test('another device counts all of 260 that wait, in each of its tabs, also in one that is opened while it counts', async () => {
  const { page: phone, context: phoneContext } = await photos.open();
  await phone.goto(photos.stack.url);
  signal(photos.stack.units.worker, 'SIGSTOP');
  await choose(phone, await noisyPhotos(260, { width: 60, height: 40 }));
  await eventually(async () => (await cards(phone, 'sending').count()) === 0 || undefined);
  const { page: one, context } = await photos.open();
  await one.goto(photos.stack.url);
  // It has remembered some of them.
  await one.locator('.ma-batch-words').waitFor();
  const two = await context.newPage();
  await two.goto(photos.stack.url);
  for (const page of [phone, one, two])
    await eventually(async () => (await words(page)) === '0 of 260 ready' || undefined);
  signal(photos.stack.units.worker, 'SIGCONT');
  for (const each of [context, phoneContext]) await each.close();
});

test('what its sender goes on with after a reload is the same batch, here and on another device, and counts nothing twice', async () => {
  const COUNT = 12;
  const { page: phone, context: phoneContext } = await photos.open();
  const { page: desktop, context } = await photos.open();
  for (const page of [phone, desktop]) await page.goto(photos.stack.url);
  // What the line brought in time.
  let requests = 0;
  await phone.route('**/api/agent/analyze-media', (route) =>
    ++requests > 1 ? undefined : route.continue(),
  );
  signal(photos.stack.units.worker, 'SIGSTOP');
  await choose(phone, await noisyPhotos(COUNT));
  await eventually(async () => requests > 1 || undefined);
  await cards(desktop).first().waitFor();
  await phone.unrouteAll({ behavior: 'ignoreErrors' });
  await phone.addInitScript(() => {
    const said = new Set<string>();
    Object.assign(globalThis, { said });
    new MutationObserver(() => {
      const words = document.querySelector('.ma-batch-words');
      const text = words?.textContent;
      if (text && words.checkVisibility({ visibilityProperty: true })) said.add(text);
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
  await phone.reload();
  await eventually(async () => (await cards(phone, 'waiting').count()) > 0 || undefined);
  await eventually(async () => (await cards(phone, 'sending').count()) === 0 || undefined);
  for (const page of [phone, desktop])
    await eventually(async () => (await words(page)) === `0 of ${COUNT} ready` || undefined);
  const said = await phone.evaluate(() => [
    ...(globalThis as unknown as { said: Set<string> }).said,
  ]);
  // What the page before was sending may be known a moment later than the media.
  expect(said.filter((text) => !/^0 of (\d|1[0-2]) ready$/.test(text))).toEqual([]);
  const [here, there] = [await lists(phone, 1), await lists(desktop, 1)];
  expect(here[0]).toHaveLength(COUNT);
  expect(there).toEqual(here);
  signal(photos.stack.units.worker, 'SIGCONT');
  for (const page of [phone, desktop])
    await page.locator('.ma-batch[data-outcome="good"]').waitFor();
  for (const page of [phone, desktop]) expect(await words(page)).toContain(`${COUNT} of ${COUNT}`);
  for (const each of [context, phoneContext]) await each.close();
});
