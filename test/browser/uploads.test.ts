/** Sending goes on, stops and comes back as its user wants it: nothing is sent twice, nothing is lost. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import type { Page } from 'playwright-core';
import { client, eventually, type Stack, TEN_PHOTOS } from '../support/stack.ts';
import { accessibilityProblems, choose, photoPaths, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import { startProxy, type TestProxy } from './proxy.ts';
import type { TestWindow } from './window.ts';

let photos: Photos;
let stack: Stack;
let window: TestWindow;
let page: Page;
let proxy: TestProxy;

beforeAll(async () => {
  photos = await startPhotos();
  stack = photos.stack;
});
afterAll(() => photos.close());
beforeEach(async () => {
  window = await photos.open();
  page = window.page;
  proxy = await startProxy(stack.url);
});
afterEach(async () => {
  await window.context.close();
  await proxy.close();
  await photos.removeAll();
});

async function stored(): Promise<Media[]> {
  const answer = await client(stack).call('/api/media?limit=100');
  return ((await answer.json()) as { media: Media[] }).media;
}

const untilStored = (count: number) =>
  eventually(async () => ((await stored()).length === count ? true : undefined));

test('what was stopped after it had arrived is not kept, and sent again it is there once', async () => {
  proxy.losesAnswers = true;
  await page.goto(proxy.url);
  await choose(page, photoPaths(TEN_PHOTOS.slice(0, 5)));
  await untilStored(5);
  await page.getByRole('button', { name: 'Stop sending' }).click();
  await untilCards(page, 'stopped', 5);
  expect(await page.getByText(/failed/i).count()).toBe(0);
  await untilStored(0);
  expect(await accessibilityProblems(page)).toEqual([]);

  proxy.losesAnswers = false;
  for (let left = 5; left > 0; left--) {
    await page.getByRole('button', { name: 'Send again' }).first().click();
  }
  await untilCards(page, 'completed', 5);
  await page.getByText('5 of 5 ready').waitFor();
  expect(await stored()).toHaveLength(5);
  await page.reload();
  await untilCards(page, 'completed', 5);
});
