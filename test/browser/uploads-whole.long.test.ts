/** Sending goes on, stops and comes back as its user wants it: nothing is sent twice, nothing is lost. */
import { mkdtempSync, rmSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import type { Page } from 'playwright-core';
import { largeVideoPieces } from '../support/large-video.ts';
import { client, eventually, photo, type Stack } from '../support/stack.ts';
import { accessibilityProblems, cards, choose, noisyPhotos, slowDown, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import { startProxy, type TestProxy } from './proxy.ts';
import type { TestWindow } from './window.ts';

/** A hundredth of what it is where the product is deployed: a slow line needs no more to be too slow. */
const BODY_TOTAL_S = 4;

let photos: Photos;
let stack: Stack;
let window: TestWindow;
let page: Page;
let proxy: TestProxy;

beforeAll(async () => {
  photos = await startPhotos({ BODY_TOTAL_S: String(BODY_TOTAL_S) });
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

const folder = mkdtempSync(join(tmpdir(), 'uploads-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A video on the disk: Playwright hands no large one to the page. */
async function videoFile(size: number, name = 'holiday.mov'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, largeVideoPieces(size));
  return path;
}

async function stored(): Promise<Media[]> {
  const answer = await client(stack).call('/api/media?limit=100');
  return ((await answer.json()) as { media: Media[] }).media;
}

const untilStored = (count: number) =>
  eventually(async () => ((await stored()).length === count ? true : undefined));

test('what was stopped after it had arrived is not kept, and sent again it is there once', async () => {
  proxy.losesAnswers = true;
  await page.goto(proxy.url);
  // So small that one request has them all.
  await choose(page, await noisyPhotos(5, { width: 90, height: 60 }));
  await untilStored(5);
  await page.getByRole('button', { name: 'Cancel the rest' }).click();
  await untilCards(page, 'stopped', 5);
  // The search offers "Failed" as a filter.
  const told = page.locator(':not(option)').and(page.getByText(/failed/i));
  expect(await told.count()).toBe(0);
  await untilStored(0);
  expect(await accessibilityProblems(page)).toEqual([]);

  proxy.losesAnswers = false;
  for (let left = 5; left > 0; left--) {
    await cards(page).getByRole('button', { name: 'Retry' }).first().click();
  }
  await untilCards(page, 'completed', 5);
  await page.getByText('5 of 5 ready').waitFor();
  expect(await stored()).toHaveLength(5);
  await page.reload();
  await untilCards(page, 'completed', 5);
});

test('what was stopped, or can never be taken, is taken off the list at once', async () => {
  await page.goto(proxy.url);
  const text = { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('x') };
  proxy.losesAnswers = true;
  await choose(page, [...(await noisyPhotos(5, { width: 90, height: 60 })), text]);
  await untilStored(5);
  await page.getByRole('button', { name: 'Cancel the rest' }).click();
  await untilCards(page, 'stopped', 5);
  await page.locator('.ma-not-taken button').first().click();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Remove 6', exact: true }).click();
  await untilCards(page, 'stopped', 0);
  await untilCards(page, 'failed', 0);
  expect(await page.locator('.ma-not-taken').count()).toBe(0);
  await untilStored(0);
  await page.reload();
  await page.getByText('Drop photos and videos here').waitFor();
});

describe('over a line on which a request would take too long', () => {
  beforeEach(async () => {
    await page.goto(stack.url);
    await page.getByText('Drop photos and videos here').waitFor();
    await slowDown(page, 500_000);
  });

  test('a video arrives', async () => {
    await page.locator('input[type=file]').setInputFiles(await videoFile(6 * 2 ** 20));
    await untilCards(page, 'completed', 1);
  });

  test('photos arrive, each once', async () => {
    await choose(page, await noisyPhotos(8));
    await untilCards(page, 'completed', 8);
    expect(await stored()).toHaveLength(8);
  });
});

describe('a folder', () => {
  const trip = join(folder, 'trip');
  beforeAll(async () => {
    await mkdir(join(trip, 'day 2'), { recursive: true });
    await copyFile(photo('02-cat.png'), join(trip, '02-cat.png'));
    await copyFile(photo('03-coffee.webp'), join(trip, 'day 2', '03-coffee.webp'));
    await writeFile(join(trip, 'notes.txt'), 'words');
  });
  beforeEach(() => page.goto(stack.url));
  afterEach(async () => {
    await untilCards(page, 'completed', 2);
    expect(await page.locator('.ma-card').count()).toBe(2);
  });

  test('that is dropped stands for its photos', async () => {
    await page.locator('.ma-upload').waitFor();
    const session = await page.context().newCDPSession(page);
    const data = { items: [], files: [trip], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: 200, y: 200, data });
    }
  });

  test('that is chosen does too', async () => {
    const asked = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose a folder' }).click();
    await (await asked).setFiles(trip);
  });
});

const names = () =>
  cards(page)
    .locator('h3')
    .evaluateAll((all) => all.map((each) => each.getAttribute('title')));

/** The positions of the cards that are completed, in the order in which they became so. */
async function recordOrder(): Promise<() => Promise<number[]>> {
  await page.evaluate(() => {
    const order: number[] = [];
    Object.assign(globalThis, { order });
    const look = () => {
      for (const [position, card] of document.querySelectorAll('.ma-card').entries()) {
        const isNew = card.getAttribute('data-stage') === 'completed' && !order.includes(position);
        if (isNew) order.push(position);
      }
    };
    const changes = { subtree: true, childList: true, attributeFilter: ['data-stage'] };
    new MutationObserver(look).observe(document.body, changes);
  });
  return () => page.evaluate(() => (globalThis as unknown as { order: number[] }).order);
}

describe('what happens is where one looks:', () => {
  test('files are worked on in the order in which they were chosen and are shown', async () => {
    await page.goto(stack.url);
    const order = await recordOrder();
    const chosen = await noisyPhotos(24, { width: 90, height: 60 });
    await choose(page, chosen);
    await untilCards(page, 'completed', chosen.length);
    expect(await names()).toEqual(chosen.map(({ name }) => name));
    // Ten are worked on side by side.
    const early = (await order()).filter((position, n) => position > n + 10);
    expect(early).toEqual([]);
  });

  test('a first result shows while the rest is sent', async () => {
    await page.goto(stack.url);
    await slowDown(page, 100_000);
    const chosen = await noisyPhotos(12, { width: 450, height: 300 });
    await choose(page, chosen);
    await page.locator('.ma-card:first-child[data-stage="completed"]').waitFor();
    expect(await cards(page, 'sending').count()).toBeGreaterThan(0);
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    const bar = await page.locator('.ma-batch').boundingBox();
    expect(bar?.y).toBeGreaterThanOrEqual(0);
    await page.getByRole('button', { name: 'Add photos' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await slowDown(page, -1);
    await untilCards(page, 'completed', 12);
    expect(await names()).toEqual(chosen.map(({ name }) => name));
  });
});
