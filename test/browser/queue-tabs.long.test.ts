/** One batch in several tabs of a browser, and over a reload: each shows the same one, in the same order, with the same count. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { client, eventually, file } from '../support/stack.ts';
import {
  bytesKept,
  cards,
  choose,
  noisyPhotos,
  photoPaths,
  untilAllKept,
  untilCards,
} from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

const COUNT = 6;

let photos: Photos;
let window: TestWindow;
let page: Page;
/** Of the batch: it is sent when this is resolved. */
let rest: PromiseWithResolvers<void>;
beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(() => photos.close());
beforeEach(async () => {
  window = await photos.open();
  page = window.page;
  await page.goto(photos.stack.url);
  await page.getByText('Drop photos and videos here').waitFor();
});
afterEach(async () => {
  await window.context.close();
  await photos.removeAll();
});

/** The names on the cards, from top to bottom. */
const namesOf = (tab: Page) =>
  cards(tab)
    .locator('h3')
    .evaluateAll((all) => all.map((each) => each.getAttribute('title') ?? ''));
const summaryOf = (tab: Page) => tab.locator('.ma-batch-words').textContent();

/** One is done, one was refused, and the others are still to be sent. */
async function startBatch(): Promise<string[]> {
  const files = await noisyPhotos(COUNT);
  const text = { name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('x') };
  const all = [...files.slice(0, 2), text, ...files.slice(2)];
  rest = Promise.withResolvers();
  let requests = 0;
  const { promise } = rest;
  await page.route('**/analyze-media', async (route) => {
    if (requests++ > 0) await promise;
    // A reload, a pause and the end of the page have ended it.
    await route.continue().catch(() => undefined);
  });
  await choose(page, all);
  await untilCards(page, 'completed', 1);
  return all.map(({ name }) => name);
}

async function openTab(): Promise<Page> {
  const tab = await window.openTab();
  await tab.goto(photos.stack.url);
  return tab;
}

const untilSame = (tabs: Page[], names: string[]) =>
  eventually(async () => {
    const seen = await Promise.all(tabs.map(namesOf));
    const counts = new Set(await Promise.all(tabs.map(summaryOf)));
    return (seen.every((each) => each.join() === names.join()) && counts.size === 1) || undefined;
  });

test('a second tab shows the batch of the first, in its order, with what failed, to its end', async () => {
  const names = await startBatch();
  const other = await openTab();
  await other.getByText(`of ${COUNT + 1} ready`).waitFor();
  await untilSame([page, other], names);
  rest.resolve();
  for (const tab of [page, other]) await tab.getByText(`${COUNT} done, 1 failed`).waitFor();
  await untilSame([page, other], names);
});

test('a tab that was open before shows a batch that begins in another, and can stop it', async () => {
  const other = await openTab();
  await other.getByText('Drop photos and videos here').waitFor();
  const names = await startBatch();
  await other.getByText(`of ${COUNT + 1} ready`).waitFor();
  await untilSame([page, other], names);
  await other.getByRole('button', { name: 'Pause' }).click();
  await page.locator('.ma-batch').getByText('Paused').waitFor();
  await other.getByRole('button', { name: 'Resume' }).click();
  await page.locator('.ma-batch').getByText('Paused').waitFor({ state: 'detached' });
  await other.getByRole('button', { name: 'Cancel the rest' }).click();
  await eventually(async () => (await cards(page, 'stopped').count()) > 0 || undefined);
  await eventually(
    async () =>
      (await cards(page, 'stopped').count()) === (await cards(other, 'stopped').count()) ||
      undefined,
  );
});

test('the tab that sends is closed, and the other one goes on with the same batch', async () => {
  const names = (await startBatch()).filter((name) => name !== 'note.txt');
  const other = await openTab();
  await other.getByText(`of ${COUNT + 1} ready`).waitFor();
  await untilAllKept(page, COUNT - 1);
  await page.close({ runBeforeUnload: false });
  await untilCards(other, 'completed', COUNT);
  // What was refused went with its tab.
  await other.getByText('All done').waitFor();
  expect(await namesOf(other)).toEqual(names);
});

