/** The search in a real browser: words, filters, what is similar, and what comes while one looks. */
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page, Route } from 'playwright-core';
import sharp from 'sharp';
import { MEDIA_COLLECTION } from '../../functions/core/media/record.ts';
import { findableOf } from '../../functions/features/search/findable.ts';
import { soon } from '../support/eventually.ts';
import { analyticsOf, type Shelved } from '../support/library.ts';
import { currentPage } from '../support/page.ts';
import { client, databaseOf, eventually, file, type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  photoPaths,
  untilCards,
  untilViewed,
} from './page.ts';
import { openWindow } from './window.ts';

const SHOTS = process.env.SEARCH_SHOTS;

let stack: Stack;
let chromium: Awaited<ReturnType<typeof startBrowser>>;
let window: Awaited<ReturnType<typeof openWindow>>;
let page: Page;
let scripts: string[];
let db: Firestore;

beforeAll(async () => {
  await currentPage();
  [stack, chromium] = await Promise.all([startStack(), startBrowser()]);
  db = databaseOf(stack);
});
afterAll(async () => {
  await chromium.close();
  await db.terminate();
  await stack.close();
});
beforeEach(() => open());
afterEach(async () => {
  await window.context.close();
  const { media } = (await (await client(stack).call('/api/media?limit=100')).json()) as {
    media: { id: string }[];
  };
  for (const { id } of media)
    await client(stack).call(`/api/media/${id}?permanently=true`, { method: 'DELETE' });
  expect(window.complaints).toEqual([]);
});

async function open(options?: BrowserContextOptions): Promise<void> {
  window = await openWindow(chromium.browser, options);
  page = window.page;
  scripts = [];
  page.on('request', (request) => scripts.push(new URL(request.url()).pathname));
}

/** Photos that are analysed, and the page that shows them. They are found by the names of their files. */
async function sendPhotos(...names: string[]): Promise<void> {
  await sendFiles(await Promise.all(names.map(file)));
}

/** @param said What a model that looks at them says of each; absent: what can be measured. */
async function sendFiles(files: File[], said: Shelved[] = []): Promise<void> {
  const user = client(stack);
  const { media_ids } = await user.analyze(files);
  await user.results(media_ids);
  for (const [n, words] of said.entries()) {
    const ref = db.collection(MEDIA_COLLECTION).doc(media_ids[n] ?? '');
    const analytics = analyticsOf(words);
    const { name: file_name, type: content_type } = files[n] ?? new File([], '');
    await ref.update({ analytics, ...findableOf({ file_name, content_type, analytics }) });
  }
  await page.goto(stack.url);
  await untilCards(page, 'completed', files.length);
}

async function named(photo: string, name: string): Promise<File> {
  return new File([await file(photo)], name, { type: 'image/jpeg' });
}

/** @param time As a camera writes it. */
async function takenOn(name: string, time: string): Promise<File> {
  const picture = sharp({ create: { width: 640, height: 480, channels: 3, background: 'teal' } });
  const bytes = await picture
    .withExif({ IFD2: { DateTimeOriginal: time } })
    .jpeg()
    .toBuffer();
  return new File([new Uint8Array(bytes)], name, { type: 'image/jpeg' });
}

const field = (name = 'Search') => page.getByRole('combobox', { name });
/** A library of a few photos has filters only if one is asked for, as by a link. */
async function openFilters(name = 'Filters'): Promise<void> {
  await page.goto(`${stack.url}/?kind=image`);
  await page.getByRole('button', { name: `${name} (1)` }).press('Enter');
}
const openMore = () => page.locator('.ma-search-panel summary').press('Enter');
async function byDayAdded(): Promise<void> {
  await openMore();
  await page.getByRole('combobox', { name: 'Date', exact: true }).selectOption('added');
}
const told = () => page.locator('.ma-search-found').textContent();
/** What the page shows, so that Back is seen to lead to what was there. */
const names = () =>
  cards(page)
    .locator('h3')
    .evaluateAll((all) => all.map((each) => each.getAttribute('title')));
const address = () => page.url().slice(stack.url.length);

const shoot = (name: string) =>
  SHOTS === undefined ? undefined : page.screenshot({ path: `${SHOTS}/${name}.png` });

test('words are searched for by keyboard, and cleared again', async () => {
  await page.goto(stack.url);
  await page.getByText('Drop photos and videos here').waitFor();
  expect(scripts.filter((path) => /\/search-.*css$/.test(path))).toEqual([]);
  await sendPhotos('02-cat.png', '03-coffee.webp', '08-lake.jpg');
  await field().fill('cats');
  await untilCards(page, 'completed', 1);
  await page.getByText('1 found').waitFor();
  await cards(page)
    .getByRole('button', { name: /^Open.*02-cat/ })
    .waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await field().press('Escape');
  await untilCards(page, 'completed', 3);
  expect(await field().inputValue()).toBe('');
  expect(await told()).toBe('');
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search'),
  );
});

