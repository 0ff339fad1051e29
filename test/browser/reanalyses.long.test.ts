/**
 * Analysing again in a real browser: asked for, quoted, under way, paused, over; and the results of before. In the shape
 * `small`: the API is on another site than the page and the stream, under the deployed policy.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { soon } from '../support/eventually.ts';
import { type Reply, replies } from '../support/gemini-server.ts';
import { client, eventually, file, form, TEN_PHOTOS } from '../support/stack.ts';
import { accessibilityProblems, cards, pressInMenu, untilCards } from './page.ts';
import { type Small, startSmall, type WatchedWindow } from './small.ts';

let small: Small;
let window: WatchedWindow;
let page: Page;
/** Lets every answer come that waits. */
let release: () => void;

beforeAll(async () => {
  small = await startSmall();
});
afterAll(() => small.close());
beforeEach(() => open());
afterEach(async () => {
  release?.();
  await window.context.close();
  await forgetEverything();
  // Refused by the content security policy, or by CORS: none of it.
  expect(window.complaints).toEqual([]);
});

async function open(options?: BrowserContextOptions): Promise<void> {
  window = await small.open(options);
  page = window.page;
}

const user = () => client(small.stack);

async function forgetEverything(): Promise<void> {
  const { reanalyses } = (await (await user().call('/api/reanalyses')).json()) as {
    reanalyses: { id: string; state: string }[];
  };
  for (const { id, state } of reanalyses) {
    if (/running|paused/.test(state)) {
      await user().call(`/api/reanalyses/${id}/cancel`, { method: 'POST' });
    }
  }
  const { media } = (await (await user().call('/api/media?limit=100')).json()) as {
    media: { id: string }[];
  };
  for (const { id } of media)
    await user().call(`/api/media/${id}?permanently=true`, { method: 'DELETE' });
  small.gemini.reset();
}

const receipt = (total_cents: number, reply: Reply = {}): Reply => ({
  ...replies.text(
    JSON.stringify({
      merchant: 'Corner Shop',
      date: '2026-11-02',
      currency: 'EUR',
      items: [{ name: 'Bread', quantity: 2, amount_cents: 350 }],
      total_cents,
    }),
  ),
  ...reply,
});

/** An answer that waits until the test lets it come. */
function heldBack(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  release = resolve;
  return promise;
}

/** Described photos, and the page that shows them. */
async function sendPhotos(count: number): Promise<void> {
  const { media_ids } = await user().analyze(
    await Promise.all(TEN_PHOTOS.slice(0, count).map(file)),
  );
  await user().results(media_ids);
  await page.goto(small.stack.url);
  await untilCards(page, 'completed', count);
}

const panel = () => page.getByRole('dialog', { name: 'Analyse again' });
const openAgain = () => pressInMenu(page, 'Analyse again…');
const status = () => panel().getByRole('status').textContent();
const focusedName = () =>
  page.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.textContent);
const loadsPart = () => window.sent.filter((request) => request.includes('media-parts')).length > 0;

/** Opens the dialog, chooses the receipts, and asks what they would cost. */
async function askForQuote(): Promise<void> {
  await openAgain();
  await chooseReceipts();
  await panel().getByRole('button', { name: 'Start' }).waitFor();
}

async function chooseReceipts(): Promise<void> {
  await panel().getByText('Options').click();
  await panel().getByLabel('Analysis', { exact: true }).selectOption('receipt');
  await panel().getByRole('button', { name: 'What would it cost?' }).press('Enter');
}

