/** Nothing jumps while the page comes: https://web.dev/articles/cls calls less than 0.1 good; here it is 0.02. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { client, file, TEN_PHOTOS } from '../support/stack.ts';
import { cards, choose, photoPaths } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

const SIZES: [string, BrowserContextOptions][] = [
  ['1280 px', { viewport: { width: 1280, height: 860 } }],
  ['a phone', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
];
const LIST = '**/api/media?*';
const CATALOG = '**/api/analyses*';
/** What a page with a library loads last. */
const PARTS = '**/assets/media-parts-*.js';
const EMPTY = 'Each one is described';

let photos: Photos;
let window: TestWindow | undefined;

beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(() => photos.close());
afterEach(async () => {
  const { context, complaints } = window ?? {};
  window = undefined;
  await context?.close();
  expect(complaints).toEqual([]);
});

interface Shift {
  value: number;
  moved: string[];
}

async function open(options: BrowserContextOptions): Promise<Page> {
  window = await photos.open(options);
  const { page } = window;
  await page.addInitScript(() => {
    const shifts: Shift[] = [];
    Object.assign(globalThis, { shifts });
    new PerformanceObserver((list) => {
      for (const each of list.getEntries()) {
        const { value, sources } = each as PerformanceEntry & {
          value: number;
          sources: { node?: Element; previousRect: DOMRect; currentRect: DOMRect }[];
        };
        const moved = sources.map(
          ({ node, previousRect: from, currentRect: to }) =>
            `${node?.className ?? node?.nodeName}: ${from.x},${from.y} to ${to.x},${to.y}`,
        );
        shifts.push({ value, moved });
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  return page;
}

/** @param late How many milliseconds later than the others each of them comes. */
async function delay(page: Page, late: Record<string, number>): Promise<void> {
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  for (const [url, ms] of Object.entries(late)) {
    if (url === CATALOG) continue;
    await page.route(url, async (route) => {
      await wait(ms);
      await route.continue();
    });
  }
  // The local model makes one analysis only, so there would be nothing to choose.
  await page.route(CATALOG, async (route) => {
    const response = await route.fetch();
    const { analyses } = (await response.json()) as { analyses: object[] };
    await wait(late[CATALOG] ?? 0);
    const offered = analyses.map((each) => ({ ...each, offered: true }));
    await route.fulfill({ response, json: { analyses: offered } });
  });
}

/** All that moved, without regard to which second it moved in. */
async function expectSteady(page: Page): Promise<void> {
  // The observer is told of a frame after it was drawn.
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0))),
  );
  const shifts = await page.evaluate(() => (globalThis as unknown as { shifts: Shift[] }).shifts);
  const sum = shifts.reduce((total, { value }) => total + value, 0);
  expect({ sum, shifts: sum < 0.02 ? [] : shifts }).toEqual({
    sum: expect.any(Number),
    shifts: [],
  });
}

async function untilWhole(page: Page, count: number): Promise<void> {
  await cards(page)
    .nth(count - 1)
    .waitFor({ state: 'attached' });
  await page.locator('.ma-search-field').waitFor();
  await page.locator('.ma-more-button').waitFor();
}

const ORDERS: [string, Record<string, number>][] = [
  ['as it comes', {}],
  ['the list last', { [LIST]: 500 }],
  ['the analyses last', { [CATALOG]: 500 }],
  ['its parts last', { [PARTS]: 400 }],
];

describe.each(SIZES)('on %s', (_, size) => {
  test.each(ORDERS)('an empty page does not jump: %s', async (_, late) => {
    const page = await open(size);
    await delay(page, late);
    await page.goto(photos.stack.url);
    await page.getByText(EMPTY).waitFor();
    await expectSteady(page);
  });

  describe('with a library', () => {
    const COUNT = 6;
    beforeAll(async () => {
      const files = await Promise.all(TEN_PHOTOS.slice(0, COUNT).map(file));
      await client(photos.stack).analyze(files);
    });
    afterAll(() => photos.removeAll());

    test.each(ORDERS)('a page does not jump: %s', async (_, late) => {
      const page = await open(size);
      await delay(page, late);
      await page.goto(photos.stack.url);
      await untilWhole(page, COUNT);
      await expectSteady(page);
      // The second time the browser knows the shape.
      await page.reload();
      await untilWhole(page, COUNT);
      await expectSteady(page);
    });
  });
});

test('the bar of a batch comes with its first cards: they would be pushed down', async () => {
  const page = await open({});
  await page.goto(photos.stack.url);
  await page.getByText(EMPTY).waitFor();
  await page.route('**/analyze-media', () => new Promise<void>(() => undefined));
  await page.evaluate(() => {
    const hadBar = new Promise((resolve) => {
      const look = () => {
        if (!document.querySelector('.ma-card')) return;
        resolve(document.querySelector('.ma-batch') !== null);
      };
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
    });
    Object.assign(globalThis, { hadBar });
  });
  await choose(page, photoPaths(['02-cat.png']));
  expect(await page.evaluate(() => Object(globalThis).hadBar)).toBe(true);
});

test('what a person sends before the list is there is in sight at once', async () => {
  const page = await open({});
  await page.route(LIST, () => new Promise<void>(() => undefined));
  await page.goto(photos.stack.url);
  // After a second all would be in sight.
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('.ma-unknown ~ * { animation: none !important; }');
    document.adoptedStyleSheets.push(sheet);
  });
  await choose(page, photoPaths(['02-cat.png']));
  await cards(page).first().waitFor({ state: 'attached' });
  expect(await cards(page).first().isVisible()).toBe(true);
  await page.locator('.ma-batch').waitFor();
});
