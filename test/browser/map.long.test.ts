/** The map of the library, and the small map of one photo, as a person meets them: by pointer, finger and keyboard. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { eventually } from '../support/eventually.ts';
import { photoAt } from '../support/located.ts';
import { client, file } from '../support/stack.ts';
import { fingerOn } from './finger.ts';
import { accessibilityProblems, cards, untilDrawn } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';

/** A folder for screenshots, to be looked at. */
const SHOTS = process.env.MAP_SHOTS;

const PARIS = { latitude: 48.8606, longitude: 2.3376 };
const TOKYO = { latitude: 35.6586, longitude: 139.7454 };
const KYOTO = { latitude: 34.9671, longitude: 135.7727 };

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const DESKTOP = { viewport: { width: 1280, height: 860 } };

let photos: Photos;
let window: Awaited<ReturnType<Photos['open']>>;
let page: Page;
/** By the names of their files. */
let ids: Record<string, string>;

beforeAll(async () => {
  photos = await startPhotos({ CAPTURE_LOCATION: 'on' });
});
afterAll(() => photos.close());
afterEach(async () => {
  await window.context.close();
  await photos.removeAll();
  expect(window.complaints).toEqual([]);
});

async function send(...files: File[]): Promise<void> {
  const user = client(photos.stack);
  const { media_ids } = await user.analyze(files);
  await user.results(media_ids);
  for (const [n, { name }] of files.entries()) ids[name] = media_ids[n] ?? '';
}

const sendSome = async () => {
  ids = {};
  await send(
    await file('02-cat.png'),
    await photoAt('louvre.jpg', PARIS),
    await photoAt('kyoto.jpg', KYOTO),
    await photoAt('tokyo.jpg', TOKYO),
  );
};

async function open(options: BrowserContextOptions, query = ''): Promise<void> {
  window = await photos.open(options);
  page = window.page;
  await page.goto(photos.stack.url + query);
}

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const map = (name = 'Map') => page.getByRole('dialog', { name, exact: true });
/** On the map itself, and not in the list below it. */
const marks = () => map().locator('.ma-map-mark').getByRole('button');
const group = (count: number) =>
  map().getByRole('button', { name: `${count} items: show them larger` });
const details = () => page.locator('.ma-details');
const listed = () => map().getByRole('list').getByRole('button');
const scale = () => map().locator('.leaflet-control-scale-line').textContent();
const address = () => new URL(page.url()).search;

async function openMap(): Promise<void> {
  await button('Map').click();
  await marks().first().waitFor();
}

