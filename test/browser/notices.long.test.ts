/** What a person sees of a batch while they look at something else; and a photo that they take with the camera. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { signal } from '../support/signal.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  photoPaths,
  pressInMenu,
  untilCards,
} from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

const PHOTOS = photoPaths(['02-cat.png', '03-coffee.webp']);

let photos: Photos;
let window: TestWindow;
let page: Page;
beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(() => photos.close());
afterEach(async () => {
  expect(window.complaints).toEqual([]);
  await window.context.close();
  await photos.removeAll();
});

async function open(options?: BrowserContextOptions): Promise<void> {
  window = await photos.open(options);
  page = window.page;
}

describe('notices', () => {
  beforeEach(async () => {
    await open();
    // A page in the background. Without a screen Chromium shows no notifications, and forbids them.
    await page.addInitScript(() => {
      const shown: string[] = [];
      const allowed = 'test-permission';
      let asked = 0;
      class Recorded extends EventTarget {
        static get permission() {
          asked++;
          return sessionStorage.getItem(allowed) ?? 'default';
        }
        static async requestPermission() {
          // Until the person has answered.
          await new Promise((resolve) => setTimeout(resolve, 100));
          sessionStorage.setItem(allowed, 'granted');
          return Recorded.permission;
        }
        constructor(title: string, options?: NotificationOptions) {
          super();
          shown.push(`${title}: ${options?.body}`);
        }
      }
      Object.assign(globalThis, { Notification: Recorded, shown, asked: () => asked });
      document.hasFocus = () => false;
    });
    await page.goto(photos.stack.url);
  });

  const shown = () => page.evaluate(() => (globalThis as unknown as { shown: string[] }).shown);
  const wish = () => page.getByRole('button', { name: 'Notify me when done' });

  const holdWork = () => signal(photos.stack.units.worker, 'SIGSTOP');
  const goOn = () => signal(photos.stack.units.worker, 'SIGCONT');
  afterEach(() => void goOn());

  const untilTitled = (title: string) =>
    eventually(async () => (await page.title()) === title || undefined);

  test('the title of the tab says how far the batch is, in the language of the page', async () => {
    holdWork();
    await choose(page, PHOTOS);
    await untilTitled('0 of 2 · Media Analysis');
    await pressInMenu(page, '日本語');
    await untilTitled('2件中0件 · メディア解析');
    await pressInMenu(page, 'English');
    goOn();
    await untilTitled('Done · Media Analysis');
    expect(await shown()).toEqual([]);
  });

  test('whoever has switched it on is notified, also of the next batch', async () => {
    holdWork();
    await choose(page, PHOTOS);
    await wish().click();
    await eventually(
      async () => (await wish().getAttribute('aria-pressed')) === 'true' || undefined,
    );
    expect(await accessibilityProblems(page)).toEqual([]);
    goOn();
    await eventually(async () => (await shown()).length > 0 || undefined);
    expect(await shown()).toEqual(['Your files are done: 2 of 2 ready']);
    await page.reload();
    await untilCards(page, 'completed', 2);
    expect(await shown()).toEqual([]);
    await choose(page, photoPaths(['05-dogs.jpg']));
    await eventually(async () => (await shown()).length > 0 || undefined);
  });

  test('also of a batch that has ended before the part that notifies is loaded', async () => {
    await page.evaluate(() => {
      sessionStorage.setItem('test-permission', 'granted');
      localStorage.setItem('media-analysis-notify', '["on"]');
    });
    const isOver = Promise.withResolvers<void>();
    await page.route('**/assets/notices-*.js', (route) =>
      isOver.promise.then(() => route.continue()),
    );
    await page.reload();
    await choose(page, PHOTOS.slice(0, 1));
    await untilCards(page, 'completed', 1);
    isOver.resolve();
    await untilTitled('Done · Media Analysis');
    expect(await shown()).toEqual(['Your files are done: 1 of 1 ready']);
  });

  test('what the browser allows is not asked with each result, because the page stands still meanwhile', async () => {
    const asked = () => page.evaluate('asked()');
    holdWork();
    await choose(page, PHOTOS);
    await untilTitled('0 of 2 · Media Analysis');
    const before = await asked();
    goOn();
    await untilTitled('Done · Media Analysis');
    expect(await asked()).toBe(before);
  });

  test('where the browser forbids it, there is no switch', async () => {
    await page.evaluate(() => sessionStorage.setItem('test-permission', 'denied'));
    holdWork();
    await choose(page, PHOTOS);
    await untilTitled('0 of 2 · Media Analysis');
    expect(await wish().count()).toBe(0);
    goOn();
    await untilCards(page, 'completed', 2);
  });
});

describe('the camera', () => {
  test('of a phone takes a photo', async () => {
    await open({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });
    await page.goto(photos.stack.url);
    const asked = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Take a photo' }).click();
    const dialog = await asked;
    expect(await dialog.element().getAttribute('capture')).toBe('environment');
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.setFiles(PHOTOS.slice(0, 1));
    await untilCards(page, 'completed', 1);
  });

  test('is not offered where there is a mouse', async () => {
    await open();
    await page.goto(photos.stack.url);
    await page.getByRole('button', { name: 'Choose files' }).waitFor();
    expect(await page.getByRole('button', { name: 'Take a photo' }).count()).toBe(0);
    expect(await cards(page).count()).toBe(0);
  });
});