test('by keyboard: a quote, its start, a pause that outlives a reload, and the end', async () => {
  await page.goto(small.stack.url);
  await page.getByText('Drop photos and videos here').waitFor();
  expect(loadsPart()).toBe(false);
  await sendPhotos(4);
  expect(loadsPart()).toBe(true);
  // The page may have seen them come, and says after its reload that they are done.
  const bars = () => page.getByRole('progressbar', { name: 'Overall progress' }).count();
  const before = await bars();
  await openAgain();
  await panel().getByText('nothing to analyse again. All results are of the current').waitFor();
  await panel().getByText('Applies to all your files.').waitFor();
  expect(await page.getByRole('dialog').count()).toBe(1);
  expect(await panel().getByRole('combobox').count()).toBe(0);
  expect(await panel().getByRole('button', { name: 'Start' }).count()).toBe(0);
  expect(await accessibilityProblems(page)).toEqual([]);
  await panel().getByRole('button', { name: 'Close' }).press('Enter');
  await soon(async () => expect(await focusedName()).toBe('More'));

  await askForQuote();
  const quote = await panel().textContent();
  expect(quote).toMatch(/4 of 4 would be analysed\. It costs about \$0\.00\d+/);
  expect(quote).toContain('The current results are kept');
  expect(await accessibilityProblems(page)).toEqual([]);
  // Until now, nothing but the descriptions has cost anything.
  expect(small.gemini.requests).toHaveLength(4);

  const until = heldBack();
  small.gemini.enqueue(receipt(1), receipt(2, { until }), receipt(3, { until }), receipt(4));
  await panel().getByRole('button', { name: 'Start' }).press('Enter');
  await panel().getByText('1 of 4 answered').waitFor();
  expect(await panel().evaluate((dialog) => dialog.contains(document.activeElement))).toBe(true);
  expect(await accessibilityProblems(page)).toEqual([]);
  await panel().getByRole('button', { name: 'Pause' }).press('Enter');
  await panel().getByRole('button', { name: 'Resume' }).waitFor();
  await soon(async () => expect(await focusedName()).toBe('Resume'));
  await page.reload();
  await page.getByRole('button', { name: 'Receipt, again: paused' }).press('Enter');
  await panel().getByText('Receipt, again: paused').waitFor();
  expect(await status()).toContain('1 of 4 answered');
  release();
  await panel().getByText('3 of 4 answered').waitFor();
  await panel().getByRole('button', { name: 'Resume' }).press('Enter');
  await panel().getByText('Receipt, again: done').waitFor();
  expect(await status()).toContain('4 of 4 answered');
  // What is done again is no new batch of files.
  expect(await bars()).toBeLessThanOrEqual(before);
  expect(await accessibilityProblems(page)).toEqual([]);
  await panel().getByRole('button', { name: 'Close' }).press('Enter');
  await page.getByRole('button', { name: 'Receipt, again: done' }).waitFor({ state: 'detached' });
  await soon(async () => expect(await focusedName()).toBe('More'));

  await openAgain();
  await chooseReceipts();
  await panel().getByText('There is nothing to analyse again.').waitFor();
});

test('beside a search, what it finds is meant, and nothing else', async () => {
  await sendPhotos(4);
  await page.getByRole('combobox', { name: 'Search' }).fill('cat');
  await page.getByText('1 found').waitFor();
  await pressInMenu(page, 'Analyse these again…');
  await panel().getByText('Applies only to the files that your search finds.').waitFor();
  await chooseReceipts();
  await panel().getByText('1 of 1 would be analysed.').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
});

test('cancelled: what has begun is finished, and nothing more is asked', async () => {
  await sendPhotos(4);
  await askForQuote();
  const until = heldBack();
  small.gemini.enqueue(receipt(1, { until }), receipt(2, { until }));
  await panel().getByRole('button', { name: 'Start' }).click();
  await panel().getByRole('button', { name: 'Cancel' }).click();
  await panel().getByText('Receipt, again: cancelled').waitFor();
  release();
  const { done } = await eventually(async () => {
    const { reanalyses } = (await (await user().call('/api/reanalyses')).json()) as {
      reanalyses: [{ done: number; in_flight: number }];
    };
    return reanalyses[0].in_flight === 0 ? reanalyses[0] : undefined;
  });
  expect(small.gemini.requests).toHaveLength(4 + done);
  await panel().getByText(`${done} of 4 answered`).waitFor();
});

test('what a quote cannot know it says', async () => {
  const stored = form([await file('02-cat.png')]);
  await user().call('/api/media', { method: 'POST', body: stored });
  await page.goto(small.stack.url);
  await untilCards(page, 'completed', 1);
  await askForQuote();
  const quote = await panel().textContent();
  expect(quote).toContain('What it costs is not known yet.');
  small.gemini.enqueue(receipt(1234));
  await panel().getByRole('button', { name: 'Start' }).click();
  await panel().getByText('Receipt, again: done').waitFor();
  await panel().getByRole('button', { name: 'Close' }).click();
  await cards(page).getByText('Corner Shop · 2 Nov 2026 · €12.34').waitFor();
});