test('filters go together with words, and where nothing is found, one press leaves one of them out', async () => {
  await sendPhotos('02-cat.png', '08-lake.jpg');
  await openFilters();
  await page.getByText('2 found').waitFor();
  // This model counts nobody.
  await openMore();
  await page.getByLabel('People').selectOption({ label: 'Nobody seen' });
  await page.getByText('Nothing was found.').waitFor();
  await page.getByLabel('People').selectOption({ label: 'Any' });
  await page.getByText('2 found').waitFor();
  await page.getByRole('button', { name: 'Done' }).press('Enter');
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Filters (1)'),
  );
  await field().fill('lake zebra');
  await page.getByText('1 found').waitFor();
  await page.goto(`${stack.url}/?q=lake&kind=video&taken_from=2001-02-03`);
  await page.getByText('Nothing was found').waitFor();
  expect(await page.getByRole('button', { name: /^Without/ }).count()).toBe(0);
  await page.goto(`${stack.url}/?q=lake&kind=video`);
  expect(await cards(page).count()).toBe(0);
  const without = page.getByRole('button', { name: /^Without/ });
  await without.first().waitFor();
  expect(await without.allTextContents()).toEqual(['Without “Videos”: 1']);
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('desktop-none');
  await without.press('Enter');
  await page.getByText('1 found').waitFor();
  expect([address(), await names()]).toEqual(['/?q=lake', ['08-lake.jpg']]);
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('ma-search-outcome'),
  );
  await page.goBack();
  await without.waitFor();
  await page.getByRole('button', { name: 'Clear the search' }).press('Enter');
  await untilCards(page, 'completed', 2);
  expect(await without.count()).toBe(0);
  // What is left is the whole library.
  await field().fill('zebra');
  await page.getByRole('button', { name: 'Show the whole list' }).press('Enter');
  await untilCards(page, 'completed', 2);
  expect(address()).toBe('/');
  await shoot('desktop');
});

test('what nothing is similar to says so', async () => {
  await sendPhotos('02-cat.png');
  await page.goto(`${stack.url}/?similar_to=${await cards(page).getAttribute('data-media-id')}`);
  await page.getByRole('button', { name: 'Show the whole list' }).waitFor();
  await page.getByRole('button', { name: 'Clear the search' }).click();
  await untilCards(page, 'completed', 1);
});

test('filters are offered from twelve photos on', async () => {
  const copies = Array.from({ length: 12 }, (_, n) => named('02-cat.png', `cat-${n}.png`));
  const twelve = await Promise.all(copies);
  await sendFiles(twelve.slice(1));
  await field().waitFor();
  const filters = page.getByRole('button', { name: 'Filters' });
  expect(await filters.count()).toBe(0);
  await client(stack).analyze(twelve.slice(0, 1));
  await filters.waitFor();
});

test.each([
  ['en-GB', { viewport: { width: 1440, height: 900 } }],
  ['en-GB', { viewport: { width: 360, height: 740 }, hasTouch: true }],
  ['ja-JP', { viewport: { width: 1440, height: 900 } }],
  ['ja-JP', { viewport: { width: 390, height: 844 }, hasTouch: true }],
] as const)(
  'filters lie over the photos, which do not move, and can be read to their end: %s %j',
  async (locale, options) => {
    await window.context.close();
    await open({ locale, ...options });
    await sendPhotos('02-cat.png');
    await page.goto(`${stack.url}/?status=completed&q=cat`);
    await untilCards(page, 'completed', 1);
    await page.locator('.ma-search-filters').click();
    const panel = page.locator('.ma-search-panel');
    await panel.waitFor();
    // What is set among the further ones is in sight.
    const choices = panel.locator('select');
    expect(await choices.evaluateAll((all) => all.every((each) => each.clientHeight > 0))).toBe(
      true,
    );
    const box = await panel.boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(options.viewport.width);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(options.viewport.height);
    const cut = (all: Element[]) =>
      all.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).length;
    expect(await panel.locator('input, select').evaluateAll(cut)).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
    await shoot(`filters-${locale}-${options.viewport.width}`);
    const under = await cards(page).first().boundingBox();
    // Who goes elsewhere closes them.
    await page.mouse.click(options.viewport.width - 4, options.viewport.height - 4);
    await panel.waitFor({ state: 'detached' });
    expect(await cards(page).first().boundingBox()).toEqual(under);
  },
);

