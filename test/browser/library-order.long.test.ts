/** The order of the library in a real browser: it is no search, it is found again, and what one sends is in sight in it. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Page, Route } from 'playwright-core';
import sharp from 'sharp';
import { client, file } from '../support/stack.ts';
import { accessibilityProblems, cards, choose, pressInMenu, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import { shelveLibrary } from './shelve-library.ts';
import type { TestWindow } from './window.ts';

const SHOTS = process.env.ORDER_SHOTS;
const PHONE = { viewport: { width: 390, height: 844 } };

let photos: Photos;
let window: TestWindow;
let page: Page;

beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(() => photos.close());
afterEach(async () => {
  await window.context.close();
  await photos.removeAll();
  expect(window.complaints).toEqual([]);
});

async function open(options?: Parameters<Photos['open']>[0]): Promise<void> {
  window = await photos.open(options);
  page = window.page;
}

/** @param time As a camera writes it. */
async function takenOn(name: string, time: string) {
  const picture = sharp({ create: { width: 640, height: 480, channels: 3, background: 'teal' } });
  const bytes = await picture
    .withExif({ IFD2: { DateTimeOriginal: time } })
    .jpeg()
    .toBuffer();
  return { name, mimeType: 'image/jpeg', buffer: bytes };
}

/** A library in which the order by when they were taken is the other way round. */
async function sendThree(): Promise<void> {
  for (const year of [2021, 2020, 2019]) {
    const { name, buffer } = await takenOn(`${year}.jpg`, `${year}:04:14 12:00:00`);
    await sendFile(new File([new Uint8Array(buffer)], name, { type: 'image/jpeg' }));
  }
}

/** The same in a library with enough photos to have filters, and with them an order. */
async function sendThreeOfTwelve(): Promise<void> {
  await shelveLibrary(photos.stack, 9, (n) => ({
    title: 'Filler',
    file_name: `filler-${n}.jpg`,
    sent: `2018-01-01T00:00:0${n}Z`,
  }));
  await sendThree();
}

async function sendFile(each: File): Promise<void> {
  const user = client(photos.stack);
  const { media_ids } = await user.analyze([each]);
  await user.results(media_ids);
}

const ADDED = ['2019.jpg', '2020.jpg', '2021.jpg'];
const TAKEN = ADDED.toReversed();

const names = (from = page) =>
  cards(from)
    .locator('h3')
    .evaluateAll((all) =>
      all.map((each) => each.getAttribute('title')).filter((title) => !title?.startsWith('filler')),
    );
/** Waits until they are those. */
async function untilNames(expected: string[], from = page): Promise<void> {
  await from.waitForFunction(
    (wanted) =>
      JSON.stringify(
        [...document.querySelectorAll('.ma-card h3')]
          .map((h) => h.getAttribute('title'))
          .filter((title) => !title?.startsWith('filler')),
      ) === JSON.stringify(wanted),
    expected,
    { polling: 100 },
  );
}
const address = (from = page) => from.url().slice(photos.stack.url.length);
const button = (name: string) => page.getByRole('button', { name, exact: true });
const order = () => page.getByRole('combobox', { name: 'Order' });

/** Chooses an order as a person does. */
async function chooseOrder(value: string): Promise<void> {
  await button('Filters').click();
  if (!(await order().isVisible())) await page.locator('.ma-search-panel summary').click();
  await order().selectOption(value);
  await button('Done').click();
}

const shoot = (name: string) =>
  SHOTS === undefined ? undefined : page.screenshot({ path: `${SHOTS}/${name}.png` });

