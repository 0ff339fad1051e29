/** A finger in the full view: across it turns, down it closes, and the picture goes with it. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page, Route } from 'playwright-core';
import sharp from 'sharp';
import { soon } from '../support/eventually.ts';
import { client, eventually, file } from '../support/stack.ts';
import { type Finger, fingerOn } from './finger.ts';
import { cards, untilCards, untilDrawn, untilViewed } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };
const SIDE = { viewport: { width: 844, height: 390 }, hasTouch: true };
const NAMES = ['02-cat.png', '08-lake.jpg', '05-dogs.jpg'];
/** Those beside it may be there too. */
const PICTURE = '.ma-slide:not([data-side]) .ma-picture img:first-child';
const SHOTS = process.env.SCREENSHOTS;

let photos: Photos;
let window: TestWindow;
let page: Page;
let finger: Finger;
beforeAll(async () => {
  photos = await startPhotos();
  const user = client(photos.stack);
  for (const name of NAMES) {
    const { media_ids } = await user.analyze([await file(name)]);
    await user.results(media_ids);
  }
});
afterAll(() => photos.close());
afterEach(async () => {
  expect(window.complaints).toEqual([]);
  await window.context.close();
});

const cardOf = (name: string) => cards(page).filter({ has: page.locator(`[title="${name}"]`) });

/** The newest is the first. */
async function openList(options: BrowserContextOptions = PHONE): Promise<void> {
  window = await photos.open(options);
  page = window.page;
  finger = await fingerOn(page);
  await page.goto(photos.stack.url);
  await untilCards(page, 'completed', NAMES.length);
}

const press = (name: string) => cardOf(name).getByRole('button', { name: /^Open/ }).click();

/** Opens the one in the middle. */
async function open(options: BrowserContextOptions = PHONE, name = '08-lake.jpg'): Promise<void> {
  await openList(options);
  await press(name);
  await untilDrawn(page, PICTURE);
}

const dialog = () => page.getByRole('dialog');
const shown = () => dialog().locator('.ma-details-facts h2').textContent();
const untilShown = (name: string) => untilViewed(page, name);
/** Where what follows the finger is. */
const place = () =>
  page.locator('.ma-track').evaluate((track) => {
    const { m41: x, m42: y } = new DOMMatrix(getComputedStyle(track).transform);
    return { x, y };
  });
const untilStill = () => page.locator('.ma-details:not([data-moved])').waitFor();
const AT_REST = { x: 0, y: 0 };