test.each([
  ['en-GB', 'Search', 'Not loaded yet', '2 found'],
  ['ja-JP', '検索', 'まだ読み込めていません', '2件見つかりました'],
])(
  'without a line, what was there stays, and it is said in sight: %s',
  async (locale, name, notice, two) => {
    await window.context.close();
    await open({ locale, hasTouch: true, viewport: { width: 390, height: 844 } });
    await sendPhotos('02-cat.png', '08-lake.jpg', '06-osprey.jpg');
    const problem = page
      .locator('.ma-search-outcome')
      .getByRole('status')
      .filter({ hasText: notice });
    const again = page.locator('.ma-search-outcome > button');
    const isInSight = async () => {
      await problem.waitFor();
      const box = await again.boundingBox();
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan(844);
    };
    // From the list of all.
    await window.context.setOffline(true);
    await field(name).fill('lake');
    await isInSight();
    await untilCards(page, 'completed', 3);
    await window.context.setOffline(false);
    await untilCards(page, 'completed', 1);
    expect(await problem.count()).toBe(0);
    // From one search to the next.
    await window.context.setOffline(true);
    await field(name).fill('lake cat');
    await isInSight();
    await shoot(`phone-offline-${locale}`);
    expect(await names()).toEqual(['08-lake.jpg']);
    expect(await accessibilityProblems(page)).toEqual([]);
    await again.tap();
    await isInSight();
    expect(await names()).toEqual(['08-lake.jpg']);
    await window.context.setOffline(false);
    await page.getByText(two).waitFor();
    expect((await names()).toSorted()).toEqual(['02-cat.png', '08-lake.jpg']);
    expect(await problem.count()).toBe(0);
    window.complaints.length = 0;
  },
);

test('days in the wrong order mean the days between them', async () => {
  await sendPhotos('02-cat.png', '08-lake.jpg');
  await openFilters();
  await byDayAdded();
  const [from, to] = [page.getByLabel('Added from'), page.getByLabel('Added until')];
  await from.fill('9999-12-30');
  await page.getByText('Nothing was found').waitFor();
  await to.fill('2001-02-03');
  await page.getByText('2 found').waitFor();
  expect([await from.inputValue(), await to.inputValue()]).toEqual(['9999-12-30', '2001-02-03']);
});

test('photos are found by the day on which they were taken, and ordered by it', async () => {
  await sendFiles([
    await takenOn('noon.jpg', '2019:04:14 12:00:00'),
    await takenOn('eve.jpg', '2019:04:13 23:59:59'),
    await file('02-cat.png'),
  ]);
  await openFilters();
  await openMore();
  await page.getByRole('combobox', { name: 'Order' }).selectOption('taken');
  await page.waitForURL('**/?kind=image&sort=taken');
  await page.getByLabel('Photos or videos').selectOption('');
  await page.waitForURL('**/?sort=taken');
  await untilCards(page, 'completed', 3);
  expect(await names()).toEqual(['noon.jpg', 'eve.jpg', '02-cat.png']);
  await page.getByLabel('Taken until').fill('2019-04-14');
  await page.getByText('2 found').waitFor();
  await page.getByLabel('Taken from').fill('2019-04-14');
  await page.getByText('1 found').waitFor();
  expect(await names()).toEqual(['noon.jpg']);
  expect(address()).toBe('/?taken_from=2019-04-14&taken_to=2019-04-14&sort=taken');
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('desktop-taken');
  await page.reload();
  await page.getByText('1 found').waitFor();
  await cards(page).first().waitFor();
  await page.getByRole('button', { name: /^Filters/ }).press('Enter');
  expect(await page.getByLabel('Taken until').inputValue()).toBe('2019-04-14');
  await page.getByLabel('Taken from').fill('2019-04-15');
  await page.getByLabel('Taken until').fill('2019-04-15');
  await page.getByRole('button', { name: 'Show the whole list' }).waitFor();
  await shoot('desktop-taken-none');
  // The order by when they were taken does not go together with these days.
  await page.getByRole('combobox', { name: 'Date', exact: true }).selectOption('added');
  await page.getByText('Nothing was found').waitFor();
  await page.getByLabel('Added until').fill('2199-01-01');
  await page.getByText('3 found').waitFor();
});