test.each([
  ['desktop', { viewport: { width: 1280, height: 860 } }],
  ['phone', PHONE],
])(
  'an order alone is no search, and the same choice leads back from it: %s',
  async (size, options) => {
    await open(options);
    await sendThreeOfTwelve();
    await page.goto(`${photos.stack.url}/?sort=taken`);
    await untilNames(TAKEN);
    await button('Filters').waitFor();
    expect(await order().isVisible()).toBe(false);
    await page.locator('.ma-more-button').waitFor();
    expect(await button('Analyse these again…').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Clear the search' }).count()).toBe(0);
    expect(await page.locator('.ma-search-found').textContent()).toBe('');
    // It is said in the room above the list, which does not move for it.
    const said = page.locator('.ma-search-order');
    expect(await said.textContent()).toBe('Date taken, newest first');
    const isSeen = await said.evaluate((each) => {
      const { left, top, width, height } = each.getBoundingClientRect();
      return document.elementFromPoint(left + width / 2, top + height / 2) === each;
    });
    expect(isSeen).toBe(true);
    const top = async () => (await cards(page).first().boundingBox())?.y;
    const before = await top();
    await shoot(`order-${size}`);
    await button('Filters').click();
    await shoot(`order-filters-${size}`);
    expect(await accessibilityProblems(page)).toEqual([]);
    await button('Done').click();
    await chooseOrder('');
    await untilNames(ADDED);
    expect(address()).toBe('/');
    // The usual one says nothing.
    expect([await said.count(), await top()]).toEqual([0, before]);
    // All of them are meant.
    await chooseOrder('taken');
    await untilNames(TAKEN);
    await pressInMenu(page, 'Select');
    await button('Select all').click();
    await page.getByText('12 selected').waitFor();
  },
);

test('an empty library has no order, and says how to begin', async () => {
  await open();
  const scripts: string[] = [];
  page.on('request', (request) => scripts.push(request.url()));
  await page.goto(`${photos.stack.url}/?sort=taken`);
  await page.getByText('Drop photos and videos here').waitFor();
  expect(await page.getByRole('search').count()).toBe(0);
  expect(scripts.filter((url) => /\/search-.*css$/.test(url))).toEqual([]);
});

test('an order that could not be loaded says so, and comes when the line is back', async () => {
  await open();
  await sendThreeOfTwelve();
  await page.goto(photos.stack.url);
  await untilNames(ADDED);
  await window.context.setOffline(true);
  await chooseOrder('taken');
  await page.getByText('Not loaded yet').waitFor();
  expect(await names()).toEqual(ADDED);
  await window.context.setOffline(false);
  await untilNames(TAKEN);
  expect(await page.locator('.ma-search-found').textContent()).toBe('');
  window.complaints.length = 0;
});

/** Each list of names that is drawn in the page, from its first moment on. */
async function recordNames(tab: Page): Promise<() => Promise<string[]>> {
  await tab.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(globalThis, { seenNames: seen });
    const look = () => {
      const now = [...document.querySelectorAll('.ma-card h3')]
        .map((each) => each.getAttribute('title'))
        .filter((title) => !title?.startsWith('filler'))
        .join(' ');
      if (now !== '' && now !== seen.at(-1)) seen.push(now);
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true });
  });
  return () => tab.evaluate(() => (globalThis as unknown as { seenNames: string[] }).seenNames);
}

test('an order is found again at the address of the page, also in another tab, and nothing jumps into it', async () => {
  await open();
  await sendThreeOfTwelve();
  await page.goto(photos.stack.url);
  await untilNames(ADDED);
  await chooseOrder('taken');
  await untilNames(TAKEN);
  expect(address()).toBe('/?sort=taken');

  const tab = await window.openTab();
  const seen = await recordNames(tab);
  await tab.goto(photos.stack.url);
  await untilNames(TAKEN, tab);
  expect(await seen()).toEqual([TAKEN.join(' ')]);
  expect(address(tab)).toBe('/?sort=taken');
  // The blank page of the tab, and this one.
  expect(await tab.evaluate(() => history.length)).toBe(2);
  await tab.reload();
  await untilNames(TAKEN, tab);
  expect(await seen()).toEqual([TAKEN.join(' ')]);

  // A link keeps its meaning.
  for (const [link, expected] of [
    ['/?sort=newest', ADDED],
    ['/?sort=taken_asc', ADDED],
    ['/?kind=image', ADDED],
    ['/?q=2020', ['2020.jpg']],
  ] as const) {
    await tab.goto(photos.stack.url + link);
    await untilNames([...expected], tab);
    expect(address(tab)).toBe(link);
  }
  // A link to a media has the library below it.
  const id = await cards(tab).first().getAttribute('data-media-id');
  await tab.goto(`${photos.stack.url}/?media=${id}`);
  await tab.getByRole('dialog').waitFor();
  await tab.keyboard.press('Escape');
  await tab.getByRole('dialog').waitFor({ state: 'detached' });
  await untilNames(TAKEN, tab);
  expect(address(tab)).toBe('/?sort=taken');

  // Back leads to what was there.
  await page.goBack();
  await untilNames(ADDED);
  expect(address()).toBe('/');
  await page.goForward();
  await untilNames(TAKEN);
  // The usual one is remembered too.
  await chooseOrder('');
  await untilNames(ADDED);
  await tab.goto('about:blank');
  await tab.goto(photos.stack.url);
  await untilNames(ADDED, tab);
  expect(address(tab)).toBe('/');
});

