/** On a phone, Back is how a person closes what is open: it leaves the page only from the list. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { soon } from '../support/eventually.ts';
import { client, eventually, file } from '../support/stack.ts';
import { cards, pressInMenu, untilCards, untilDrawn } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

let photos: Photos;
let window: TestWindow;
let page: Page;
beforeAll(async () => {
  photos = await startPhotos();
  const user = client(photos.stack);
  const { media_ids } = await user.analyze([await file('02-cat.png')]);
  await user.results(media_ids);
});
afterAll(() => photos.close());
beforeEach(async () => {
  window = await photos.open({ viewport: { width: 390, height: 844 }, hasTouch: true });
  page = window.page;
  await page.goto(photos.stack.url);
  await untilCards(page, 'completed', 1);
});
afterEach(async () => {
  expect(window.complaints).toEqual([]);
  await window.context.close();
});

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const bar = () => page.locator('.ma-many-bar');
const form = () => page.locator('.ma-again');
const untilGone = (what: ReturnType<Page['locator']>) => what.waitFor({ state: 'detached' });
const depth = () => page.evaluate(() => history.state?.layers ?? 0);
const untilDepth = (wanted: number) =>
  eventually(async () => (await depth()) === wanted || undefined);

async function openFormOfSelection(): Promise<void> {
  await pressInMenu(page, 'Select');
  await cards(page).getByRole('checkbox').check();
  await bar()
    .getByRole('button', { name: /^Analyse again/ })
    .click();
  await form().waitFor();
}

/** Deletes the only photo, and opens the bin before the answer. */
async function openBinDuringDeletion(): Promise<void> {
  await pressInMenu(page, 'Select');
  await cards(page).getByRole('checkbox').check();
  const asked = page.waitForRequest((request) => /DELETE|POST/.test(request.method()));
  await bar().getByRole('button', { name: 'Delete', exact: true }).click();
  await asked;
  await pressInMenu(page, 'Bin');
}

/** Nothing of what was opened is left in the history. */
async function leavesThePage(): Promise<void> {
  await untilDepth(0);
  await page.goBack();
  expect(page.url()).toBe('about:blank');
}

test.each([
  ['the bin', () => pressInMenu(page, 'Bin'), () => page.getByRole('dialog')],
  ['the form for an analysis', () => pressInMenu(page, 'Analyse again…'), form],
  ['the selection', () => pressInMenu(page, 'Select'), bar],
])('Back closes %s, and the next one leaves the page', async (_, open, opened) => {
  await open();
  await opened().waitFor();
  await page.goBack();
  await untilGone(opened());
  expect(page.url()).toBe(`${photos.stack.url}/`);
  await open();
  await opened().waitFor();
  await page.goBack();
  await untilGone(opened());
  await leavesThePage();
});

test('what is closed by its own button leaves no step behind', async () => {
  await pressInMenu(page, 'Bin');
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await untilGone(page.getByRole('dialog'));
  await untilDepth(0);
  await pressInMenu(page, 'Select');
  await untilDepth(1);
  await button('Done').click();
  await untilGone(bar());
  await leavesThePage();
});

test('what is opened while the browser is on its way back stays open', async () => {
  await pressInMenu(page, 'Select');
  await untilDepth(1);
  await bar().waitFor();
  await page.evaluate(async () => {
    const press = (selector: string) => document.querySelector<HTMLElement>(selector)?.click();
    const arrived = new Promise((resolve) => addEventListener('popstate', resolve));
    const isOnWay = new Promise<void>((resolve) => {
      history.back = () => {
        History.prototype.back.call(history);
        resolve();
      };
    });
    press('[aria-label=Done]');
    await isOnWay;
    press('.ma-more-button');
    while (!document.querySelector('[data-key=bin]')) await new Promise(requestAnimationFrame);
    press('[data-key=bin]');
    await arrived;
  });
  await untilDepth(1);
  await page.getByRole('dialog').waitFor();
  await page.goBack();
  await untilGone(page.getByRole('dialog'));
  await leavesThePage();
});

