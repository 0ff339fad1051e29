/** The slideshow of the full view. Its time is a clock that the test moves. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page, Route } from 'playwright-core';
import { soon } from '../support/eventually.ts';
import { client, file } from '../support/stack.ts';
import { fingerOn } from './finger.ts';
import { accessibilityProblems, cards, untilCards, untilDrawn } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

const DESKTOP = { viewport: { width: 1280, height: 860 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, locale: 'ja-JP' };
/** The newest is the first. */
const NAMES = ['02-cat.png', '08-lake.jpg', 'clip.webm', '05-dogs.jpg'];
const PICTURE = '.ma-slide:not([data-side]) .ma-picture img:first-child';
const SHOTS = process.env.SCREENSHOTS;

let photos: Photos;
let window: TestWindow;
let page: Page;
beforeAll(async () => {
  photos = await startPhotos();
  const user = client(photos.stack);
  const clip = await readFile(new URL('../videos/clip.webm', import.meta.url));
  for (const name of NAMES) {
    const isClip = name === 'clip.webm';
    const each = isClip ? new File([clip], name, { type: 'video/webm' }) : await file(name);
    const { media_ids } = await user.analyze([each]);
    await user.results(media_ids);
  }
});
afterAll(() => photos.close());
afterEach(async () => {
  await window.context.close();
});

const cardOf = (name: string) => cards(page).filter({ has: page.locator(`[title="${name}"]`) });
const dialog = () => page.getByRole('dialog');
const isOpen = (name: string) =>
  page.locator('.ma-details-facts').getByText(name).first().waitFor({ state: 'attached' });
const show = () => dialog().getAttribute('data-show');
const untilShow = (state: string) => page.locator(`.ma-details[data-show="${state}"]`).waitFor();
const untilOver = () => page.locator('.ma-details:not([data-show])').waitFor();
/** The browser leaves it some frames later. */
const untilNotFull = () =>
  page.waitForFunction(() => document.fullscreenElement === null, undefined, { polling: 100 });
/** Frames are of the clock that stands still, so it looks by itself. */
const untilFull = () =>
  page.waitForFunction(
    () => document.fullscreenElement?.className === 'ma-details-inner',
    undefined,
    { polling: 100 },
  );
const focused = () =>
  page.evaluate(() => {
    const { activeElement } = document;
    return activeElement?.textContent || activeElement?.getAttribute('title');
  });
const opacity = () =>
  page.locator('.ma-show-buttons').evaluate((each) => Number(getComputedStyle(each).opacity));
const lockCount = () =>
  page.evaluate(() => (globalThis as unknown as { locks: { held: number } }).locks.held);