const shoot = async (name: string) => {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` });
};

test('the picture follows the finger, with the next one beside it, and turns when it is let go far or fast', async () => {
  await open();
  await finger.down(300, 250);
  await finger.moveTo(180, 255);
  const { x } = await place();
  expect(x).toBeLessThan(-80);
  expect(x).toBeGreaterThan(-125);
  const beside = page.locator('.ma-slide[data-side="next"]');
  await untilDrawn(page, '.ma-slide[data-side="next"] img:first-child');
  expect((await beside.boundingBox())?.x).toBeCloseTo(390 + 16 + x, 0);
  await shoot('across');
  // Neither far enough nor fast.
  await finger.up(300);
  await untilStill();
  expect([await shown(), await place()]).toEqual(['08-lake.jpg', AT_REST]);
  expect(await beside.isVisible()).toBe(false);
  // Far, and slow.
  await finger.down(350, 250);
  await finger.moveTo(100, 250);
  await finger.up(300);
  await untilShown('02-cat.png');
  await untilStill();
  expect(await place()).toEqual(AT_REST);
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H2'),
  );
  // Short, and fast.
  await finger.down(150, 250);
  await finger.moveTo(240, 250);
  await finger.up();
  await untilShown('08-lake.jpg');
  await untilStill();
  await page.goBack();
  await dialog().waitFor({ state: 'detached' });
  expect(page.url()).toBe(`${photos.stack.url}/`);
});

test('of a quick swipe, one move is enough: a busy device tells no more', async () => {
  await open();
  await finger.down(300, 250);
  await finger.moveTo(230, 250, 1);
  await finger.up(16);
  await untilShown('02-cat.png');
});

test('the picture that was beside it stays where it is drawn when it takes its place', async () => {
  await open();
  await finger.down(350, 250);
  await finger.moveTo(150, 250);
  const next = page.locator('.ma-slide[data-side="next"] .ma-picture img:first-child');
  await untilDrawn(page, '.ma-slide[data-side="next"] img:first-child');
  const image = await next.elementHandle();
  const before = await next.boundingBox();
  await finger.up();
  await untilShown('02-cat.png');
  await untilStill();
  // It is the same element, so nothing is loaded or decoded anew.
  const picture = page.locator(PICTURE);
  expect(await picture.evaluate((each, other) => each === other, image)).toBe(true);
  const after = await picture.boundingBox();
  expect([after?.y, after?.width]).toEqual([before?.y, before?.width]);
});

/** What is seen of it: the rest may be cut off. */
const seenOf = (selector: string) =>
  page.locator(selector).evaluate(
    (element) =>
      new Promise<DOMRect>((resolve) => {
        const observer = new IntersectionObserver(([entry]) => {
          observer.disconnect();
          if (entry) resolve(entry.intersectionRect.toJSON());
        });
        observer.observe(element);
      }),
  );

test('a high picture beside a low one does not lie on its title and buttons', async () => {
  await openList();
  const id = await cardOf('02-cat.png').getAttribute('data-media-id');
  const high = { width: 600, height: 1_200, channels: 3, background: 'teal' } as const;
  const body = await sharp({ create: high }).jpeg().toBuffer();
  await page.route(`**/${id}/preview`, (route) =>
    route.fulfill({ body, contentType: 'image/jpeg' }),
  );
  await press('08-lake.jpg');
  await untilDrawn(page, PICTURE);
  const title = () =>
    page.locator('.ma-details-facts').evaluate((facts) => facts.getBoundingClientRect().top);
  const expectAbove = async (side: string) => {
    const beside = `.ma-slide[data-side="${side}"]`;
    await untilDrawn(page, `${beside} img:first-child`);
    const { bottom, width } = await seenOf(`${beside} .ma-picture`);
    expect(width).toBeGreaterThan(50);
    expect(bottom).toBeLessThanOrEqual(await title());
  };
  await finger.down(300, 250);
  await finger.moveTo(180, 250);
  await expectAbove('next');
  await shoot('high-beside');
  await finger.moveTo(80, 250);
  await finger.up();
  await untilShown('02-cat.png');
  await untilStill();
  // It has its own height now.
  expect(await title()).toBeGreaterThan(700);
  await finger.down(100, 250);
  await finger.moveTo(220, 250);
  await expectAbove('previous');
  await finger.up(300);
  await untilStill();
});

test('a picture that slides in is at its place when a finger comes, and another swipe goes on from there', async () => {
  await open(PHONE, '05-dogs.jpg');
  const session = await page.context().newCDPSession(page);
  await session.send('Animation.enable');
  await session.send('Animation.setPlaybackRate', { playbackRate: 0.01 });
  await finger.down(300, 250);
  await finger.moveTo(200, 250);
  await finger.up();
  await untilShown('08-lake.jpg');
  expect((await place()).x).toBeGreaterThan(200);
  await finger.down(300, 250);
  expect(await place()).toEqual(AT_REST);
  await session.send('Animation.setPlaybackRate', { playbackRate: 1 });
  await finger.moveTo(200, 250);
  expect((await place()).x).toBeLessThan(-60);
  await finger.up();
  await untilShown('02-cat.png');
  await untilStill();
});

test('at the first and the last one it resists', async () => {
  await open(PHONE, '05-dogs.jpg');
  await finger.down(50, 250);
  await finger.moveTo(350, 250);
  const { x } = await place();
  expect(x).toBeGreaterThan(50);
  expect(x).toBeLessThan(150);
  await finger.up();
  await untilStill();
  expect([await shown(), await place()]).toEqual(['05-dogs.jpg', AT_REST]);
});

test('pulled down, the picture leaves the view, which closes when it is let go far or fast', async () => {
  await open();
  const card = await cardOf('08-lake.jpg').getAttribute('data-media-id');
  await finger.down(200, 200);
  await finger.moveTo(210, 320);
  const { y } = await place();
  expect(y).toBeGreaterThan(80);
  const opacity = (selector: string) =>
    page.locator(selector).evaluate((each) => Number(getComputedStyle(each).opacity));
  expect(await opacity('.ma-details-ground')).toBeLessThan(0.9);
  expect(await opacity('.ma-details-facts')).toBeLessThan(0.5);
  await shoot('pulled');
  // Up again, it does not scroll either.
  await finger.moveTo(210, 60);
  expect(await dialog().evaluate((each) => each.scrollTop)).toBe(0);
  await finger.moveTo(210, 260);
  await finger.up(300);
  await untilStill();
  expect(await place()).toEqual(AT_REST);
  expect(await opacity('.ma-details-ground')).toBe(1);
  await finger.down(200, 200);
  await finger.moveTo(200, 290);
  await finger.up();
  await dialog().waitFor({ state: 'detached' });
  await page.waitForURL(`${photos.stack.url}/`);
  // As when it is closed otherwise.
  const focused = () =>
    page.evaluate(() =>
      document.activeElement?.closest('[data-media-id]')?.getAttribute('data-media-id'),
    );
  await soon(async () => expect(await focused()).toBe(card));
});

test('up it scrolls, and down again only from the top it is pulled', async () => {
  await open();
  await dialog().getByText('More details').click();
  const scrolls = async (from: number, to: number) => {
    const taken = page.evaluate(
      () => new Promise((resolve) => addEventListener('pointercancel', resolve, { once: true })),
    );
    await finger.down(200, from);
    await finger.moveTo(200, to, 10);
    // The browser has taken the finger for itself.
    await taken;
    expect([await place(), await shown()]).toEqual([AT_REST, '08-lake.jpg']);
    await finger.up(300);
  };
  await scrolls(400, 200);
  await eventually(
    async () => (await dialog().evaluate((each) => each.scrollTop)) > 0 || undefined,
  );
  await dialog().evaluate((each) => each.scrollTo({ top: 250 }));
  await scrolls(100, 400);
  expect(await dialog().count()).toBe(1);
});

const addOnText = async () => {
  await finger.addSecond(100, 700);
  await finger.moveTo(200, 300, 1);
};

test.each([
  ['a second finger', () => finger.addSecond(100, 300), () => finger.up()],
  ['one on the text', () => addOnText(), () => finger.up()],
  ['the browser, which takes the finger', () => finger.cancel(), () => undefined],
])('%s ends it, and nothing is done', async (_, end, leave) => {
  await open();
  for (const [x, y] of [
    [60, 250],
    [320, 600],
  ] as const) {
    await finger.down(320, 200);
    await finger.moveTo(x, y);
    await page.locator('.ma-details[data-moved]').waitFor();
    await end();
    await untilStill();
    expect([await shown(), await place()]).toEqual(['08-lake.jpg', AT_REST]);
    await leave();
    expect(await shown()).toBe('08-lake.jpg');
  }
});

test.each([
  ['across', [60, 250], '02-cat.png'],
  ['down', [300, 300], '08-lake.jpg'],
] as const)(
  'what is under the finger may be replaced while it moves: %s',
  async (direction, [x, y], name) => {
    await openList();
    const id = await cardOf('08-lake.jpg').getAttribute('data-media-id');
    const asked = Promise.withResolvers<Route>();
    await page.route(`**/${id}/preview`, (route) => asked.resolve(route));
    await press('08-lake.jpg');
    const route = await asked.promise;
    await finger.down(300, 200);
    await finger.moveTo((300 + x) / 2, (200 + y) / 2);
    await page.locator(`.ma-details[data-moved="${direction}"]`).waitFor();
    await route.abort();
    await page.locator('.ma-unloaded').waitFor();
    await finger.moveTo(x, y);
    await finger.up(300);
    await untilStill();
    expect([await shown(), await place()]).toEqual([name, AT_REST]);
    // Chromium writes of each picture that it could not load.
    window.complaints.length = 0;
  },
);

test('from a picture that could not be loaded one goes on by keys, and nothing beside it can be reached', async () => {
  await openList();
  const id = await cardOf('08-lake.jpg').getAttribute('data-media-id');
  await page.route(`**/${id}/preview`, (route) => route.abort());
  await press('08-lake.jpg');
  await page.locator('.ma-unloaded button').focus();
  await finger.down(300, 100);
  await finger.moveTo(60, 100);
  await finger.up();
  await untilShown('02-cat.png');
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H2'),
  );
  await untilStill();
  await finger.down(100, 200);
  await finger.moveTo(200, 200);
  expect(await page.locator('.ma-slide[data-side]').getAttribute('inert')).toBe('');
  await finger.up(300);
  await untilStill();
  await page.keyboard.press('ArrowLeft');
  await untilShown('08-lake.jpg');
  window.complaints.length = 0;
});

test('the previews beside the picture are loaded after it, once each, and no originals', async () => {
  const large = { viewport: { width: 2_600, height: 1_900 }, hasTouch: true };
  await openList(large);
  const asked: string[] = [];
  const held = Promise.withResolvers<Route>();
  const ids = await Promise.all(NAMES.map((name) => cardOf(name).getAttribute('data-media-id')));
  await page.route(/\/api\/media\/[^/]+\/(preview|content)$/, (route) => {
    const [, , , id = '', rendition] = new URL(route.request().url()).pathname.split('/');
    const name = `${NAMES[ids.indexOf(id)]} ${rendition}`;
    asked.push(name);
    return name === '08-lake.jpg preview' ? held.resolve(route) : route.continue();
  });
  await press('08-lake.jpg');
  const route = await held.promise;
  expect(asked).toEqual(['08-lake.jpg preview']);
  await route.continue();
  await untilDrawn(page, '.ma-slide[data-side] img:first-child', 2);
  const previews = ['02-cat.png preview', '05-dogs.jpg preview', '08-lake.jpg preview'];
  const beside = () => asked.filter((each) => !each.endsWith('lake.jpg content')).sort();
  expect(beside()).toEqual(previews);
  await finger.down(1_000, 500);
  for (const x of [800, 1_200, 800, 1_200, 1_000]) await finger.moveTo(x, 500);
  await finger.up(300);
  await untilStill();
  expect(beside()).toEqual(previews);
  await finger.down(1_400, 500);
  await finger.moveTo(600, 500);
  await finger.up();
  await untilShown('02-cat.png');
  await untilStill();
  expect(beside().filter((each) => each.endsWith('preview'))).toEqual(previews);
});

test('the edge of the screen is the browser’s, and a picture that is zoomed in is moved', async () => {
  await open();
  const isLeftAlone = async (from: number, to: number) => {
    await finger.down(from, 250);
    await finger.moveTo(to, 250);
    expect(await page.locator('.ma-details[data-moved]').count()).toBe(0);
    await finger.up();
    expect(await shown()).toBe('08-lake.jpg');
  };
  await isLeftAlone(5, 250);
  await isLeftAlone(385, 150);
  await page.keyboard.press('+');
  await page.locator('[data-zoomed]').waitFor();
  await isLeftAlone(300, 100);
  const moved = await page
    .locator('.ma-zoom-frame[data-zoomed] > div')
    .evaluate((each) => new DOMMatrix(getComputedStyle(each).transform).m41);
  expect(moved).toBeLessThan(-50);
  // Nor does one beside the picture turn.
  const stage = await page.locator('.ma-details-picture').boundingBox();
  const below = (stage?.y ?? 0) + (stage?.height ?? 0) - 26;
  await finger.down(290, below);
  await finger.moveTo(60, below);
  expect(await page.locator('.ma-details[data-moved]').count()).toBe(0);
  await finger.up();
});

test('a key that turns while it closes does not keep it open', async () => {
  await open();
  const session = await page.context().newCDPSession(page);
  await session.send('Animation.enable');
  await session.send('Animation.setPlaybackRate', { playbackRate: 0.01 });
  await finger.down(200, 200);
  await finger.moveTo(200, 400);
  await finger.up();
  await page.keyboard.press('ArrowRight');
  await untilShown('02-cat.png');
  await session.send('Animation.setPlaybackRate', { playbackRate: 1 });
  await dialog().waitFor({ state: 'detached' });
});

test('with less motion, the picture follows the finger and does not move by itself', async () => {
  await open({ ...PHONE, reducedMotion: 'reduce' });
  const animations = () =>
    page.locator('.ma-track').evaluate((track) => track.getAnimations().length);
  await finger.down(300, 250);
  await finger.moveTo(220, 250);
  expect((await place()).x).toBeLessThan(-40);
  await finger.up(300);
  expect([await animations(), await place()]).toEqual([0, AT_REST]);
  await finger.down(300, 250);
  await finger.moveTo(100, 250);
  await finger.up();
  await untilShown('02-cat.png');
  expect([await animations(), await place()]).toEqual([0, AT_REST]);
  await finger.down(200, 200);
  await finger.moveTo(200, 400);
  await finger.up();
  await dialog().waitFor({ state: 'detached' });
});

test('nothing is laid out while a finger moves it', async () => {
  await open();
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const layouts = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'LayoutCount')?.value;
  };
  await finger.down(340, 250);
  await finger.moveTo(300, 250);
  await untilDrawn(page, '.ma-slide[data-side="next"] img:first-child');
  const before = await layouts();
  for (let x = 280; x >= 60; x -= 20) {
    await finger.moveTo(x, 250, 1);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  // Something else may be, once.
  expect(await layouts()).toBeLessThanOrEqual((before ?? 0) + 2);
});

test.each([
  ['phone', PHONE],
  ['side', SIDE],
  ['tablet', { viewport: { width: 1024, height: 768 }, hasTouch: true }],
])('on each screen, both ways: %s', async (name, options) => {
  const { width, height } = options.viewport;
  await open(options);
  await finger.down(width * 0.6, height * 0.3);
  await finger.moveTo(width * 0.2, height * 0.32, 10);
  await untilDrawn(page, '.ma-slide[data-side="next"] img:first-child');
  await shoot(`${name}-across`);
  await finger.up();
  await untilShown('02-cat.png');
  await shoot(`${name}-sliding`);
  await untilStill();
  await shoot(`${name}-turned`);
  await finger.down(width * 0.4, height * 0.3);
  await finger.moveTo(width * 0.45, height * 0.42, 10);
  await shoot(`${name}-pulled`);
  await finger.moveTo(width * 0.45, height * 0.7, 10);
  await shoot(`${name}-pulled-more`);
  await finger.up();
  await dialog().waitFor({ state: 'detached' });
});