async function shoot(name: string): Promise<void> {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

test.each([
  ['on a desktop', DESKTOP],
  ['on a phone', PHONE],
])(
  '%s, those near to each other are one picture, and pressing leads to the photo; Back leads back',
  async (_, options) => {
    await sendSome();
    await open(options);
    await openMap();
    expect(address()).toBe('?view=map');
    await map().getByText('3 items in this part of the map').waitFor();
    expect(await marks().count()).toBe(2);
    await map().locator('.ma-map-land').first().waitFor({ state: 'attached' });
    expect(await accessibilityProblems(page)).toEqual([]);
    await shoot(`map-${options.viewport.width}`);
    await group(2).click();
    await map().getByText('2 items in this part of the map').waitFor();
    await group(2).waitFor({ state: 'detached' });
    await listed().nth(1).waitFor();
    await shoot(`zoomed-${options.viewport.width}`);
    await marks().last().click();
    await details().waitFor();
    expect(address()).toMatch(/^\?view=map&media=/);
    expect([ids['tokyo.jpg'], ids['kyoto.jpg']]).toContain(
      new URL(page.url()).searchParams.get('media'),
    );
    await page.goBack();
    await details().waitFor({ state: 'detached' });
    // Where one was.
    expect(await map().getByText('2 items in this part of the map').count()).toBe(1);
    await page.goBack();
    await map().waitFor({ state: 'detached' });
    expect(address()).toBe('');
  },
);

test('on a phone that lies on its side, the map has the height, and what is seen stands beside it', async () => {
  await sendSome();
  await open({ viewport: { width: 844, height: 390 }, hasTouch: true });
  await openMap();
  await map().getByText('3 items in this part of the map').waitFor();
  await listed().nth(2).waitFor();
  const [world, list] = await Promise.all(
    ['.ma-library-map-world', '.ma-map-list'].map((each) => page.locator(each).boundingBox()),
  );
  expect(world?.height).toBeGreaterThan(280);
  expect(world?.width).toBeGreaterThan(600);
  expect(list?.x).toBeGreaterThan((world?.x ?? 0) + (world?.width ?? 0));
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('map-side');
  await listed().last().tap();
  await details().waitFor();
});

/** As the list below the map has them. */
const PLACED = ['night.jpg', 'kyoto.jpg', 'tokyo.jpg'];

/** Between those of one place the library has others, which the map shows elsewhere or not at all. */
async function sendMixed(): Promise<void> {
  ids = {};
  await send(await photoAt('tokyo.jpg', TOKYO));
  await send(await photoAt('louvre.jpg', PARIS));
  await send(await photoAt('kyoto.jpg', KYOTO));
  await send(await file('02-cat.png'));
  await send(await photoAt('night.jpg', { ...TOKYO, longitude: 139.9 }));
  await send(await photoAt('eiffel.jpg', { ...PARIS, longitude: 2.2945 }));
}

async function showJapan(): Promise<void> {
  await openMap();
  await group(3).click();
  await map().getByText('3 items in this part of the map').waitFor();
  await listed().nth(2).waitFor();
}

const untilOpen = (name = '') =>
  page.locator('.ma-details-facts').getByText(name).first().waitFor({ state: 'attached' });
const turns = (to: string) => page.locator(`.ma-details .ma-turn[data-to="${to}"]`).count();

test('a photo of the map turns to those that are listed with it, by keys and in a slideshow, and at their ends no further', async () => {
  await sendMixed();
  window = await photos.open(DESKTOP);
  page = window.page;
  // The shortest pace.
  await page.addInitScript(() => localStorage.setItem('media-analysis-slideshow', '3000'));
  await page.goto(photos.stack.url);
  await showJapan();
  await listed().first().click();
  await untilOpen(PLACED[0]);
  expect([await turns('previous'), await turns('next')]).toEqual([0, 1]);
  for (const name of PLACED.slice(1)) {
    await page.keyboard.press('ArrowRight');
    await untilOpen(name);
  }
  expect([await turns('previous'), await turns('next')]).toEqual([1, 0]);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowLeft');
  await untilOpen(PLACED[1]);
  await page.keyboard.press('s');
  await untilOpen(PLACED[2]);
  await untilOpen(PLACED[0]);
  await page.keyboard.press('Escape');
  await page.locator('.ma-details:not([data-show])').waitFor();
  await button('Close').last().click();
  await details().waitFor({ state: 'detached' });
  expect(await page.evaluate(() => document.activeElement?.className)).toBe('ma-map-picture');
  // One of the library's list turns as the list goes.
  await button('Close').click();
  await map().waitFor({ state: 'detached' });
  await cards(page).first().locator('button.ma-card-picture').click();
  await untilOpen('eiffel.jpg');
  await page.keyboard.press('ArrowRight');
  await untilOpen('night.jpg');
  await page.keyboard.press('ArrowRight');
  await untilOpen('02-cat.png');
});

test('so it is on a phone whose page has loaded none of them, by a finger', async () => {
  await sendMixed();
  window = await photos.open(PHONE);
  page = window.page;
  await page.route(/\/api\/media\?limit=24$/, (route) =>
    route.continue({ url: route.request().url().replace('limit=24', 'limit=1') }),
  );
  // The rest of the list does not come.
  await page.route(/\/api\/media\?.*page_token/, () => undefined);
  // Nor do the others of the list below the map, before one is open.
  const middle = ids[PLACED[1] ?? ''] ?? '';
  await page.route(/\/api\/media\?ids=/, async (route) => {
    const answer = await route.fetch();
    const { media } = (await answer.json()) as { media: { id: string }[] };
    const isOpen = (await details().count()) > 0;
    await route.fulfill({ json: { media: media.filter(({ id }) => isOpen || id !== middle) } });
  });
  await page.goto(photos.stack.url);
  await showJapan();
  await listed().first().tap();
  const finger = await fingerOn(page);
  const flick = async (from: number, to: number) => {
    await untilDrawn(page, '.ma-slide:not([data-side]) .ma-picture img:first-child');
    await finger.down(from, 250);
    await finger.moveTo(to, 250);
    await finger.up();
  };
  await untilOpen(PLACED[0]);
  await page.locator('.ma-turn[data-to="next"]').waitFor({ state: 'attached' });
  for (const name of PLACED.slice(1)) {
    await flick(300, 60);
    await untilOpen(name);
  }
  expect([await turns('previous'), await turns('next')]).toEqual([1, 0]);
  await flick(60, 300);
  await untilOpen(PLACED[1]);
});

test('by keyboard, the focus stays where one is, and Escape closes what lies above', async () => {
  await sendSome();
  await open(DESKTOP);
  await button('Map').press('Enter');
  await group(2).waitFor();
  const focused = () =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
  for (let n = 0; !(await focused()).startsWith('Map of the library'); n += 1) {
    expect(n).toBeLessThan(6);
    await page.keyboard.press('Tab');
  }
  const before = await group(2).boundingBox();
  await page.keyboard.press('ArrowRight');
  await eventually(async () => (await group(2).boundingBox())?.x !== before?.x || undefined);
  await group(2).focus();
  await page.keyboard.press('Enter');
  await group(2).waitFor({ state: 'detached' });
  // The newest one takes the place of the group that it stood for.
  expect(await focused()).toMatch(/^Open /);
  await page.keyboard.press('Enter');
  await details().waitFor();
  await page.keyboard.press('Escape');
  await details().waitFor({ state: 'detached' });
  expect(await focused()).toMatch(/^Open /);
  expect(await map().count()).toBe(1);
  await page.keyboard.press('Escape');
  await map().waitFor({ state: 'detached' });
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Map');
});

test('a link to a photo on the map opens both, and what was closed does not leave the page', async () => {
  await sendSome();
  await open(DESKTOP, `/?view=map&media=${ids['louvre.jpg']}`);
  await details().getByText('louvre.jpg').waitFor();
  await marks().first().waitFor();
  await button('Close').last().click();
  await details().waitFor({ state: 'detached' });
  expect(address()).toBe('?view=map');
  await button('Close').click();
  await page.locator('.ma-map-view').waitFor({ state: 'detached' });
  expect(address()).toBe('');
  expect(await cards(page).count()).toBe(4);
});

test('what other devices delete, bring back and send is on an open map', async () => {
  await sendSome();
  await open(DESKTOP);
  await openMap();
  const user = client(photos.stack);
  await user.call(`/api/media/${ids['louvre.jpg']}`, { method: 'DELETE' });
  await map().getByText('2 items in this part of the map').waitFor();
  await user.call(`/api/media/${ids['louvre.jpg']}/restore`, { method: 'POST' });
  await map().getByText('3 items in this part of the map').waitFor();
  await send(await photoAt('eiffel.jpg', { latitude: 48.8584, longitude: 2.2945 }));
  await map().getByText('4 items in this part of the map').waitFor();
  expect(await group(2).count()).toBe(2);
});

test('photos at one place, which no zoom takes apart, are the list below the map', async () => {
  ids = {};
  await send(
    await photoAt('louvre.jpg', PARIS),
    await photoAt('again.jpg', PARIS),
    await photoAt('tokyo.jpg', TOKYO),
  );
  await open(DESKTOP);
  await openMap();
  for (let n = 0; (await map().getByText('2 items at this place').count()) === 0; n += 1) {
    expect(n).toBeLessThan(4);
    const before = await scale();
    await group(2).click();
    await eventually(async () => {
      const isChosen = (await map().getByText('2 items at this place').count()) > 0;
      return isChosen || (await scale()) !== before || undefined;
    });
  }
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('UL');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await details().getByText('again.jpg').waitFor();
  // One turns between the two of them.
  expect([await turns('previous'), await turns('next')]).toEqual([0, 1]);
  await page.keyboard.press('ArrowRight');
  await details().getByText('louvre.jpg').waitFor();
  expect([await turns('previous'), await turns('next')]).toEqual([1, 0]);
});

test('without a photo that has a place there is no map; one further down is asked for', async () => {
  ids = {};
  await send(await file('02-cat.png'));
  await open(DESKTOP);
  await button('Select').waitFor();
  expect(await button('Map').count()).toBe(0);
  await send(await photoAt('louvre.jpg', PARIS));
  // It comes with what another device sends.
  await button('Map').waitFor();
  // A search that has found another one only.
  await page.goto(`${photos.stack.url}/?q=cat`);
  await button('Map').waitFor();
});

test('the full view of a photo shows its place on a small map, and asks nobody else for it', async () => {
  await sendSome();
  await open({ ...PHONE, locale: 'ja-JP' });
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  await page.goto(`${photos.stack.url}/?media=${ids['tokyo.jpg']}`);
  const small = page.getByRole('img', { name: '撮影場所の地図' });
  await small.scrollIntoViewIfNeeded();
  await small.locator('.ma-map-land').first().waitFor({ state: 'attached' });
  await small.getByText('日本').waitFor();
  const pin = () => small.locator('.ma-map-pin').boundingBox();
  const world = await small.boundingBox();
  const middle = (box: { x: number; width: number } | null) =>
    (box?.x ?? 0) + (box?.width ?? 0) / 2;
  expect(Math.abs(middle(await pin()) - middle(world))).toBeLessThan(2);
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('small-ja');
  const outline = () =>
    small
      .locator('.ma-map-land')
      .evaluateAll((all) => all.map((each) => each.getAttribute('d')).join());
  const before = await outline();
  await button('地図を拡大').click();
  await eventually(async () => (await outline()) !== before || undefined);
  expect(Math.abs(middle(await pin()) - middle(world))).toBeLessThan(2);
  expect([...hosts].filter((host) => !/^(localhost|127\.0\.0\.1):/.test(host))).toEqual([]);
  await button('閉じる').click();
  await button('地図').click();
  await map('地図').getByText('この範囲に3件').waitFor();
  await map('地図').getByRole('button', { name: '2件：拡大して表示' }).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
});

test.each([
  ['on a desktop, by its key', DESKTOP, 'i', 'i'],
  ['on a phone, by a slideshow', PHONE, 's', 'Escape'],
])(
  'the small map of a photo that was opened while the details were away is whole once they are back: %s',
  async (_, options, away, back) => {
    await sendSome();
    await open(options, `/?media=${ids['tokyo.jpg']}`);
    const small = page.locator('.ma-place-map > .ma-map');
    const land = small.locator('.ma-map-land').first();
    await land.waitFor({ state: 'attached' });
    await page.keyboard.press(away);
    await small.waitFor({ state: 'hidden' });
    await page.keyboard.press('ArrowRight');
    await details().getByText('kyoto.jpg').waitFor({ state: 'attached' });
    await land.waitFor({ state: 'attached' });
    await page.keyboard.press(back);
    await small.scrollIntoViewIfNeeded();
    await small.getByText('Japan').waitFor();
    const [pin, world] = await Promise.all(
      [small.locator('.ma-map-pin'), small].map((each) => each.boundingBox()),
    );
    for (const [side, size] of [['x', 'width'] as const, ['y', 'height'] as const]) {
      const [pinAt, middle] = [pin, world].map(
        (box) => (box?.[side] ?? 0) + (box?.[size] ?? 0) / 2,
      );
      expect(Math.abs((pinAt ?? 0) - (middle ?? 0))).toBeLessThan(2);
    }
    const outlines = () =>
      small
        .locator('.ma-map-land')
        .evaluateAll((all) => all.map((each) => each.getAttribute('d')).join());
    // What has nothing to draw is `M0 0`.
    expect(await outlines()).toMatch(/L/);
    await shoot(`small-back-${options.viewport.width}`);
    // What was zoomed stays so.
    const before = await outlines();
    await button('Zoom in on the map').click();
    const zoomed = await eventually(async () => {
      const now = await outlines();
      return now === before ? undefined : now;
    });
    await page.keyboard.press(away);
    await small.waitFor({ state: 'hidden' });
    await page.keyboard.press(back);
    await small.waitFor();
    expect(await outlines()).toBe(zoomed);
  },
);

test('it begins with all places, also where the page itself knows one of them', async () => {
  await sendSome();
  window = await photos.open(PHONE);
  page = window.page;
  const told = Promise.withResolvers<void>();
  await page.route(/\/api\/media\?limit=24$/, (route) =>
    route.continue({ url: route.request().url().replace('limit=24', 'limit=1') }),
  );
  await page.route(/\/locations\?limit=1000|page_token/, async (route) => {
    await told.promise;
    await route.continue();
  });
  await page.goto(`${photos.stack.url}/?view=map`);
  await map().locator('.ma-map-name').first().waitFor({ state: 'attached' });
  await cards(page).first().waitFor({ state: 'attached' });
  told.resolve();
  await map().getByText('3 items in this part of the map').waitFor();
  expect(await marks().count()).toBe(2);
});

test('tiles of a map service that an operator has set lie above the outlines, and say whose they are', async () => {
  const tile = await sharp({
    create: { width: 256, height: 256, channels: 3, background: '#b5d29a' },
  })
    .png()
    .toBuffer();
  const asked: string[] = [];
  const askers = new Set<string | undefined>();
  const tiles = createServer(({ url = '', headers }, response) => {
    asked.push(url);
    askers.add(headers.referer);
    response.setHeader('Content-Type', 'image/png').end(tile);
  }).listen(0, '127.0.0.1');
  await once(tiles, 'listening');
  const { port } = tiles.address() as AddressInfo;
  const set = await startPhotos({
    CAPTURE_LOCATION: 'on',
    MAP_TILES: `http://127.0.0.1:${port}/{z}/{x}/{y}.png`,
    MAP_ATTRIBUTION: '© Example https://example.com/map',
  });
  try {
    const user = client(set.stack);
    const { media_ids } = await user.analyze([await photoAt('louvre.jpg', PARIS)]);
    await user.results(media_ids);
    window = await set.open(DESKTOP);
    page = window.page;
    await page.goto(`${set.stack.url}/?media=${media_ids[0]}`);
    const small = page.locator('.ma-place-map');
    await small.locator('.leaflet-tile-loaded').first().waitFor();
    // The part of Paris in which it was taken: https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames
    await eventually(async () => asked.includes('/13/4149/2818.png') || undefined);
    expect(await small.getByRole('link', { name: 'example.com' }).getAttribute('href')).toBe(
      'https://example.com/map',
    );
    expect(await accessibilityProblems(page)).toEqual([]);
    await shoot('tiles-small');
    await button('Close').click();
    await openMap();
    await map().locator('.leaflet-tile-loaded').first().waitFor();
    await map().getByText('© Example').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await shoot('tiles');
    // No more than whose page it is.
    expect([...askers]).toEqual([`${new URL(set.stack.url).origin}/`]);
  } finally {
    await set.close();
    tiles.close();
  }
});