/** Its timers are those of the clock, too. */
async function problems(): Promise<object[]> {
  let isOver = false;
  const found = accessibilityProblems(page).finally(() => {
    isOver = true;
  });
  while (!isOver) await page.clock.runFor(1);
  return found;
}
const shoot = async (name: string) => {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/slideshow-${name}.png` });
};

async function stopClock(): Promise<void> {
  for (let aheadMs = 1_000; ; aheadMs *= 2) {
    try {
      await page.clock.pauseAt(await page.evaluate((ms) => Date.now() + ms, aheadMs));
      return;
    } catch (error) {
      // On a busy machine, that moment may be over.
      if (!/to the past/.test(String(error))) throw error;
    }
  }
}

/** Opens one in full view, with a clock that stands still. */
async function open(options: BrowserContextOptions, name = '05-dogs.jpg'): Promise<void> {
  window = await photos.open(options);
  page = window.page;
  // The browser of the tests has no screen that could sleep.
  await page.addInitScript(() => {
    const locks = { held: 0 };
    const request = async () => {
      locks.held++;
      return { release: async () => void locks.held-- };
    };
    Object.assign(globalThis, { locks });
    Object.defineProperty(navigator, 'wakeLock', { value: { request } });
  });
  await page.clock.install();
  await page.goto(photos.stack.url);
  await untilCards(page, 'completed', NAMES.length);
  await stopClock();
  await cardOf(name).locator('button.ma-card-picture').click();
  await untilDrawn(page, PICTURE);
}

test('by keyboard alone: one after the other, alone on the screen, a video to its end, and from the first one again', async () => {
  await open(DESKTOP);
  const held = Promise.withResolvers<Route>();
  const cat = await cardOf('02-cat.png').getAttribute('data-media-id');
  await page.route(`**/${cat}/preview`, (route) => held.resolve(route));
  await page.keyboard.press('s');
  await untilShow('playing');
  await untilFull();
  expect(await page.locator('.ma-details-facts').isVisible()).toBe(false);
  expect([await opacity(), await lockCount()]).toEqual([0, 1]);
  await soon(async () => expect(await focused()).toBe('Pause slideshow'));
  const stage = await page.locator('.ma-details-picture').boundingBox();
  expect([stage?.width, stage?.height]).toEqual([1280, 860]);
  await shoot('desktop');
  await page.clock.runFor(4_900);
  await isOpen('05-dogs.jpg');
  await page.clock.runFor(100);
  await isOpen('clip.webm');
  const video = page.locator('video');
  expect(await video.evaluate((each) => each instanceof HTMLVideoElement && each.muted)).toBe(true);
  // Its time is its own.
  await isOpen('08-lake.jpg');
  await untilDrawn(page, PICTURE);
  await page.clock.runFor(5_000);
  await isOpen('02-cat.png');
  const route = await held.promise;
  // It is not drawn yet.
  await page.clock.runFor(9_000);
  expect(await problems()).toEqual([]);
  expect(await show()).toBe('playing');
  await route.continue();
  await untilDrawn(page, PICTURE);
  await page.clock.runFor(4_900);
  expect(await show()).toBe('playing');
  await page.clock.runFor(100);
  // After the last one it begins again.
  await isOpen('05-dogs.jpg');
  expect(await show()).toBe('playing');
  await page.keyboard.press('Escape');
  await untilOver();
  await untilNotFull();
  expect(await lockCount()).toBe(0);
  // So does one that is begun at the last one.
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await isOpen('02-cat.png');
  await dialog().getByRole('button', { name: 'Slideshow' }).click();
  await untilShow('playing');
  await page.clock.runFor(5_000);
  await isOpen('05-dogs.jpg');
  expect(window.complaints).toEqual([]);
});

test('it is paused by its button, by keys and by a turn, and Escape ends it and does not close the view', async () => {
  await open(DESKTOP);
  await dialog().getByRole('button', { name: 'Slideshow' }).click();
  await untilShow('playing');
  await page.mouse.move(500, 300);
  await page.mouse.move(510, 310);
  await page.locator('.ma-details[data-awake]').waitFor();
  expect(await opacity()).toBe(1);
  await page.clock.runFor(3_000);
  await page.locator('.ma-details:not([data-awake])').waitFor();
  await page.mouse.move(520, 310);
  await page.getByRole('button', { name: 'Pause slideshow' }).click();
  await untilShow('paused');
  expect(await lockCount()).toBe(0);
  expect(await problems()).toEqual([]);
  await shoot('desktop-paused');
  await page.clock.runFor(60_000);
  await isOpen('05-dogs.jpg');
  await soon(async () => expect(await focused()).toBe('Resume slideshow'));
  await page.keyboard.press('Space');
  await untilShow('playing');
  await page.keyboard.press('Tab');
  await untilShow('paused');
  await soon(async () => expect(await focused()).toBe('End slideshow'));
  await page.keyboard.press('s');
  await untilShow('playing');
  await page.keyboard.press('+');
  await untilShow('paused');
  await page.keyboard.press('s');
  await page.keyboard.press('ArrowRight');
  await isOpen('clip.webm');
  await untilShow('paused');
  await page.keyboard.press('ArrowLeft');
  await isOpen('05-dogs.jpg');
  await page.keyboard.press('s');
  await untilShow('playing');
  await page.mouse.wheel(0, 40);
  await untilShow('paused');
  await page.keyboard.press('s');
  await page.keyboard.press('Escape');
  await untilOver();
  await untilNotFull();
  expect(await dialog().count()).toBe(1);
  await soon(async () => expect(await focused()).toBe('Slideshow'));
  await page.keyboard.press('Enter');
  await untilShow('playing');
  await untilFull();
  // As a browser does by itself at Escape.
  await page.evaluate(() => document.exitFullscreen());
  await untilOver();
  await page.keyboard.press('Escape');
  expect(await dialog().count()).toBe(1);
  await page.clock.runFor(1_000);
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
  expect(window.complaints).toEqual([]);
});

test('it begins with the whole picture, and goes on with it', async () => {
  await open(DESKTOP);
  const zoomed = page.locator('.ma-zoom-frame[data-zoomed]');
  await page.keyboard.press('+');
  await zoomed.waitFor();
  await page.keyboard.press('s');
  await untilShow('playing');
  await zoomed.waitFor({ state: 'detached' });
  // Who looks closer pauses it.
  await page.keyboard.press('+');
  await untilShow('paused');
  await zoomed.waitFor();
  await page.keyboard.press('s');
  await untilShow('playing');
  await zoomed.waitFor({ state: 'detached' });
});

test('ended before it fills the screen, it leaves the screen as it was', async () => {
  await open(DESKTOP);
  await page.evaluate(() => {
    const { requestFullscreen } = Element.prototype;
    Element.prototype.requestFullscreen = function () {
      return new Promise((resolve, reject) => {
        const fill = () => requestFullscreen.call(this).then(resolve, reject);
        Object.assign(globalThis, { fill });
      });
    };
  });
  await page.keyboard.press('s');
  await untilShow('playing');
  await page.keyboard.press('Escape');
  await untilOver();
  // A browser fills the screen for who has just pressed something.
  await page.keyboard.press('Shift');
  await page.evaluate(async () => {
    let changes = 0;
    const changed = new Promise<void>((resolve) => {
      document.addEventListener('fullscreenchange', () => ++changes === 2 && resolve());
    });
    await (globalThis as unknown as { fill: () => Promise<void> }).fill();
    await changed;
  });
  await untilNotFull();
  await untilOver();
  await soon(async () => expect(await focused()).toBe('Slideshow'));
});

test('when it was opened by a link, the focus goes to the card of what was shown last', async () => {
  await open(DESKTOP);
  await page.clock.resume();
  await page.reload();
  await untilDrawn(page, PICTURE);
  await stopClock();
  await page.keyboard.press('s');
  await untilShow('playing');
  await page.clock.runFor(5_000);
  await isOpen('clip.webm');
  await page.keyboard.press('Escape');
  await untilOver();
  await page.clock.runFor(1_000);
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
  await page.waitForFunction(
    () =>
      document.activeElement?.matches('.ma-card-picture') &&
      document.activeElement.closest('.ma-card')?.querySelector('[title="clip.webm"]'),
    undefined,
    { polling: 100 },
  );
});

test('a picture that does not come is passed over', async () => {
  await open(DESKTOP);
  const lake = await cardOf('08-lake.jpg').getAttribute('data-media-id');
  await page.route(`**/${lake}/preview`, (route) => route.abort());
  await page.keyboard.press('ArrowRight');
  await isOpen('clip.webm');
  await page.keyboard.press('s');
  await isOpen('08-lake.jpg');
  await page.locator('.ma-unloaded').waitFor();
  await page.clock.runFor(14_900);
  await isOpen('08-lake.jpg');
  await page.clock.runFor(100);
  await isOpen('02-cat.png');
  expect(await show()).toBe('playing');
});

test('in a hidden tab it waits', async () => {
  await open(DESKTOP);
  const setVisible = (value: string) =>
    page.evaluate((state) => {
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, value);
  await page.keyboard.press('s');
  await untilShow('playing');
  await setVisible('hidden');
  await page.clock.runFor(60_000);
  await isOpen('05-dogs.jpg');
  expect(await lockCount()).toBe(0);
  await setVisible('visible');
  await page.clock.runFor(5_000);
  await isOpen('clip.webm');
});

test('on a phone a tap pauses it and presses nothing, and a finger turns', async () => {
  await open(PHONE, '08-lake.jpg');
  await shoot('phone-before');
  await dialog().getByRole('button', { name: 'スライドショー' }).tap();
  await untilShow('playing');
  expect(await opacity()).toBe(0);
  const box = await page.getByRole('button', { name: '一時停止' }).boundingBox();
  if (!box) throw new Error('there is no button');
  await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
  await untilShow('paused');
  expect(await opacity()).toBe(1);
  expect(await problems()).toEqual([]);
  await shoot('phone-paused');
  await page.getByRole('button', { name: '再開' }).tap();
  await untilShow('playing');
  await shoot('phone');
  const finger = await fingerOn(page);
  // Where time stands still, only how far it goes tells that it turns.
  await finger.down(350, 250);
  await finger.moveTo(40, 250);
  await finger.up();
  await isOpen('02-cat.png');
  await untilShow('paused');
  await page.getByRole('button', { name: 'スライドショーを終了' }).tap();
  await untilOver();
  await shoot('phone-after');
  expect(await dialog().count()).toBe(1);
  expect(window.complaints).toEqual([]);
});

test('on a phone a tap on the picture pauses it, the next one goes on, and a double tap stays', async () => {
  await open(PHONE, '08-lake.jpg');
  await dialog().getByRole('button', { name: 'スライドショー' }).tap();
  await untilShow('playing');
  const finger = await fingerOn(page);
  const tap = async (after?: number) => {
    await finger.down(150, 300, after);
    await finger.up();
  };
  await tap();
  await untilShow('paused');
  await tap();
  await untilShow('playing');
  await page.clock.runFor(4_900);
  await isOpen('08-lake.jpg');
  await page.clock.runFor(100);
  await isOpen('02-cat.png');
  await untilDrawn(page, PICTURE);
  await tap();
  await untilShow('paused');
  // A turn by a finger is no tap.
  await finger.down(40, 250);
  await finger.moveTo(350, 250);
  await finger.up();
  await isOpen('08-lake.jpg');
  await untilShow('paused');
  await tap();
  await untilShow('playing');
  await tap();
  await tap(60);
  await page.locator('.ma-zoom-frame[data-zoomed]').waitFor();
  await untilShow('paused');
  // A video goes on, too.
  await page.getByRole('button', { name: 'スライドショーを終了' }).tap();
  await untilOver();
  await page.keyboard.press('Escape');
  await cardOf('clip.webm').locator('button.ma-card-picture').tap();
  await page.keyboard.press('s');
  await untilShow('playing');
  const plays = (isPlaying: boolean) =>
    page.waitForFunction(
      (wanted) => document.querySelector('video')?.paused === !wanted,
      isPlaying,
      { polling: 100 },
    );
  await plays(true);
  await tap();
  await untilShow('paused');
  await plays(false);
  // On the player itself.
  const box = await page.locator('video').boundingBox();
  await page.touchscreen.tap(100, (box?.y ?? 0) + 20);
  await untilShow('playing');
  await plays(true);
  expect(await show()).toBe('playing');
  expect(window.complaints).toEqual([]);
});

test('where the browser has no full screen it fills the window, and with less motion nothing fades in', async () => {
  await open({ ...DESKTOP, reducedMotion: 'reduce' });
  await page.evaluate(() =>
    Object.defineProperty(Element.prototype, 'requestFullscreen', { value: undefined }),
  );
  await page.keyboard.press('s');
  await untilShow('playing');
  const stage = await page.locator('.ma-details-picture').boundingBox();
  expect([stage?.width, stage?.height]).toEqual([1280, 860]);
  const animations = () =>
    page.evaluate(() => document.getAnimations().filter((each) => each instanceof CSSAnimation));
  expect(await animations()).toEqual([]);
  await page.clock.runFor(5_000);
  await isOpen('clip.webm');
  await page.keyboard.press('Escape');
  await untilOver();
  expect(await dialog().count()).toBe(1);
});
