/** The search in a real browser: words, filters, what is similar, and what comes while one looks. */
import { Firestore } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { findableOf } from '../../functions/media/findable.ts';
import { MEDIA_COLLECTION } from '../../functions/media/record.ts';
import { analyticsOf, type Shelved } from '../support/library.ts';
import { currentPage } from '../support/page.ts';
import { client, file, type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { accessibilityProblems, cards, choose, photoPaths, untilCards } from './page.ts';
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
  const { GOOGLE_CLOUD_PROJECT: projectId = '', FIRESTORE_EMULATOR_HOST: host = '' } =
    stack.environment;
  db = new Firestore({ projectId, host, ssl: false });
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

const field = (name = 'Search') => page.getByRole('searchbox', { name });
const told = () => page.locator('.ma-search-found').textContent();
const shoot = (name: string) =>
  SHOTS === undefined ? undefined : page.screenshot({ path: `${SHOTS}/${name}.png` });

test('words are searched for by keyboard, and cleared again', async () => {
  await page.goto(stack.url);
  await page.getByText('Nothing here yet').waitFor();
  expect(scripts.filter((path) => /\/search-/.test(path))).toEqual([]);
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
  expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search');
});

test('filters go together with words, and what finds nothing says what to do', async () => {
  await sendPhotos('02-cat.png', '08-lake.jpg');
  const button = page.getByRole('button', { name: 'Filters' });
  await button.press('Enter');
  expect(await button.getAttribute('aria-expanded')).toBe('true');
  await page.getByLabel('Photos or videos').selectOption('image');
  await page.getByText('2 found').waitFor();
  // This model counts nobody.
  await page.getByLabel('People').selectOption({ label: 'Nobody seen' });
  await page.getByText('Files whose people the model has not counted are left out').waitFor();
  await page.getByLabel('People').selectOption({ label: 'Any' });
  await page.getByText('2 found').waitFor();
  await field().fill('lake');
  await page.getByText('1 found').waitFor();
  await page.getByLabel('Added until').fill('2001-02-03');
  await page.getByText('Nothing was found. Try fewer words').waitFor();
  expect(await cards(page).count()).toBe(0);
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('desktop-none');
  await page.getByRole('button', { name: 'Clear the search' }).press('Enter');
  await untilCards(page, 'completed', 2);
  await shoot('desktop');
});

test('filters are chosen by keyboard alone', async () => {
  await sendFiles(
    [await file('02-cat.png'), await file('08-lake.jpg')],
    [
      { title: 'Minou', people: 0 },
      { title: 'A lake with people', people: 4 },
    ],
  );
  await field().focus();
  const { keyboard } = page;
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  // Over tags and texts to the kind.
  for (const _ of ['tags', 'text', 'kind']) await keyboard.press('Tab');
  await keyboard.press('ArrowDown');
  await page.getByText('2 found').waitFor();
  await keyboard.press('Tab');
  await keyboard.press('End');
  await page.getByText('Nothing was found').waitFor();
  for (const _ of [10, 5]) await keyboard.press('ArrowUp');
  await page.getByText('1 found').waitFor();
  expect(await page.getByRole('combobox', { name: 'People' }).inputValue()).toBe('3');
  await cards(page)
    .getByRole('button', { name: /^Open.*08-lake/ })
    .waitFor();
  await keyboard.press('Escape');
  await untilCards(page, 'completed', 2);
});

test('a photo that is added meanwhile is found when it is done', async () => {
  await sendPhotos('02-cat.png');
  const tab = await window.openTab();
  await tab.goto(stack.url);
  for (const each of [page, tab]) {
    await each.getByRole('searchbox', { name: 'Search' }).fill('lake');
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
  await page.getByRole('button', { name: 'Show similar ones' }).press('Enter');
  await page.getByText('Similar to 02-cat.png').waitFor();
  await page.getByText('1 found').waitFor();
  await untilCards(page, 'completed', 1);
  await cards(page)
    .getByRole('button', { name: /^Open.*18-cat/ })
    .waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('desktop-similar');
  await page.getByRole('button', { name: 'Clear the search' }).press('Enter');
  await untilCards(page, 'completed', 3);
});

test('in Japanese and on a phone', async () => {
  await window.context.close();
  await open({ locale: 'ja-JP', viewport: { width: 360, height: 740 } });
  await sendFiles(
    [await named('05-dogs.jpg', '柴犬の散歩.jpg'), await named('08-lake.jpg', '湖.jpg')],
    [
      { title: '夕方の散歩', tags: ['dog'] },
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
  await page.getByRole('button', { name: '絞り込み' }).press('Enter');
  await page.getByLabel('写真・動画').selectOption('video');
  await page.getByText('見つかりませんでした').waitFor();
  await shoot('phone-ja-none');
  const [wide, inner] = await page.evaluate(() => [document.body.scrollWidth, innerWidth] as const);
  expect(wide).toBeLessThanOrEqual(inner);
  expect(await accessibilityProblems(page)).toEqual([]);
});
