/**
 * Analyses in a real browser: chosen when sending, asked for later, shown by their schemas. In the shape `small`: the API is on
 * another site, under the deployed policy.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { soon } from '../support/eventually.ts';
import { replies } from '../support/gemini-server.ts';
import { client, file } from '../support/stack.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  photoPaths,
  pressInMenu,
  recordFocus,
  untilCards,
} from './page.ts';
import { type Small, startSmall, type WatchedWindow } from './small.ts';

let small: Small;
let window: WatchedWindow;
let page: Page;

beforeAll(async () => {
  small = await startSmall();
});
afterAll(() => small.close());
beforeEach(() => open());
afterEach(async () => {
  await window.context.close();
  small.gemini.reset();
  const user = client(small.stack);
  const { media } = (await (await user.call('/api/media?limit=100')).json()) as {
    media: { id: string }[];
  };
  for (const { id } of media)
    await user.call(`/api/media/${id}?permanently=true`, { method: 'DELETE' });
  // Refused by the content security policy, or by CORS: none of it.
  expect(window.complaints).toEqual([]);
});

async function open(options?: BrowserContextOptions): Promise<void> {
  window = await small.open(options);
  page = window.page;
}

async function reopen(options: BrowserContextOptions): Promise<void> {
  await window.context.close();
  await open(options);
}

const RECEIPT = {
  merchant: 'Corner Shop',
  date: '2026-11-02',
  currency: 'EUR',
  items: [
    { name: 'Bread', quantity: 2, amount_cents: 350 },
    { name: 'Discount', quantity: null, amount_cents: -50 },
  ],
  total_cents: 1234,
};

const receipt = (changes: object = {}) => replies.text(JSON.stringify({ ...RECEIPT, ...changes }));

/** Sends a photo, which is described, and opens its full view. */
async function openPhoto() {
  await client(small.stack).analyze([await file('02-cat.png')]);
  await page.goto(small.stack.url);
  await untilCards(page, 'completed', 1);
  await cards(page)
    .getByRole('button', { name: /^(Open|harbour)/ })
    .press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  return dialog;
}

test('chosen when sending: it is made of each file, shown by its schema, and the choice is remembered', async () => {
  await page.goto(small.stack.url);
  await pressInMenu(page, 'Options for new photos…');
  const box = page.getByRole('checkbox', { name: 'Receipt' });
  await box.check();
  // One at least is made.
  await page.getByRole('checkbox', { name: 'Description' }).uncheck();
  expect(await box.isDisabled()).toBe(true);
  await page.getByRole('checkbox', { name: 'Description' }).check();
  const look = page.getByRole('checkbox', { name: 'Look before sending' });
  await look.check();
  // This one asks for a question, so it is not there before there is a photo.
  expect(await page.getByRole('checkbox', { name: 'Ask' }).count()).toBe(0);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.reload();
  await pressInMenu(page, 'Options for new photos…');
  await box.waitFor();
  expect(await box.isChecked()).toBe(true);
  expect(await look.isChecked()).toBe(true);
  await page.keyboard.press('Escape');

  small.gemini.enqueue(replies.good(), receipt());
  const posted: string[] = [];
  page.on('request', (each) => each.method() === 'POST' && posted.push(each.url()));
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'paused', 1);
  expect(posted).toEqual([]);
  await page.getByRole('button', { name: 'Upload', exact: true }).press('Enter');
  await untilCards(page, 'completed', 1);
  await cards(page).getByRole('button', { name: /^Open/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('heading', { name: 'Receipt' }).waitFor();
  expect(await dialog.getByRole('row').allTextContents()).toEqual([
    'ItemQuantityAmount',
    'Bread2€3.50',
    'Discount—-€0.50',
  ]);
  expect(await dialog.textContent()).toMatch(/ShopCorner Shop.*Total€12\.34/);
  expect(await accessibilityProblems(page)).toEqual([]);
});

test('only a receipt: its first words are on the card; a description comes later', async () => {
  await page.goto(small.stack.url);
  await pressInMenu(page, 'Options for new photos…');
  await page.getByRole('checkbox', { name: 'Receipt' }).check();
  await page.getByRole('checkbox', { name: 'Description' }).uncheck();
  await page.keyboard.press('Escape');
  small.gemini.enqueue(receipt());
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'completed', 1);
  const summary = cards(page).locator('.ma-card-title');
  expect(await summary.textContent()).toBe('Corner Shop · 2 Nov 2026 · €12.34');
  await cards(page)
    .getByRole('button', { name: /^Open Corner Shop.*02-cat/ })
    .click();
  await page.getByRole('dialog').getByRole('button', { name: 'Analyse', exact: true }).click();
  await page.getByRole('dialog').getByRole('heading', { name: 'harbour' }).waitFor();
});