test('the results of before are in the full view, and one is brought back', async () => {
  await sendPhotos(1);
  const id = (await cards(page).getAttribute('data-media-id')) ?? '';
  for (const cents of [1234, 99]) {
    small.gemini.enqueue(receipt(cents));
    await user().call(`/api/media/${id}/analyses/receipt`, { method: 'POST' });
    await user().results([id]);
  }
  const asked = small.gemini.requests.length;
  await page.reload();
  await cards(page).getByRole('button', { name: /^Open/ }).press('Enter');
  const dialog = page.getByRole('dialog');
  const present = dialog.locator('[data-analysis=receipt]');
  await present.getByText('€0.99').waitFor();
  const earlier = dialog.getByRole('region', { name: 'Earlier results' });
  await earlier.getByRole('button', { name: 'Earlier results' }).press('Enter');
  await earlier.getByText('€12.34').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await earlier.getByRole('button', { name: /^Bring back: Receipt/ }).press('Enter');
  await present.getByText('€12.34').waitFor();
  await earlier.getByText('€0.99').waitFor();
  expect(await earlier.getByRole('status').textContent()).toContain('It is back.');
  await soon(async () => expect(await focusedName()).toBe('Earlier results'));
  expect(small.gemini.requests).toHaveLength(asked);
});

test('on a phone and in Japanese: nothing sticks out sideways', async () => {
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  await window.context.close();
  await open({ ...phone, locale: 'ja-JP' });
  await sendPhotos(2);
  await pressInMenu(page, '再解析…');
  const region = page.getByRole('dialog', { name: '再解析' });
  await region.getByText('詳しい設定').click();
  await region.getByLabel('解析の種類').selectOption('ask');
  await region.getByLabel('質問').fill('猫はどこですか');
  expect(await accessibilityProblems(page)).toEqual([]);
  await expectNothingSticksOut();
  await region.getByRole('button', { name: '見積もりを見る' }).click();
  await region.getByRole('button', { name: '開始' }).waitFor();
  expect(await region.textContent()).toMatch(/2件中2件を解析します。費用はおよそ/);
  await expectNothingSticksOut();
  await region.getByRole('button', { name: '開始' }).click();
  await region.getByText('質問するの再解析：完了').waitFor();
  expect(await region.getByRole('status').textContent()).toContain('2件中2件完了');
  expect(small.gemini.requests.filter(({ text }) => text.includes('猫はどこですか'))).toHaveLength(
    2,
  );
  await expectNothingSticksOut();
});

test.each([
  ['the notice', async () => undefined],
  [
    'the selected photos',
    async () => {
      await pressInMenu(page, '選択');
      await page.getByRole('button', { name: 'すべて選択' }).click();
    },
  ],
])(
  'on a Japanese page, photos that are described in English can be had in Japanese: by %s',
  async (_, prepare) => {
    await window.context.close();
    await open({ locale: 'ja-JP' });
    await sendPhotos(2);
    const languages = async () => {
      const { media } = (await (await user().call('/api/media')).json()) as {
        media: { analytics: { language: string } }[];
      };
      return media.map(({ analytics }) => analytics.language);
    };
    expect(await languages()).toEqual(['en', 'en']);
    const notice = page.getByText('英語の説明があります。');
    await notice.waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await prepare();
    await page.getByRole('button', { name: '日本語で再解析…' }).press('Enter');
    const region = page.getByRole('dialog', { name: '再解析' });
    await region.getByText('2件中2件を解析します。').waitFor();
    await region.getByRole('button', { name: '開始' }).press('Enter');
    await region.getByText('説明の再解析：完了').waitFor();
    expect(await languages()).toEqual(['ja', 'ja']);
    // Now there is nothing to put right.
    await region.getByRole('button', { name: '閉じる' }).press('Enter');
    await notice.waitFor({ state: 'detached' });
  },
);

test('who wants what is described in another language as it is, is asked once', async () => {
  await window.context.close();
  await open({ locale: 'ja-JP' });
  await sendPhotos(1);
  const notice = page.getByText('英語の説明があります。');
  await page.getByRole('button', { name: 'このままにする' }).press('Enter');
  await notice.waitFor({ state: 'detached' });
  await page.reload();
  await page.locator('.ma-more-button').waitFor();
  expect(await notice.count()).toBe(0);
});

async function expectNothingSticksOut(): Promise<void> {
  const ofPage = () => document.documentElement.scrollWidth - innerWidth;
  expect(await page.evaluate(ofPage)).toBeLessThanOrEqual(0);
  const ofPanel = await page
    .locator('.ma-again')
    .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
  expect(ofPanel).toBeLessThanOrEqual(0);
}