test.each([['nonsense'], [undefined]])(
  'what the browser remembers of an order may be wrong, or forbidden: %s',
  async (remembered) => {
    await open();
    await sendThreeOfTwelve();
    await page.addInitScript((value) => {
      if (value) localStorage.setItem('media-analysis-order', value);
      else
        Object.defineProperty(globalThis, 'localStorage', {
          get() {
            throw new DOMException('forbidden', 'SecurityError');
          },
        });
    }, remembered);
    await page.goto(photos.stack.url);
    await untilNames(ADDED);
    expect(address()).toBe('/');
    await chooseOrder('oldest');
    await untilNames(TAKEN);
  },
);

test('words begin with the best match, and lead back to the order of the library', async () => {
  await open();
  await sendThreeOfTwelve();
  await page.goto(photos.stack.url);
  await untilNames(ADDED);
  await chooseOrder('taken');
  await untilNames(TAKEN);
  const field = page.getByLabel('Search', { exact: true });
  await field.fill('2020');
  await page.getByText('1 found').waitFor();
  expect(address()).toBe('/?q=2020');
  await field.press('Escape');
  await untilNames(TAKEN);
  expect(address()).toBe('/?sort=taken');
  await field.fill('2020');
  await untilNames(['2020.jpg']);
  await field.fill('');
  await untilNames(TAKEN);
  // What was cleared by mistake is one step back.
  await page.goBack();
  await untilNames(['2020.jpg']);
  expect(address()).toBe('/?q=2020');
  // An order of what was found is not that of the library.
  await chooseOrder('taken_asc');
  await page.waitForURL('**/?q=2020&sort=taken_asc');
  await field.fill('');
  await untilNames(TAKEN);
  await page.goto(photos.stack.url);
  await untilNames(TAKEN);
  // From a link, too.
  await page.goto(`${photos.stack.url}/?q=2020`);
  await page.getByText('1 found').waitFor();
  await page.getByRole('button', { name: 'Clear the search' }).click();
  await untilNames(TAKEN);
});

/** Until it is called, nothing that the page sends arrives. */
async function hold(): Promise<() => void> {
  const held = Promise.withResolvers<void>();
  await page.route('**/analyze-media', async (route: Route) => {
    await held.promise;
    await route.continue();
  });
  return held.resolve;
}

test.each([
  ['oldest', TAKEN],
  ['taken', TAKEN],
])('what one sends stands above all in the order “%s”, to its end', async (sort, expected) => {
  await open();
  await sendThree();
  await page.goto(`${photos.stack.url}/?sort=${sort}`);
  await untilNames(expected);
  const release = await hold();
  const sent = [
    await takenOn('new-1.jpg', '2018:04:14 12:00:00'),
    await takenOn('new-2.jpg', '2022:04:14 12:00:00'),
  ];
  await choose(page, [
    ...sent,
    { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('x') },
  ]);
  const all = ['new-1.jpg', 'new-2.jpg', 'notes.txt', ...expected];
  await untilNames(all);
  await untilCards(page, 'sending', 2);
  await page.getByRole('heading', { name: 'Just added', exact: true }).waitFor();
  await shoot(`sending-${sort}`);
  const seen = await page.evaluateHandle(() => {
    const lists: string[] = [];
    const look = () =>
      lists.push(
        [...document.querySelectorAll('.ma-card h3')]
          .map((each) => each.getAttribute('title'))
          .join(' '),
      );
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
    return lists;
  });
  release();
  await page.getByText('2 done, 1 failed').waitFor();
  await untilCards(page, 'completed', 5);
  // A search for the order may be made again after it: it moves nothing either.
  await page.waitForResponse((answer) => answer.url().includes(`sort=${sort}`));
  await untilNames(all);
  expect(new Set(await seen.jsonValue())).toEqual(new Set([all.join(' ')]));
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot(`sent-${sort}`);
  // What is over has its place when one comes back.
  await page.reload();
  const placed =
    sort === 'oldest'
      ? [...expected, 'new-1.jpg', 'new-2.jpg']
      : ['new-2.jpg', ...expected, 'new-1.jpg'];
  await untilNames(placed);
});

test('what another device sends is above, too', async () => {
  await open();
  await sendThree();
  const live = page.waitForResponse((response) => response.url().includes('/api/media/stream'));
  await page.goto(`${photos.stack.url}/?sort=oldest`);
  await untilNames(TAKEN);
  await live;
  await sendFile(await file('02-cat.png'));
  await untilNames(['02-cat.png', ...TAKEN]);
  await untilCards(page, 'completed', 4);
});
