/** More files than a day may have: what is over the limit says so, waits for its day, and is the same after a reload. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { databaseOf, eventually } from '../support/stack.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  noisyPhotos,
  notesKept,
  pressInNotTaken,
  untilCards,
} from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

/** A folder for screenshots, to be looked at. */
const SHOTS = process.env.SCREENSHOTS;
const LIMIT = 5;
const DAY_MS = 24 * 3_600 * 1_000;

let photos: Photos;
let window: TestWindow;
let page: Page;
/** Requests that send files, or ask what became of them. */
let sent: string[];
beforeAll(async () => {
  photos = await startPhotos({ MAX_FILES_PER_DAY: String(LIMIT) });
});
afterAll(() => photos.close());
beforeEach(() => beginDay());
afterEach(async () => {
  await window.context.close();
  await photos.removeAll();
});

/** What was sent before was sent on another day. */
async function beginDay(): Promise<void> {
  const db = databaseOf(photos.stack);
  const { docs } = await db.collection('daily_uploads').get();
  for (const { ref } of docs) await ref.delete();
  await db.terminate();
}

async function open(options?: BrowserContextOptions): Promise<void> {
  window = await photos.open({
    timezoneId: 'Asia/Tokyo',
    viewport: { width: 1280, height: 860 },
    ...options,
  });
  page = window.page;
  await page.clock.install();
  sent = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (/(analyze-media|uploads|close)$/.test(pathname)) sent.push(pathname);
  });
  await page.goto(photos.stack.url);
}

/** In one request, of which five files are accepted. */
const small = () => noisyPhotos(LIMIT + 3, { width: 60, height: 40 });
const retry = (name: string | RegExp = /^(Retry|再試行)/) => page.getByRole('button', { name });
const bar = () => page.locator('.ma-batch-words').textContent();
const texts = () => page.locator('.ma-card-error').allInnerTexts();
const names = (tab = page) =>
  cards(tab)
    .locator('h3')
    .evaluateAll((all) => all.map((each) => each.getAttribute('title')));
const shoot = (name: string) =>
  SHOTS === undefined
    ? undefined
    : page.screenshot({ path: `${SHOTS}/limit-${name}.png`, fullPage: true });

async function sendTooMany(): Promise<void> {
  await choose(page, await small());
  await untilCards(page, 'completed', LIMIT);
  await untilCards(page, 'failed', 3);
  // The browser keeps what was accepted for a moment.
  await eventually(async () => (await notesKept(page)) === 3 || undefined);
}

/** In the page: whether all that is kept is kept by this tab. It is a few seconds after another one is gone. */
const hasTaken = () =>
  new Promise<boolean>((resolve, reject) => {
    const opening = indexedDB.open('media-analysis-uploads-1');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const own = sessionStorage.getItem('media-analysis-uploads-tab');
      const reading = opening.result.transaction('files').objectStore('files').getAll();
      reading.onsuccess = () => {
        opening.result.close();
        resolve(reading.result.every(({ tab }) => tab === own));
      };
    };
  });

const DESKTOP = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };
test.each([
  [
    'en-GB',
    DESKTOP,
    /^You have reached the limit of 5 files a day\. You can retry (today|tomorrow) after 09:00: it stays here until then\.$/,
    ['5 done, 3 failed', '0 done, 1 failed'],
    ['Show 4 failed', 'Remove 4'],
  ],
  [
    'ja-JP',
    PHONE,
    /^1日の上限（5件）に達しました。(今日|明日)の9:00以降に再試行できます。それまでここに残ります。$/,
    ['5件完了、3件失敗', '0件完了、1件失敗'],
    ['4件失敗を表示', '4件を取り除く'],
  ],
] as const)(
  'a card says which limit is reached and when another try is of use, and a reload changes nothing: %s',
  async (locale, viewport, text, [summary, nextSummary], [list, removeAll]) => {
    await open({ locale, viewport });
    await sendTooMany();
    const isSaid = async () => {
      await page.locator('.ma-card-error', { hasText: text }).nth(2).waitFor();
      expect(await texts()).toHaveLength(3);
      expect(await bar()).toBe(summary);
      expect(await names()).toEqual((await small()).map(({ name }) => name));
      // It would be refused again.
      expect(await retry().count()).toBe(0);
    };
    await isSaid();
    expect(await accessibilityProblems(page)).toEqual([]);
    await shoot(`${locale}-at-once`);
    for (const time of ['first', 'second']) {
      sent = [];
      await page.reload();
      await untilCards(page, 'completed', LIMIT);
      await untilCards(page, 'failed', 3);
      await isSaid();
      await shoot(`${locale}-${time}-reload`);
      expect(sent).toEqual([]);
    }
    // Other tabs have had their time to tell of their files. What is chosen now is another batch.
    await page.clock.fastForward(1_000);
    const [one] = await small();
    await choose(page, one ? [{ ...one, name: 'next.jpg' }] : []);
    await untilCards(page, 'failed', 4);
    await page.getByText(nextSummary, { exact: true }).waitFor();
    await page.getByRole('button', { name: list }).click();
    await page.getByRole('button', { name: removeAll }).click();
    await untilCards(page, 'failed', 0);
    for (const complaint of window.complaints) expect(complaint).toContain('429');
  },
);

test('when the day has ended, Retry is offered where it was not, and works', async () => {
  await open();
  await sendTooMany();
  await page.getByText('You can retry').nth(2).waitFor();
  expect(await retry().count()).toBe(0);
  await beginDay();
  await page.clock.fastForward(DAY_MS);
  await page.getByText('You can retry now.').nth(2).waitFor();
  await shoot('next-day');
  await cards(page).nth(LIMIT).locator('.ma-card-again').click();
  await untilCards(page, 'completed', LIMIT + 1);
  await pressInNotTaken(page, 'Try 2 again');
  await untilCards(page, 'completed', LIMIT + 3);
  await page.getByText('All done').waitFor();
});

test('a page that is opened after that day sends them by itself, and counts them with their batch', async () => {
  await open();
  await sendTooMany();
  await beginDay();
  await page.clock.fastForward(DAY_MS);
  await page.reload();
  await untilCards(page, 'completed', LIMIT + 3);
  await page.getByText(`${LIMIT + 3} of ${LIMIT + 3} ready`).waitFor();
  expect(await names()).toEqual((await small()).map(({ name }) => name));
});

test('in two tabs the order stays when one is loaded again; when it is closed, the other one can remove what was refused', async () => {
  await open();
  await sendTooMany();
  const all = await names();
  const other = await window.openTab();
  await other.goto(photos.stack.url);
  await untilCards(other, 'failed', 3);
  // The first tab tells it its order.
  await eventually(async () => String(await names(other)) === String(all) || undefined);
  // The order is written by each tab that has another one.
  const order = () => page.evaluate(() => JSON.stringify(Object.entries(localStorage)));
  const before = await order();
  await page.reload();
  await page.getByText('You can retry').nth(2).waitFor();
  await page.clock.fastForward(1_000);
  for (const tab of [page, other]) {
    await untilCards(tab, 'failed', 3);
    expect(await names(tab)).toEqual(all);
  }
  expect(await order()).toBe(before);
  await page.close();
  await eventually(async () => (await other.evaluate(hasTaken)) || undefined);
  const refused = cards(other, 'failed');
  await refused.first().hover();
  await refused
    .first()
    .getByRole('button', { name: /^Remove/ })
    .click();
  await untilCards(other, 'failed', 2);
  expect(await names(other)).toEqual([...all.slice(0, LIMIT), ...all.slice(LIMIT + 1)]);
});
