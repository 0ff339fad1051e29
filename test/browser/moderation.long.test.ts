/** What a person sees of a photo that moderation holds back, from its choice until an operator has approved it. */

import type { Firestore } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { ModerationStore } from '../../functions/features/moderation/store.ts';
import { replies } from '../support/gemini-server.ts';
import { client, databaseOf, file, form } from '../support/stack.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  photoPaths,
  untilCards,
  untilDrawn,
} from './page.ts';
import { type Small, startSmall, type WatchedWindow } from './small.ts';

let small: Small;
let db: Firestore;
let window: WatchedWindow;
let page: Page;

beforeAll(async () => {
  small = await startSmall({ MODERATION: 'hold' });
  db = databaseOf(small.stack);
});
afterAll(async () => {
  await db.terminate();
  await small.close();
});
afterEach(async () => {
  await window.context.close();
  small.gemini.reset();
  for (const { id } of await list()) {
    await client(small.stack).call(`/api/media/${id}?permanently=true`, { method: 'DELETE' });
  }
  // A picture that is held back is not asked for, so no refusal is in the console.
  expect(window.complaints).toEqual([]);
});

async function open(options?: BrowserContextOptions): Promise<void> {
  window = await small.open(options);
  page = window.page;
  await page.goto(small.stack.url);
}

async function list(): Promise<{ id: string }[]> {
  const response = await client(small.stack).call('/api/media?limit=100');
  return ((await response.json()) as { media: { id: string }[] }).media;
}

const decide = async (kind: 'approved' | 'rejected') =>
  new ModerationStore(db).decide((await list())[0]?.id ?? '', kind, 'kim');

const verdict = (which: string) =>
  replies.answer({ safety: { verdict: which, categories: which === 'safe' ? [] : ['violence'] } });

/** Where a screenshot is looked at, `MODERATION_SHOTS` names a folder. */
async function shoot(name: string): Promise<void> {
  const { MODERATION_SHOTS: folder } = process.env;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
}

const ofServer = () => window.sent.filter((each) => /\/(preview|content)$/.test(each));

test('from the own picture, over the cover and plain words, to the picture after an approval', async () => {
  await open();
  const answered = Promise.withResolvers<void>();
  small.gemini.enqueue({ ...verdict('unsafe'), until: answered.promise });
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'analyzing', 1);
  await cards(page).getByText('Not shown before it is checked.').waitFor();
  // It is the person's own file, made small in the browser.
  await untilDrawn(page, '.ma-card img[src^="blob:"]');
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('unchecked');
  answered.resolve();
  await untilCards(page, 'completed', 1);
  const words = 'Not shown: it may be unsafe. A person will look at it.';
  await cards(page).getByText(words).waitFor();
  expect(await cards(page).locator('img').count()).toBe(0);
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('unsafe');
  await cards(page).getByRole('button', { name: /^Open/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(words).waitFor();
  expect(await dialog.locator('img, video').count()).toBe(0);
  expect(await dialog.getByRole('link', { name: 'Open the original' }).count()).toBe(0);
  // The words say why.
  expect(await dialog.textContent()).toContain('violence');
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('unsafe-dialog');
  expect(ofServer()).toEqual([]);
  await decide('approved');
  await page.reload();
  await untilDrawn(page, '.ma-card img');
  expect(await cards(page).getByText(words).count()).toBe(0);
});

test('a photo that is shown is covered while the page is open, as soon as an analysis calls it unsafe', async () => {
  await open();
  small.gemini.enqueue(verdict('safe'));
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'completed', 1);
  await untilDrawn(page, '.ma-card img');
  await cards(page).getByRole('button', { name: /^Open/ }).click();
  const dialog = page.getByRole('dialog');
  await untilDrawn(page, '.ma-picture img');
  small.gemini.enqueue(verdict('unsafe'));
  await dialog.getByRole('button', { name: 'Analyse again' }).click();
  await dialog.getByText('Not shown: it may be unsafe.').waitFor();
  expect(await page.locator('.ma-card img, .ma-picture img').count()).toBe(0);
});

test('a photo that is only stored says that nothing checks it by itself', async () => {
  await open();
  const body = form([await file('02-cat.png')]);
  await client(small.stack).call('/api/media', { method: 'POST', body });
  await page.reload();
  await untilCards(page, 'completed', 1);
  const words = 'It stays so until an analysis checks it or a person in charge approves it.';
  await cards(page).getByText(words).waitFor();
  await cards(page).getByRole('button', { name: /^Open/ }).click();
  await page.getByRole('dialog').getByText(words).waitFor();
});

test('on a phone, in Japanese and dark: why it is not shown, also if rejected', async () => {
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  await open({ ...phone, locale: 'ja-JP', colorScheme: 'dark' });
  small.gemini.enqueue(verdict('unsafe'));
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'completed', 1);
  await cards(page).getByText('不適切な可能性があるため、表示していません。').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await shoot('unsafe-ja');
  await decide('rejected');
  await page.reload();
  const words = '担当者が確認した結果、表示できません。';
  await cards(page).getByText(words).waitFor();
  await cards(page)
    .getByRole('button', { name: /を開く$/ })
    .click();
  await page.getByRole('dialog').getByText(words).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  const overflow = () => document.documentElement.scrollWidth - innerWidth;
  expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
  await shoot('rejected-ja');
});