test('what is opened before a deletion has ended stays open when it ends', async () => {
  const answer = Promise.withResolvers<void>();
  await page.route(/\/api\/media\/[^/]+$|\/api\/media\/delete/, async (route) => {
    if (route.request().method() === 'GET') return route.continue();
    await answer.promise;
    await route.continue();
  });
  await openBinDuringDeletion();
  await page.getByRole('dialog').waitFor();
  await untilDepth(2);
  answer.resolve();
  await untilGone(bar());
  await untilDepth(1);
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Restore/ })
    .click();
  await untilCards(page, 'completed', 1);
  expect(await page.getByRole('dialog').count()).toBe(1);
  await page.goBack();
  await untilGone(page.getByRole('dialog'));
  await leavesThePage();
});

test.each<[string, () => Promise<unknown>]>([
  ['Done', () => bar().getByRole('button', { name: 'Done' }).click()],
  ['Escape', () => page.keyboard.press('Escape')],
  ['Back', () => page.goBack()],
])('%s leaves in sight what one has scrolled to during a selection', async (_, end) => {
  const user = client(photos.stack);
  const { media_ids } = await user.analyze(
    await Promise.all(
      ['03-coffee.webp', '05-dogs.jpg', '06-osprey.jpg', '07-cityscape.jpg', '08-lake.jpg'].map(
        file,
      ),
    ),
  );
  await user.results(media_ids);
  try {
    await untilCards(page, 'completed', 6);
    await pressInMenu(page, 'Select');
    await untilDepth(1);
    const top = () => page.evaluate(() => scrollY);
    await page.setViewportSize({ width: 390, height: 300 });
    await page.evaluate(() => scrollTo({ top: 300 }));
    const before = await top();
    expect(before).toBeGreaterThan(150);
    await end();
    await untilGone(bar());
    await untilDepth(0);
    // A browser that goes back scrolls some frames later.
    await page.evaluate(async () => {
      for (let frame = 0; frame < 20; frame++) await new Promise(requestAnimationFrame);
    });
    expect(await top()).toBeGreaterThan(before - 100);
  } finally {
    for (const id of media_ids)
      await user.call(`/api/media/${id}?permanently=true`, { method: 'DELETE' });
  }
});

test('when a deletion ends, what was brought back meanwhile stays out of the bin, and pages and focus stay', async () => {
  const user = client(photos.stack);
  const { media_ids } = await user.analyze(
    await Promise.all(['03-coffee.webp', '05-dogs.jpg', '08-lake.jpg'].map(file)),
  );
  const [coffee, dogs] = await user.results(media_ids);
  const [cat] = await cards(page)
    .filter({ has: page.locator('[title="02-cat.png"]') })
    .evaluateAll((all) => all.map((each) => each.getAttribute('data-media-id')));
  for (const id of [coffee?.id, dogs?.id, cat])
    await user.call(`/api/media/${id}`, { method: 'DELETE' });
  await page.reload();
  await untilCards(page, 'completed', 1);

  const deletion = Promise.withResolvers<void>();
  const listed = Promise.withResolvers<void>();
  const list = Promise.withResolvers<void>();
  await page.route(/\/api\/media\/[^/]+$|\/api\/media\/delete/, async (route) => {
    if (route.request().method() !== 'GET') await deletion.promise;
    await route.continue();
  });
  let isDeleted = false;
  await page.route(/\/api\/bin\?/, async (route) => {
    const url = new URL(route.request().url());
    url.searchParams.set('limit', '2');
    const response = await route.fetch({ url: url.href });
    if (isDeleted) listed.resolve();
    if (isDeleted) await list.promise;
    await route.fulfill({ response });
  });
  await openBinDuringDeletion();
  const dialog = page.getByRole('dialog');
  const restore = (name: string) => dialog.getByRole('button', { name: `Restore ${name}` });
  await dialog.getByRole('button', { name: 'Show more' }).click();
  await restore('03-coffee.webp').waitFor();

  // The service makes the list, then the cat is brought back, and then the list arrives, in which it still is.
  isDeleted = true;
  deletion.resolve();
  await listed.promise;
  await restore('02-cat.png').click();
  await untilGone(restore('02-cat.png'));
  await restore('03-coffee.webp').focus();
  list.resolve();
  await restore('08-lake.jpg').waitFor();
  const names = dialog.getByRole('button', { name: /^Restore \d/ });
  expect(
    await names.evaluateAll((all) => all.map((each) => each.getAttribute('aria-label'))),
  ).toEqual(['Restore 08-lake.jpg', 'Restore 05-dogs.jpg', 'Restore 03-coffee.webp']);
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
      'Restore 03-coffee.webp',
    ),
  );
  expect(await dialog.getByRole('button', { name: 'Show more' }).count()).toBe(0);
  // A picture that is still asked for when it is erased would be a 404.
  await untilDrawn(page, 'dialog img.ma-thumb', 3);
  await dialog.getByRole('button', { name: 'Empty the bin' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await dialog.getByText('The bin is empty').waitFor();
  await page.goBack();
  await untilGone(dialog);
  await untilCards(page, 'completed', 1);
  const { media } = (await (await user.call('/api/media')).json()) as { media: object[] };
  expect(media).toMatchObject([{ id: cat }]);
});