test('“yesterday” is that of who looks, and with a word it narrows', async () => {
  await window.context.close();
  // Its day is another one than that of UTC for most of the time.
  const timeZone = 'Pacific/Kiritimati';
  await open({ locale: 'en-GB', timezoneId: timeZone });
  const noonOf = (daysAgo: number) => {
    const day = new Date(Date.now() - daysAgo * 86_400_000).toLocaleDateString('sv', { timeZone });
    return `${day.replaceAll('-', ':')} 12:00:00`;
  };
  await sendFiles([
    await takenOn('cat-1.jpg', noonOf(1)),
    await takenOn('lake-1.jpg', noonOf(1)),
    await takenOn('cat-2.jpg', noonOf(2)),
    await takenOn('cat-3.jpg', '2019:04:14 12:00:00'),
  ]);
  for (const [q, expected] of [
    ['yesterday', ['cat-1.jpg', 'lake-1.jpg']],
    ['cat yesterday', ['cat-1.jpg']],
    ['おとといのcat', ['cat-2.jpg']],
    ['cat 2019', ['cat-3.jpg']],
    ['lake 2019', []],
  ] as const) {
    await page.goto(`${stack.url}/?q=${q}`);
    const { length } = expected;
    await page.getByText(length > 0 ? `${length} found` : 'Nothing was found').waitFor();
    await untilCards(page, 'completed', length);
    expect((await names()).toSorted()).toEqual(expected);
    expect(new URL(page.url()).searchParams.has('today')).toBe(false);
  }
});

test('filters are chosen by keyboard alone', async () => {
  await sendFiles(
    [await file('02-cat.png'), await file('08-lake.jpg')],
    [
      { title: 'Minou', people: 0 },
      { title: 'A lake with people', people: 4 },
    ],
  );
  await page.goto(`${stack.url}/?sort=oldest`);
  await field().focus();
  const { keyboard } = page;
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  // The first of them is the kind.
  await keyboard.press('Tab');
  await keyboard.press('ArrowDown');
  await page.getByText('2 found').waitFor();
  const people = page.getByRole('combobox', { name: 'People' });
  for (let tabs = 0; tabs < 20; tabs++) {
    if (await people.evaluate((each) => each === document.activeElement)) break;
    await keyboard.press('Tab');
  }
  await keyboard.press('End');
  await page.getByText('Nothing was found').waitFor();
  for (const _ of [10, 5]) await keyboard.press('ArrowUp');
  await page.getByText('1 found').waitFor();
  expect(await people.inputValue()).toBe('3');
  await cards(page)
    .getByRole('button', { name: /^Open.*08-lake/ })
    .waitFor();
  await keyboard.press('Escape');
  expect(await page.locator('.ma-search-panel').count()).toBe(0);
  await keyboard.press('Escape');
  await untilCards(page, 'completed', 2);
});

test('a photo that is added meanwhile is found when it is done', async () => {
  await sendPhotos('02-cat.png');
  const tab = await window.openTab();
  await tab.goto(stack.url);
  for (const each of [page, tab]) {
    await each.getByRole('combobox', { name: 'Search' }).fill('lake');
    await each.getByText('Nothing was found').waitFor();
  }
  await choose(page, photoPaths(['08-lake.jpg']));
  for (const each of [page, tab]) {
    await each.getByText('1 found').waitFor();
    await cards(each)
      .getByRole('button', { name: /^Open.*08-lake/ })
      .waitFor();
  }
});

test('a link that asks for nothing shows all, and one that nobody can answer says so and can be cleared', async () => {
  await sendPhotos('02-cat.png');
  await page.goto(`${stack.url}/?q=%20`);
  await untilCards(page, 'completed', 1);
  expect(await told()).toBe('');
  await page.goto(`${stack.url}/?from=nonsense`);
  await page.getByText('Not loaded yet').waitFor();
  await page.getByRole('button', { name: 'Clear the search' }).click();
  await untilCards(page, 'completed', 1);
  expect([address(), await told()]).toEqual(['/', '']);
  window.complaints.length = 0;
});

