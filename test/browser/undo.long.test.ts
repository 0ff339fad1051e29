/** What was deleted is one key away, in a real browser and by keyboard alone. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { soon } from '../support/eventually.ts';
import { client, file } from '../support/stack.ts';
import { accessibilityProblems, cards, pressInMenu, untilCards, untilViewed } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

const THREE = ['02-cat.png', '03-coffee.webp', '08-lake.jpg'];

let photos: Photos;
let window: TestWindow;
let page: Page;
/** How many were in the bin before. */
let binned: number;

beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(() => photos.close());
beforeEach(async () => {
  const user = client(photos.stack);
  const { media_ids } = await user.analyze(await Promise.all(THREE.map(file)));
  await user.results(media_ids);
  binned = await countBin();
  window = await photos.open();
  page = window.page;
  await page.goto(photos.stack.url);
  await untilCards(page, 'completed', 3);
});
afterEach(async () => {
  await window.context.close();
  await photos.removeAll();
  expect(window.complaints).toEqual([]);
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const focus = () => page.evaluate(() => document.activeElement?.textContent);
/** What a screen reader says of it beside its name. */
const described = () =>
  page.evaluate(
    () =>
      document.getElementById(document.activeElement?.getAttribute('aria-describedby') ?? '')
        ?.textContent,
  );
const said = (text: string) => page.getByText(text, { exact: true });
const countBin = async () => {
  const answer = await client(photos.stack).call('/api/bin');
  return ((await answer.json()) as { media: unknown[] }).media.length;
};
const inBin = async () => (await countBin()) - binned;

test('after a card is deleted, Enter brings it back, and the notice stays until then', async () => {
  await page.clock.install();
  await button('Delete 03-coffee.webp').press('Enter');
  await said('Moved to the bin.').waitFor();
  await untilCards(page, 'completed', 2);
  await soon(async () => expect(await focus()).toBe('Undo'));
  expect(await described()).toBe('Moved to the bin.');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.clock.runFor(60_000);
  await soon(async () => expect(await focus()).toBe('Undo'));
  await page.keyboard.press('Enter');
  await untilCards(page, 'completed', 3);
  await said('Moved to the bin.').waitFor({ state: 'detached' });
  // Another Enter must not delete the one beside it.
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toMatch(
      /^Open.*03-coffee/,
    ),
  );
});

test('of two deletions, the one that was pressed last comes back, also if its answer came first', async () => {
  let answerFirst = () => {};
  const held = new Promise<void>((resolve) => {
    answerFirst = resolve;
  });
  let isFirst = true;
  await page.route('**/api/media/*', async (route) => {
    const response = await route.fetch();
    if (isFirst) {
      isFirst = false;
      await held;
    }
    await route.fulfill({ response });
  });
  await button('Delete 03-coffee.webp').press('Enter');
  await button('Delete 08-lake.jpg').press('Enter');
  await said('Moved to the bin.').waitFor();
  answerFirst();
  await untilCards(page, 'completed', 1);
  await page.keyboard.press('Control+z');
  await cards(page).locator('h3[title="08-lake.jpg"]').waitFor();
  expect([await cards(page).count(), await inBin()]).toEqual([2, 1]);
});

const dialog = () => page.getByRole('dialog');
const openFull = (name: RegExp) => page.getByRole('button', { name }).press('Enter');
const deleteShown = () =>
  dialog().getByRole('button', { name: 'Delete', exact: true }).press('Enter');

test('deleted in the full view, the next one comes; what is deleted is brought back there, and shown', async () => {
  await openFull(/^Open.*03-coffee/);
  await deleteShown();
  await untilViewed(page, '02-cat.png');
  await dialog().getByText('Moved to the bin.').waitFor();
  expect([await focus(), await described()]).toEqual(['Undo', 'Moved to the bin.']);
  const seen = await button('Undo').evaluate((each) => {
    const { left, top, width, height } = each.getBoundingClientRect();
    return each.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  });
  expect(seen).toBe(true);
  expect(await accessibilityProblems(page)).toEqual([]);
  // One looks on, and takes it back.
  await page.keyboard.press('ArrowLeft');
  await untilViewed(page, '08-lake.jpg');
  expect(await inBin()).toBe(1);
  await page.keyboard.press('Control+z');
  await untilViewed(page, '03-coffee.webp');
  await said('Moved to the bin.').waitFor({ state: 'detached' });
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H2'),
  );
  expect(await inBin()).toBe(0);
  await deleteShown();
  await dialog().getByText('Moved to the bin.').waitFor();
  await page.keyboard.press('Enter');
  await untilViewed(page, '03-coffee.webp');
  expect(await inBin()).toBe(0);
});

test('of the last one, the one before comes; with the only one, the full view closes', async () => {
  await openFull(/^Open.*02-cat/);
  await deleteShown();
  await untilViewed(page, '03-coffee.webp');
  await deleteShown();
  await untilViewed(page, '08-lake.jpg');
  expect(await dialog().count()).toBe(1);
  await said('Moved to the bin.').waitFor();
  await untilCards(page, 'completed', 1);
  await deleteShown();
  await dialog().waitFor({ state: 'detached' });
  await untilCards(page, 'completed', 0);
  await said('Moved to the bin.').waitFor();
  expect(page.url()).toBe(`${photos.stack.url}/`);
  expect(await page.getByRole('alert').count()).toBe(0);
  await soon(async () => expect(await focus()).toBe('Undo'));
});

test('who closes the full view after a deletion is at the card of what was shown last, and can take it back', async () => {
  await openFull(/^Open.*03-coffee/);
  await deleteShown();
  await dialog().getByText('Moved to the bin.').waitFor();
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
  await said('Moved to the bin.').waitFor();
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toMatch(/^Open.*02-cat/),
  );
  await page.keyboard.press('Control+z');
  await untilCards(page, 'completed', 3);
});

test('the keys take it back wherever one is by then, but not where one types', async () => {
  await button('Delete 03-coffee.webp').press('Enter');
  await said('Moved to the bin.').waitFor();
  const field = page.locator('.ma-search-field');
  await field.fill('lake');
  await field.press('Control+z');
  expect(await inBin()).toBe(1);
  await field.press('Escape');
  await untilCards(page, 'completed', 2);
  await cards(page).first().getByRole('button').first().focus();
  await page.keyboard.press('Control+z');
  await untilCards(page, 'completed', 3);
  expect(await inBin()).toBe(0);
});

test('another deletion takes the place of the one before, and can be taken back as one', async () => {
  await button('Delete 03-coffee.webp').press('Enter');
  await said('Moved to the bin.').waitFor();
  await pressInMenu(page, 'Select');
  await page.keyboard.press('Control+a');
  await said('2 selected').waitFor();
  await page.keyboard.press('Delete');
  await said('2 moved to the bin.').waitFor();
  expect([await focus(), await described()]).toEqual(['Undo', '2 moved to the bin.']);
  await page.keyboard.press('Meta+z');
  await untilCards(page, 'completed', 2);
  expect(await inBin()).toBe(1);
});

test('who closes the notice is where they would have been without it, and takes nothing back', async () => {
  await button('Delete 03-coffee.webp').press('Enter');
  await said('Moved to the bin.').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await said('Moved to the bin.').waitFor({ state: 'detached' });
  const nextTo = () => document.activeElement?.closest('.ma-card')?.querySelector('h3')?.title;
  expect(await page.evaluate(nextTo)).toBe('02-cat.png');
  await page.keyboard.press('Control+z');
  expect(await inBin()).toBe(1);
});