test.each([
  ['while its answer is under way', /\/api\/reanalyses$/],
  ['while what is meant is still searched for', /\/api\/media\?.*q=cat/],
])('a quote whose form Back has closed, %s, does not open', async (_, held) => {
  if (held.test('/api/media?q=cat')) {
    await page.goto(`${photos.stack.url}/?q=cat`);
    await untilCards(page, 'completed', 1);
  }
  await page.locator('.ma-more-button').waitFor();
  const answer = Promise.withResolvers<void>();
  await page.route(held, async (route) => {
    const response = await route.fetch();
    await answer.promise;
    await route.fulfill({ response });
  });
  const asked = page.waitForRequest(held);
  const answered = page.waitForResponse(held);
  await pressInMenu(page, /^Analyse (these )?again/);
  await asked;
  await page.goBack();
  await untilGone(form());
  answer.resolve();
  await (await answered).finished();
  await pressInMenu(page, /^Analyse (these )?again/);
  await form().getByText('nothing to analyse').waitFor();
  await page.goBack();
  await untilGone(form());
  await untilDepth(0);
  expect(await form().count()).toBe(0);
});

test.each([
  ['the bin', () => pressInMenu(page, 'Bin')],
  ['a form within the selection', openFormOfSelection],
])('a reload with %s open leaves no step behind', async (_, open) => {
  await open();
  await page.reload();
  await untilCards(page, 'completed', 1);
  await leavesThePage();
});

test('a search within a selection leaves no step behind', async () => {
  await pressInMenu(page, 'Select');
  await bar().waitFor();
  await page.locator('.ma-search-field').fill('cat');
  await page.waitForURL(/q=cat/);
  await cards(page).getByRole('checkbox').check();
  await button('Done').click();
  await untilGone(bar());
  await untilDepth(0);
  expect(page.url()).toMatch(/q=cat/);
  await page.goBack();
  await leavesThePage();
});

test('a dialog within the selection is closed first', async () => {
  await openFormOfSelection();
  await page.goBack();
  await untilGone(form());
  expect(await bar().count()).toBe(1);
  await untilDepth(1);
  await button('Done').click();
  await untilGone(bar());
  await leavesThePage();
});

test('a search while one selects keeps its own step', async () => {
  await page.goto(`${photos.stack.url}/?kind=image`);
  await pressInMenu(page, 'Select');
  await bar().waitFor();
  await page.locator('.ma-search-field').fill('cat');
  await page.waitForURL(/q=cat/);
  const searched = page.url();
  await button('Done').click();
  await untilGone(bar());
  await untilDepth(0);
  expect(page.url()).toBe(searched);
});