test('an open search shows what another device adds, edits, deletes and brings back, and nothing jumps', async () => {
  const lakes = ['lake-1.jpg', 'lake-2.jpg', 'lake-3.jpg'];
  await sendFiles(
    [
      ...(await Promise.all(lakes.map((name) => named('08-lake.jpg', name)))),
      await file('02-cat.png'),
    ],
    [{ title: 'Lake one' }, { title: 'Lake two' }, { title: 'Lake three' }, { title: 'Minou' }],
  );
  const searches: number[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).searchParams.get('q') === 'lake') searches.push(performance.now());
  });
  const live = page.waitForResponse((response) => response.url().includes('/api/media/stream'));
  await field().fill('lake');
  await page.getByText('3 found').waitFor();
  await live;
  const found = page.locator('.ma-search-found');
  const said = await found.evaluateHandle((node) => {
    const all: string[] = [];
    const options = { childList: true, characterData: true, subtree: true };
    new MutationObserver(() => all.push(node.textContent)).observe(node, options);
    return all;
  });
  const order = await names();
  const last = cards(page).last().getByRole('button', { name: /^Open/ });
  await last.focus();
  const focused = () =>
    page.evaluate(() => document.activeElement?.closest('.ma-card')?.querySelector('h3')?.title);
  const holder = await focused();
  expect(holder).toBe(order[2]);
  const elsewhere = client(stack);
  const id = await cards(page).first().getAttribute('data-media-id');

  // Without a request: the count says what is seen.
  expect((await elsewhere.call(`/api/media/${id}`, { method: 'DELETE' })).status).toBe(204);
  await page.getByText('2 found').waitFor();
  expect([await names(), searches.length]).toEqual([order.slice(1), 1]);
  await elsewhere.call(`/api/media/${id}/restore`, { method: 'POST' });
  await page.getByText('3 found').waitFor();
  expect(await names()).toEqual(order);

  await elsewhere.analyze([await named('08-lake.jpg', 'lake-4.jpg')]);
  await page.getByText('4 found').waitFor();
  const others = (await names()).filter((name) => name !== 'lake-4.jpg');
  expect([others, await focused()]).toEqual([order, holder]);

  const { media } = (await (await elsewhere.call('/api/media?q=minou')).json()) as {
    media: { id: string }[];
  };
  const edit = (each: string, title: string) =>
    elsewhere.call(`/api/media/${each}`, { method: 'PATCH', body: JSON.stringify({ title }) });
  await edit(media[0]?.id ?? '', 'A cat at the lake');
  await page.getByText('5 found').waitFor();
  expect(await names()).toContain('02-cat.png');
  await edit(media[0]?.id ?? '', 'Minou');
  await page.getByText('4 found').waitFor();
  expect(await names()).not.toContain('02-cat.png');
  await soon(async () => expect(await focused()).toBe(holder));
  expect(await said.jsonValue()).toEqual(['2 found', '3 found', '4 found', '5 found', '4 found']);
  for (const [n, at] of searches.slice(2).entries())
    expect(at - (searches[n + 1] ?? 0)).toBeGreaterThan(4_900);
});

test('what could not be loaded as the line was down comes by itself when it is back: a search, and the list', async () => {
  await sendPhotos('02-cat.png', '08-lake.jpg');
  // The full view is loaded by now, too.
  await page.locator('.ma-many-stack').waitFor({ state: 'attached' });
  await window.context.setOffline(true);
  await field().fill('lake');
  await page.getByRole('button', { name: 'Try again' }).waitFor();
  await window.context.setOffline(false);
  await page.getByText('1 found').waitFor();
  expect(await names()).toEqual(['08-lake.jpg']);
  const down = (url: URL) => url.pathname === '/api/media';
  await page.route(down, (route) => route.abort('internetdisconnected'));
  await page.goto(stack.url);
  await page.getByRole('button', { name: 'Try again' }).waitFor();
  await page.unroute(down);
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await untilCards(page, 'completed', 2);
  expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
  const { complaints } = window;
  complaints.splice(
    0,
    complaints.length,
    ...complaints.filter((text) => !/ERR_INTERNET|Failed to fetch/.test(text)),
  );
});

test('of what is only typed yet, nobody is told that nothing was found, and what is only near is called similar', async () => {
  await sendFiles([await file('02-cat.png')], [{ title: 'Minou', tags: ['cat'] }]);
  await page.locator('.ma-search-found').waitFor({ state: 'attached' });
  await page.evaluate(() => {
    const said = new Set<string>();
    Object.assign(globalThis, { said });
    const status = document.querySelector('.ma-search-found');
    const look = () => said.add(status?.textContent ?? '');
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
  });
  await field().fill('cat');
  await page.getByText('1 found').waitFor();
  const said = await page.evaluate(() => [...(globalThis as unknown as { said: string[] }).said]);
  expect(said.filter(Boolean)).toEqual(['Searching…', '1 found']);
  await field().fill('pet');
  await page.getByText('No exact match. 1 similar').waitFor();
});

