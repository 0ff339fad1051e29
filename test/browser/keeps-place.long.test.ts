/** Who has scrolled down keeps their place while photos from elsewhere arrive above. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { ordinary } from '../support/library.ts';
import { client, eventually } from '../support/stack.ts';
import { cards, noisyPhotos } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import { shelveLibrary } from './shelve-library.ts';

const MEDIA = 240;
const ARRIVALS = 30;

let photos: Photos;
beforeAll(async () => {
  photos = await startPhotos();
  const now = Date.now();
  // Some are of today, where each that arrives moves all others by one.
  const sentAt = (n: number) => new Date(now - (MEDIA - n) * (n < 40 ? 3_600_000 : 100));
  await shelveLibrary(photos.stack, MEDIA, (n) => ({
    ...ordinary(n),
    sent: sentAt(n).toISOString(),
  }));
});
afterAll(() => photos.close());

/** What is first in sight below the bar: its id, its place in the list, and where it is on the screen. */
const firstInSight = (page: Page) =>
  page.evaluate(() => {
    const all = [...document.querySelectorAll<HTMLElement>('.ma-card')];
    const card = all.find((each) => {
      const { top } = each.getBoundingClientRect();
      return top >= 60 && top < innerHeight;
    });
    return {
      id: card?.dataset.mediaId,
      place: Number(card?.ariaPosInSet ?? card?.getAttribute('aria-posinset')),
      top: card?.getBoundingClientRect().top ?? Number.NaN,
    };
  });

const DESKTOP = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

test.each<[string, BrowserContextOptions, string]>([
  ['on a desktop', DESKTOP, 'auto'],
  ['on a desktop, as in WebKit', DESKTOP, 'none'],
  ['on a phone, as in WebKit', PHONE, 'none'],
])('the card that is first in sight stays where it is: %s', async (_, options, anchor) => {
  const { context, page, complaints } = await photos.open(options);
  await page.goto(photos.stack.url);
  await cards(page).first().waitFor();
  await page.evaluate((value) => {
    document.documentElement.style.setProperty('overflow-anchor', value);
  }, anchor);
  await eventually(async () => {
    await page.evaluate(() => scrollTo(0, 1e9));
    return (await page.locator('.ma-more').count()) === 0 || undefined;
  });
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight * 0.6));
  let before = await firstInSight(page);
  await eventually(async () => {
    const now = await firstInSight(page);
    const isAtRest = now.id !== undefined && JSON.stringify(now) === JSON.stringify(before);
    before = now;
    return isAtRest || undefined;
  });
  const made = await noisyPhotos(ARRIVALS, { width: 64, height: 48 });
  const files = made.map(
    ({ name, mimeType, buffer }) => new File([buffer], name, { type: mimeType }),
  );
  await client(photos.stack).analyze(files);
  const card = page.locator(`[data-media-id="${before.id}"]`);
  await eventually(async () => {
    const place = Number(await card.getAttribute('aria-posinset'));
    return place === before.place + ARRIVALS || undefined;
  });
  const top = await card.evaluate((each) => each.getBoundingClientRect().top);
  expect(Math.abs(top - before.top)).toBeLessThanOrEqual(2);
  await context.close();
  expect(complaints).toEqual([]);
});
