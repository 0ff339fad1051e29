/** How much of the first screen is photos. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { client, file, TEN_PHOTOS } from '../support/stack.ts';
import { cards, choose, noisyPhotos, slowDown, untilCards, untilDrawn } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';

const DESKTOP = { viewport: { width: 1440, height: 900 } };
/** What 1,440 × 900 leaves of the page at a zoom of 400 %. */
const ENLARGED = { viewport: { width: 360, height: 225 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

let photos: Photos;
beforeAll(async () => {
  photos = await startPhotos();
});
afterEach(() => photos.removeAll());
afterAll(() => photos.close());

const topOfPhotos = (page: Page) =>
  page
    .locator('.ma-card-frame')
    .first()
    .evaluate((picture) => picture.getBoundingClientRect().top + scrollY);

/** All on the first screen that can be pressed or filled in, and is no photo. */
const controls = (page: Page) =>
  page.locator('button, a[href], input, select, summary').evaluateAll((all) =>
    all
      .filter((each) => !each.closest('.ma-card') && each.checkVisibility())
      .filter((each) => each.getBoundingClientRect().top < innerHeight)
      .map((each) => each.getAttribute('aria-label') ?? each.textContent),
  );

test.each([
  ['a desktop', DESKTOP],
  ['a desktop at 400 %', ENLARGED],
  ['a phone', PHONE],
])(
  'on %s photos begin at most 140 px from the top, and 190 px while others are sent',
  async (_, options) => {
    for (const name of TEN_PHOTOS.slice(0, 3))
      await client(photos.stack).analyze([await file(name)]);
    const { page, context } = await photos.open(options);
    await page.goto(photos.stack.url);
    await untilCards(page, 'completed', 3);
    await untilDrawn(page, '.ma-card img', 3);
    expect(await topOfPhotos(page)).toBeLessThanOrEqual(140);
    expect((await controls(page)).length).toBeLessThanOrEqual(8);
    await slowDown(page, 50_000);
    await choose(page, await noisyPhotos(2));
    await cards(page, 'sending').first().waitFor();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    expect(await topOfPhotos(page)).toBeLessThanOrEqual(190);
    expect((await controls(page)).length).toBeLessThanOrEqual(8);
    const isWide = () => document.documentElement.scrollWidth > innerWidth;
    expect(await page.evaluate(isWide)).toBe(false);
    // Beside the button for files that were not taken, those of the progress still share a line.
    await choose(page, [{ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('No') }]);
    await page.getByRole('button', { name: 'Show 1 failed' }).waitFor();
    const tops = await page
      .locator('.ma-batch > .ma-button')
      .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().top));
    expect(tops.length).toBeGreaterThanOrEqual(2);
    expect(new Set(tops).size).toBe(1);
    await slowDown(page, -1);
    await untilCards(page, 'completed', 5);
    await context.close();
  },
);

test('no entry of the menu moves while it is open, also when the library comes late', async () => {
  await client(photos.stack).analyze([await file(TEN_PHOTOS[0] as string)]);
  const { page, context } = await photos.open(DESKTOP);
  let answer = () => {};
  await page.route('**/api/media?**', async (route) => {
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    await route.continue();
  });
  await page.goto(photos.stack.url);
  await page.locator('.ma-more-button').click();
  const entry = (name: string) => page.getByRole('menuitem', { name, exact: true });
  const before = await entry('Bin').boundingBox();
  answer();
  await entry('Select').waitFor();
  expect(await entry('Bin').boundingBox()).toEqual(before);
  await entry('Select').click();
  await page.getByText('0 selected').waitFor();
  await context.close();
});