test('what is chosen during a search is seen until it has arrived', async () => {
  await sendPhotos('02-cat.png');
  await field().fill('volcano');
  await page.getByText('Nothing was found').waitFor();
  const held = Promise.withResolvers<void>();
  await page.route('**/analyze-media', async (route) => {
    await held.promise;
    await route.continue();
  });
  const lake = await file('08-lake.jpg');
  await choose(page, [
    { name: 'lake.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(await lake.arrayBuffer()) },
    { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('x') },
  ]);
  await untilCards(page, 'sending', 1);
  held.resolve();
  await page.getByText('1 done, 1 failed').waitFor();
  // It is not what was searched for.
  expect(await cards(page).count()).toBe(0);
  await field().fill('lake');
  await untilCards(page, 'completed', 1);
  await page.getByRole('button', { name: 'Clear the search' }).click();
  await untilCards(page, 'completed', 2);
  await untilCards(page, 'failed', 1);
});

test('from the full view of a photo to those that are similar, and back to all', async () => {
  await sendFiles(
    [
      await file('02-cat.png'),
      await file('18-cat-exif-orientation6.jpg'),
      await file('08-lake.jpg'),
    ],
    [
      { title: 'Minou', tags: ['cat', 'sofa'] },
      { title: 'Tom', tags: ['cat', 'couch'] },
      { title: 'Morning', tags: ['lake', 'mountain'] },
    ],
  );
  await cards(page)
    .getByRole('button', { name: /^Open.*02-cat/ })
    .press('Enter');
  await page.getByRole('button', { name: 'Show similar' }).press('Enter');
  await page.getByText('Similar to “Minou”').waitFor();
  await page.getByText('1 found').waitFor();
  await untilCards(page, 'completed', 1);
  await cards(page)
    .getByRole('button', { name: /^Open.*18-cat/ })
    .waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('desktop-similar');
  expect(address()).toMatch(/^\/\?similar_to=\w+$/);
  await page.reload();
  await page.getByText('Similar to “Minou”').waitFor();
  await page.getByText('1 found').waitFor();
  await page.goBack();
  await untilViewed(page, '02-cat.png');
  await page.keyboard.press('Escape');
  await untilCards(page, 'completed', 3);
  await page.goForward();
  await page.goForward();
  await page.getByText('Similar to “Minou”').waitFor();
  // A filter goes together with it, other words take its place.
  await page.getByRole('button', { name: 'Filters' }).press('Enter');
  await page.getByLabel('Photos or videos').selectOption('video');
  await page.getByText('Nothing was found').waitFor();
  expect(await page.getByText('Similar to “Minou”').count()).toBe(1);
  await page.getByLabel('Photos or videos').selectOption('image');
  await field().fill('lake');
  await page.waitForURL('**/?q=lake&kind=image');
  await page.getByRole('button', { name: 'Clear the search' }).press('Enter');
  await untilCards(page, 'completed', 3);
});

test('what is typed is one step, and each choice another: reloaded, linked to, left by Back and found again by Forward', async () => {
  await sendPhotos('02-cat.png', '03-coffee.webp', '08-lake.jpg');
  await field().fill('lake');
  await page.getByText('1 found').waitFor();
  expect(address()).toBe('/?q=lake');
  await field().fill('cat');
  await page.waitForURL('**/?q=cat');
  await untilCards(page, 'completed', 1);
  // What is typed later is another step.
  await field().blur();
  await field().fill('coffee');
  await page.waitForURL('**/?q=coffee');
  await page.goto(`${stack.url}/?q=cat&sort=oldest`);
  await page.getByRole('button', { name: 'Filters' }).press('Enter');
  await page.getByLabel('Photos or videos').selectOption('image');
  await page.waitForURL('**/?q=cat&kind=image&sort=oldest');
  await page.reload();
  await page.getByText('1 found').waitFor();
  await cards(page).first().waitFor();
  expect(await names()).toEqual(['02-cat.png']);
  expect(await field().inputValue()).toBe('cat');
  await page.goBack();
  await page.waitForURL('**/?q=cat&sort=oldest');
  await page.goBack();
  await page.waitForURL('**/?q=coffee');
  await page.goBack();
  await page.waitForURL('**/?q=cat');
  expect(await field().inputValue()).toBe('cat');
  await page.goBack();
  await untilCards(page, 'completed', 3);
  expect(address()).toBe('/');
  expect(await field().inputValue()).toBe('');
  await page.goForward();
  await page.getByText('1 found').waitFor();
  expect(await field().inputValue()).toBe('cat');
  await field().press('Escape');
  await untilCards(page, 'completed', 3);
  expect(address()).toBe('/');
  // What was cleared by mistake is one step back.
  await page.goBack();
  await page.getByText('1 found').waitFor();
  expect(await names()).toEqual(['02-cat.png']);
});

test('days and people in a link are in their fields, and searched for', async () => {
  await sendFiles(
    [await file('02-cat.png'), await file('08-lake.jpg')],
    [
      { title: 'Minou', people: 0 },
      { title: 'A lake with people', people: 4 },
    ],
  );
  await openFilters();
  await byDayAdded();
  const [from, to] = [page.getByLabel('Added from'), page.getByLabel('Added until')];
  await from.fill('2026-02-28');
  await to.fill('9999-12-30');
  await page.getByRole('combobox', { name: 'People' }).selectOption('3');
  await page.getByText('1 found').waitFor();
  const link = page.url();
  const tab = await window.openTab();
  const asked: string[] = [];
  tab.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname === '/api/media' && searchParams.has('people')) asked.push(request.url());
  });
  await tab.goto(link);
  await tab.getByText('1 found').waitFor();
  await tab.getByRole('button', { name: /^Filters/ }).press('Enter');
  expect(await tab.getByLabel('Added from').inputValue()).toBe('2026-02-28');
  expect(await tab.getByLabel('Added until').inputValue()).toBe('9999-12-30');
  expect(await tab.getByRole('combobox', { name: 'People' }).inputValue()).toBe('3');
  // To open one and come back is no new search.
  await cards(tab).getByRole('button', { name: /^Open/ }).press('Enter');
  await tab.getByRole('dialog').waitFor();
  await tab.goBack();
  await tab.getByRole('dialog').waitFor({ state: 'detached' });
  expect(asked).toHaveLength(1);
});