test('a question, by keyboard alone: the full view shows how far it is, and then the answer', async () => {
  const dialog = await openPhoto();
  const answered = Promise.withResolvers<void>();
  const answer = JSON.stringify({ reason: 'It lies there.', answer: 'On the sofa' });
  small.gemini.enqueue({ ...replies.text(answer), until: answered.promise });
  await dialog.getByRole('button', { name: 'Ask…' }).press('Enter');
  const field = dialog.getByRole('textbox', { name: 'Your question' });
  expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
  expect(await accessibilityProblems(page)).toEqual([]);
  // Nothing is sent without a question.
  await page.keyboard.press('Enter');
  await page.keyboard.type('Where is the at?');
  for (let n = 0; n < 3; n++) await page.keyboard.press('ArrowLeft');
  await page.keyboard.type('c');
  await page.keyboard.press('Enter');
  await dialog.getByRole('progressbar').waitFor();
  await dialog.getByText('Where is the cat?').waitFor();
  // What was there stays, and nothing else can be asked.
  expect(await dialog.locator('.ma-summary').textContent()).toBe('harbour');
  const again = dialog.getByRole('button', { name: 'Analyse again' });
  expect(await again.getAttribute('aria-disabled')).toBe('true');
  expect(await accessibilityProblems(page)).toEqual([]);
  answered.resolve();
  await dialog.getByText('On the sofa').waitFor();
  const focused = await page.evaluate(() => document.activeElement?.textContent);
  expect(focused).toBe('Ask…');
  expect(small.gemini.requests.map(({ text }) => text).join()).toContain('Where is the cat?');
});

test('one that fails says why, the photo keeps what it has; it is tried again', async () => {
  const dialog = await openPhoto();
  small.gemini.enqueue(replies.invalidArgument());
  await dialog.getByRole('button', { name: 'Receipt' }).click();
  const section = dialog.locator('[data-analysis=receipt]');
  await section.getByText('Failed').waitFor();
  expect(await section.locator('.ma-card-error').textContent()).not.toBe('');
  expect(await dialog.locator('.ma-summary').textContent()).toBe('harbour');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('Escape');
  expect(await cards(page, 'completed').count()).toBe(1);
  await cards(page).getByRole('button', { name: /^Open/ }).click();
  small.gemini.enqueue(receipt());
  const focus = await recordFocus(page);
  await section.getByRole('button', { name: 'Retry' }).press('Enter');
  await soon(async () => expect(await focus()).toEqual([{ preventScroll: true }]));
  await section.getByText('€12.34').waitFor();
  // The button is gone. The keyboard stays where it was.
  const focused = await page.evaluate(() => document.activeElement?.ariaLabel);
  expect(focused).toBe('Analyses');
});

test('a photo that is no receipt says so in a sentence, and has no empty fields', async () => {
  const dialog = await openPhoto();
  const section = dialog.locator('[data-analysis=receipt]');
  small.gemini.enqueue(
    receipt({ merchant: null, date: null, currency: null, items: [], total_cents: null }),
  );
  await dialog.getByRole('button', { name: 'Receipt' }).click();
  await section.getByText('No receipt was found in this photo.').waitFor();
  expect(await section.textContent()).toBe('ReceiptNo receipt was found in this photo.');
  expect(await accessibilityProblems(page)).toEqual([]);
  small.gemini.enqueue(receipt({ date: null, items: [] }));
  await dialog.getByRole('button', { name: 'Receipt again' }).click();
  await section.getByText('€12.34').waitFor();
  expect(await section.locator('dt').allTextContents()).toEqual(['Shop', 'Currency', 'Total']);
});

test('made again: the last answer stays until there is a new one', async () => {
  const dialog = await openPhoto();
  const section = dialog.locator('[data-analysis=receipt]');
  small.gemini.enqueue(receipt());
  await dialog.getByRole('button', { name: 'Receipt' }).click();
  await section.getByText('€12.34').waitFor();
  const answered = Promise.withResolvers<void>();
  small.gemini.enqueue({ ...receipt({ total_cents: 99 }), until: answered.promise });
  await dialog.getByRole('button', { name: 'Receipt again' }).click();
  await dialog.getByRole('progressbar').waitFor();
  expect(await section.textContent()).toContain('€12.34');
  answered.resolve();
  await section.getByText('€0.99').waitFor();
  expect(await section.textContent()).not.toContain('€12.34');
});

test('on a phone and in Japanese: words, labels and yen, and nothing sticks out sideways', async () => {
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  await reopen({ ...phone, locale: 'ja-JP' });
  await page.goto(small.stack.url);
  await pressInMenu(page, '新しい写真の設定…');
  await page.getByRole('checkbox', { name: 'レシート' }).check();
  await expectNothingSticksOut('.ma-options');
  await page.keyboard.press('Escape');
  small.gemini.enqueue(replies.good(), receipt({ currency: 'JPY', total_cents: 980 }));
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'completed', 1);
  await cards(page)
    .getByRole('button', { name: /を開く$/ })
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('heading', { name: 'レシート' }).waitFor();
  expect(await dialog.textContent()).toMatch(/店名Corner Shop.*合計￥980/);
  await dialog.getByRole('button', { name: '質問する…' }).click();
  await dialog.getByRole('textbox', { name: '質問' }).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await expectNothingSticksOut('.ma-details-facts');
});

async function expectNothingSticksOut(selector: string): Promise<void> {
  const overflow = await page
    .locator(selector)
    .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  const ofPage = () => document.documentElement.scrollWidth - innerWidth;
  expect(await page.evaluate(ofPage)).toBeLessThanOrEqual(0);
}