test('the order stays over a reload, while files are sent and when all are done', async () => {
  const names = (await startBatch()).filter((name) => name !== 'note.txt');
  await untilAllKept(page, COUNT - 1);
  await page.reload();
  await page.getByText(`of ${COUNT} ready`).waitFor();
  // One that had just arrived is there twice, until the server has said what it has become.
  await eventually(async () => (await namesOf(page)).join() === names.join() || undefined);
  rest.resolve();
  await untilCards(page, 'completed', COUNT);
  expect(await namesOf(page)).toEqual(names);
  await page.getByText(`${COUNT} of ${COUNT} ready`).waitFor();
  // The page remembers a little later that a file has arrived.
  await eventually(async () => (await bytesKept(page)) === 0 || undefined);
  await page.reload();
  await untilCards(page, 'completed', COUNT);
  expect(await namesOf(page)).toEqual(names);
  expect(await page.locator('.ma-batch').count()).toBe(0);
});

test('what comes from elsewhere later is above a batch, and what was deleted is back where it was', async () => {
  const names = ['02-cat.png', '03-coffee.webp'];
  await choose(page, photoPaths(names));
  await untilCards(page, 'completed', 2);
  await eventually(async () => (await bytesKept(page)) === 0 || undefined);
  await client(photos.stack).analyze([await file('05-dogs.jpg')]);
  await page.reload();
  await untilCards(page, 'completed', 3);
  const all = ['05-dogs.jpg', ...names];
  expect(await namesOf(page)).toEqual(all);
  await cards(page).nth(1).hover();
  await page.getByRole('button', { name: 'Delete 02-cat.png' }).click();
  await untilCards(page, 'completed', 2);
  await page.getByRole('button', { name: 'Undo' }).click();
  await untilCards(page, 'completed', 3);
  expect(await namesOf(page)).toEqual(all);
  await page.reload();
  await untilCards(page, 'completed', 3);
  expect(await namesOf(page)).toEqual(all);
});

test('a second tab makes no picture again with each news of the first', async () => {
  const other = await openTab();
  await other.getByText('Drop photos and videos here').waitFor();
  const made = await other.evaluateHandle(() => {
    const files: number[] = [];
    const make = globalThis.createImageBitmap;
    Object.assign(globalThis, {
      createImageBitmap: (...all: Parameters<typeof make>) => {
        files.push(files.length);
        return make(...all);
      },
    });
    return files;
  });
  await startBatch();
  rest.resolve();
  await untilCards(other, 'completed', COUNT);
  // A second time when a card can be opened: its picture becomes a button. One more is of the file that is no picture.
  expect(await made.evaluate((files) => files.length)).toBeLessThanOrEqual(2 * COUNT + 1);
});

test('what was refused is forgotten in all tabs when its own is loaded again', async () => {
  const names = (await startBatch()).filter((name) => name !== 'note.txt');
  const other = await openTab();
  await other.getByText(`of ${COUNT + 1} ready`).waitFor();
  await untilAllKept(page, COUNT - 1);
  await page.reload();
  await page.getByText(`of ${COUNT} ready`).waitFor();
  await untilSame([page, other], names);
  rest.resolve();
  for (const tab of [page, other]) await untilCards(tab, 'completed', COUNT);
});

test('what is chosen during a pause of another tab waits, too', async () => {
  await startBatch();
  const other = await openTab();
  await other.getByText(`of ${COUNT + 1} ready`).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await other.locator('.ma-batch').getByText('Paused').waitFor();
  const late = (await noisyPhotos(1)).map((each) => ({ ...each, name: 'late.jpg' }));
  await choose(other, late);
  const card = (tab: Page) => cards(tab).filter({ has: tab.locator('h3[title="late.jpg"]') });
  for (const tab of [page, other]) {
    await card(tab).waitFor();
    await eventually(
      async () => (await card(tab).getAttribute('data-stage')) === 'paused' || undefined,
    );
  }
  await page.getByRole('button', { name: 'Resume' }).click();
  rest.resolve();
  for (const tab of [page, other]) await untilCards(tab, 'completed', COUNT + 1);
});