test('a camera and a verdict in a link are searched for, until they are reset', async () => {
  await sendPhotos('02-cat.png');
  const tab = await window.openTab();
  for (const asked of ['camera=Nokia', 'safety=unsafe']) {
    await tab.goto(`${stack.url}/?${asked}`);
    await tab.getByText('Nothing was found').first().waitFor();
    expect([await cards(tab).count(), new URL(tab.url()).search]).toEqual([0, `?${asked}`]);
    await tab.getByRole('button', { name: 'Clear the search' }).click();
    await cards(tab).first().waitFor();
    expect(new URL(tab.url()).search).toBe('');
  }
});

test('what could not be loaded is tried again after a while, and at once for who asks: the list, and a search', async () => {
  await sendPhotos('02-cat.png', '08-lake.jpg');
  const down = { status: 503 };
  const held = Promise.withResolvers<void>();
  const answers: ((route: Route) => Promise<void>)[] = [
    (route) => route.fulfill(down),
    // The try that it makes by itself.
    (route) => held.promise.then(() => route.abort()).catch(() => undefined),
    (route) => route.continue(),
    // The search.
    (route) => route.fulfill(down),
  ];
  let asked = 0;
  await page.route(
    ({ pathname }) => pathname === '/api/media',
    (route) => answers[asked++]?.(route) ?? route.continue(),
  );
  await page.goto(stack.url);
  const again = page.getByRole('button', { name: 'Try again' });
  await again.focus();
  await eventually(async () => asked > 1 || undefined);
  expect(await again.evaluate((button) => button === document.activeElement)).toBe(true);
  await again.click();
  await untilCards(page, 'completed', 2);
  expect(await again.count()).toBe(0);
  held.resolve();
  await field().fill('lake');
  await again.waitFor();
  await page.getByText('1 found').waitFor();
  expect([await names(), await again.count()]).toEqual([['08-lake.jpg'], 0]);
  const said = window.complaints.splice(0);
  expect(said.filter((text) => !text.includes('503'))).toEqual([]);
});

test('who asks again and again waits no longer for what comes by itself', async () => {
  await sendPhotos('02-cat.png');
  let asked = 0;
  let isDown = true;
  await page.route(/\/api\/media\?.*q=/, (route) => {
    asked++;
    return isDown ? route.fulfill({ status: 503 }) : route.continue();
  });
  await field().fill('cat');
  const again = page.getByRole('button', { name: 'Try again' });
  // After so many failures of its own, it would wait for ten minutes.
  for (let presses = 0; presses < 7; presses++) {
    const before = asked;
    await again.click();
    await eventually(async () => asked > before || undefined);
    await again.waitFor();
  }
  isDown = false;
  await page.getByText('1 found').waitFor();
  const said = window.complaints.splice(0);
  expect(said.filter((text) => !text.includes('503'))).toEqual([]);
});

test('what comes by itself takes the keyboard to no card: neither to another button, nor to the top', async () => {
  await sendPhotos('02-cat.png', '03-coffee.webp', '08-lake.jpg');
  await page.goto(stack.url);
  await untilCards(page, 'completed', 3);
  const last = cards(page).last().getByRole('button').last();
  await last.focus();
  let asked = 0;
  await page.route(/\/api\/media\?.*q=/, (route) =>
    asked++ === 0 ? route.fulfill({ status: 503 }) : route.continue(),
  );
  await field().fill('lake');
  const again = page.getByRole('button', { name: 'Try again' });
  await again.focus();
  await page.getByText('1 found').waitFor();
  await again.waitFor({ state: 'detached' });
  const focus = () => page.evaluate(() => document.activeElement?.className);
  await soon(async () => expect(await focus()).toBe('ma-search-outcome'));
  // Of what was left long ago, nothing is remembered.
  await field().fill('');
  await untilCards(page, 'completed', 3);
  await cards(page).last().getByRole('button').last().focus();
  await field().focus();
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await client(stack).call(`/api/media/${await cards(page).last().getAttribute('data-media-id')}`, {
    method: 'DELETE',
  });
  await untilCards(page, 'completed', 2);
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true),
  );
  const said = window.complaints.splice(0);
  expect(said.filter((text) => !text.includes('503'))).toEqual([]);
});

test('a link with a place and a start asks for no months, and for nothing above', async () => {
  await sendPhotos('02-cat.png');
  const tab = await window.openTab();
  const asked: string[] = [];
  tab.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.startsWith('/api/media') && search.includes('place=')) asked.push(search);
  });
  await tab.goto(`${stack.url}/?place=Paris&start=2026-03-01T00:00:00.000Z`);
  await tab.getByRole('button', { name: 'Try again' }).waitFor();
  await tab.locator('.ma-more-button').waitFor();
  expect(asked.filter((search) => !search.includes('start='))).toEqual([]);
  expect(await tab.locator('.ma-above, .ma-go-to-month').count()).toBe(0);
  window.complaints.splice(0);
});

test('Back from a media that was opened in a search leads to what was found, then to all', async () => {
  await sendPhotos('02-cat.png', '03-coffee.webp', '08-lake.jpg');
  await field().fill('cat');
  await page.getByText('1 found').waitFor();
  await cards(page).getByRole('button', { name: /^Open/ }).press('Enter');
  await untilViewed(page, '02-cat.png');
  expect(address()).toMatch(/^\/\?q=cat&media=\w+$/);
  const link = page.url();
  await page.goBack();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await names()).toEqual(['02-cat.png']);
  expect(await field().inputValue()).toBe('cat');
  await page.goBack();
  await untilCards(page, 'completed', 3);
  // By its link: closed, it leaves the search.
  await page.goto(link);
  await untilViewed(page, '02-cat.png');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.waitForURL(`${stack.url}/?q=cat`);
  expect(await names()).toEqual(['02-cat.png']);
});

test.each([['a media', /^Open.*08-lake/]])(
  'words that are typed just before %s is opened are searched for when it is closed',
  async (_, opener) => {
    const held = Promise.withResolvers<void>();
    await page.route('**/assets/media-parts-*.js', async (route) => {
      await held.promise;
      await route.continue();
    });
    await sendPhotos('02-cat.png', '08-lake.jpg');
    const open = await page.getByRole('button', { name: opener }).elementHandle();
    await page.clock.install();
    // In one go, so that no busy machine comes between.
    await field().evaluate((node: HTMLInputElement, button) => {
      const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value') ?? {};
      set?.call(node, 'cat');
      node.dispatchEvent(new Event('input', { bubbles: true }));
      (button as HTMLElement).click();
    }, open);
    const dialog = page.getByRole('dialog');
    // Longer than a pause of the typing. The view is still being loaded.
    await page.clock.fastForward(1_000);
    held.resolve();
    await dialog.waitFor();
    expect(page.url()).not.toContain('q=cat');
    await page.goBack();
    await dialog.waitFor({ state: 'detached' });
    await page.waitForURL('**/?q=cat');
    await untilCards(page, 'completed', 1);
    expect(await names()).toEqual(['02-cat.png']);
    await page.goBack();
    await untilCards(page, 'completed', 2);
  },
);

test('in Japanese and on a phone', async () => {
  await window.context.close();
  await open({ locale: 'ja-JP', viewport: { width: 360, height: 740 } });
  await sendFiles(
    [await named('05-dogs.jpg', '柴犬の散歩.jpg'), await named('08-lake.jpg', '湖.jpg')],
    [
      { title: '夕方の散歩', tags: ['dog'], language: 'ja' },
      { title: '看板', text: '東京駅前商店街' },
    ],
  );
  for (const [words, name] of [
    ['駅前', '湖'],
    ['犬', '柴犬'],
    ['散歩する犬', '柴犬'],
  ]) {
    await field('検索').fill(words ?? '');
    await page.getByText('1件見つかりました').waitFor();
    await cards(page)
      .getByRole('button', { name: new RegExp(name ?? '') })
      .first()
      .waitFor();
  }
  await shoot('phone-ja');
  await cards(page)
    .getByRole('button', { name: /柴犬.*を開く/ })
    .press('Enter');
  const tags = page.getByRole('dialog').getByRole('list', { name: 'タグ' });
  await tags.scrollIntoViewIfNeeded();
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('phone-ja-tags');
  await tags.getByRole('button', { name: '犬' }).press('Enter');
  await page.waitForURL('**/?tag=*');
  await page.getByText('1件見つかりました').waitFor();
  await page.goBack();
  await untilViewed(page, '柴犬の散歩.jpg');
  await tags.waitFor();
  await page.goto(`${stack.url}/?q=犬&kind=video`);
  await page.getByRole('button', { name: '「動画」なし：1件' }).waitFor();
  await shoot('phone-ja-none');
  const [wide, inner] = await page.evaluate(() => [document.body.scrollWidth, innerWidth] as const);
  expect(wide).toBeLessThanOrEqual(inner);
  expect(await accessibilityProblems(page)).toEqual([]);
});
