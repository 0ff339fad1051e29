/** Whatever becomes of the connection, in the middle of a batch: the page ends right by itself. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { EXAMPLE_GEMINI } from '../../functions/process/model-name.ts';
import { buildPage } from '../../web/build-page.ts';
import { type RunningGemini, replies, startGemini } from '../support/gemini-server.ts';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';
import { client, eventually, type Stack, startStack } from '../support/stack.ts';
import { startBrowser, type TestBrowser } from './browser.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  photoPaths,
  recordProgress,
  untilCards,
  untilDrawn,
} from './page.ts';
import { holdPatience, passTime } from './patience.ts';
import { startProxy, type TestProxy } from './proxy.ts';

let gemini: RunningGemini;
let stack: Stack;
let chromium: TestBrowser;
let proxy: TestProxy;
let page: Page;
/** The model says nothing before this is resolved. */
let answers: PromiseWithResolvers<void>;

beforeAll(async () => {
  await buildPage();
  gemini = await startGemini({ respond: () => ({ until: answers.promise }) });
  [stack, chromium] = await Promise.all([
    startStack({
      environment: {
        ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
        GEMINI_API_KEY: 'test',
        GEMINI_BASE_URL: gemini.url,
      },
    }),
    startBrowser(),
  ]);
});
afterAll(async () => {
  await chromium.close();
  await stack.close();
  await gemini.close();
});
beforeEach(async () => {
  answers = Promise.withResolvers();
  proxy = await startProxy(stack.url);
  page = await chromium.browser.newPage({ reducedMotion: 'reduce' });
  page.setDefaultTimeout(HANG_LIMIT_MS);
  await holdPatience(page);
});
afterEach(async () => {
  answers.resolve();
  await page.context().close();
  await proxy.close();
  gemini.reset();
  const user = client(stack);
  const { media } = (await (await user.call('/api/media?limit=100')).json()) as {
    media: { id: string }[];
  };
  await Promise.all(media.map(({ id }) => user.call(`/api/media/${id}`, { method: 'DELETE' })));
});

/** Quickly stored and drawn, and each of other bytes than the next. */
const tenSmallPhotos = () =>
  Promise.all(
    Array.from({ length: 10 }, async (_, n) => ({
      name: `${n}.png`,
      mimeType: 'image/png',
      buffer: await sharp({
        create: { width: 64, height: 48, channels: 3, background: { r: 25 * n, g: 90, b: 160 } },
      })
        .png()
        .toBuffer(),
    })),
  );

/** Ten photos are accepted, the first of them are being analysed, and none is over before the model answers. */
async function startBatch(): Promise<() => Promise<number[]>> {
  await page.goto(proxy.url);
  await page.getByText('Nothing here yet').waitFor();
  const progress = await recordProgress(page);
  await choose(page, await tenSmallPhotos());
  await eventually(async () => gemini.requests[0]);
  return progress;
}

async function expectAllDone(progress: () => Promise<number[]>): Promise<void> {
  answers.resolve();
  await untilCards(page, 'completed', 10);
  await page.getByText('All done').waitFor();
  const seen = await progress();
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
}

const untilItHas = (happened: () => boolean) =>
  eventually(async () => (happened() ? true : undefined));

describe('in the middle of ten photos', () => {
  test('the stream is reset once: it is opened again, nobody polls', async () => {
    proxy.modes.push('reset');
    const progress = await startBatch();
    await untilItHas(() => proxy.streams === 2);
    await expectAllDone(progress);
    expect(proxy.streams).toBe(2);
    expect(proxy.polls).toBe(0);
  });

  test('the stream is reset again and again: polling takes over', async () => {
    proxy.mode = 'reset';
    const progress = await startBatch();
    await page.getByText('Checking regularly').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await expectAllDone(progress);
    expect(proxy.polls).toBeGreaterThan(0);
  });

  test('streams are refused: polling takes over', async () => {
    proxy.mode = 'refuse';
    const progress = await startBatch();
    await untilItHas(() => proxy.polls > 0);
    await expectAllDone(progress);
  });

  test('the stream falls silent: after two missed heartbeats it is opened again', async () => {
    proxy.modes.push('silence');
    const progress = await startBatch();
    await page.getByText('Live').waitFor();
    answers.resolve();
    const user = client(stack);
    await eventually(async () => {
      const { media } = (await (await user.call('/api/media')).json()) as {
        media: { status: string }[];
      };
      const done = media.filter(({ status }) => status === 'completed');
      return done.length === 10 || undefined;
    });
    expect(await cards(page, 'completed').count()).toBeLessThan(10);
    await passTime(page, 31_000);
    expect(proxy.streams).toBe(1);
    await passTime(page, 2_000);
    await expectAllDone(progress);
    expect(proxy.streams).toBe(2);
    expect(proxy.polls).toBe(0);
  });

  test('a proxy holds events back: polling takes over, and the stream again when it can', async () => {
    proxy.modes.push('buffer');
    const progress = await startBatch();
    await untilItHas(() => proxy.streams === 1);
    await passTime(page, 3_000);
    await page.getByText('Checking regularly').waitFor();
    expect(proxy.polls).toBeGreaterThan(0);
    expect(proxy.streams).toBe(1);
    await passTime(page, 20_000);
    await page.getByText('Live').waitFor();
    expect(proxy.streams).toBe(2);
    await expectAllDone(progress);
  });

  test('a proxy holds events back to the end: polling alone brings it there', async () => {
    proxy.mode = 'buffer';
    const progress = await startBatch();
    await untilItHas(() => proxy.streams === 1);
    await passTime(page, 3_000);
    await untilItHas(() => proxy.polls > 1);
    await expectAllDone(progress);
    expect(proxy.streams).toBe(1);
  });

  test('the servers die and start again', async () => {
    const progress = await startBatch();
    for (const unit of [stack.units.stream, stack.units.api])
      process.kill(unit.pid ?? 0, 'SIGKILL');
    await expectAllDone(progress);
  });

  test('the browser is offline for a while', async () => {
    const progress = await startBatch();
    await page.context().setOffline(true);
    answers.resolve();
    await untilItHas(() => gemini.requests.length === 10);
    await page.context().setOffline(false);
    await expectAllDone(progress);
  });

  test('the page is loaded again: it goes on where it was', async () => {
    await startBatch();
    await cards(page, 'analyzing').first().waitFor();
    await page.reload();
    await page.getByText(/of 10 ready/).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    answers.resolve();
    await untilCards(page, 'completed', 10);
    await page.getByText('All done').waitFor();
    expect(gemini.requests).toHaveLength(10);
  });
});

test('a failed item says why, and one press brings it to its result', async () => {
  answers.resolve();
  gemini.enqueue(replies.invalidArgument());
  await page.goto(proxy.url);
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'failed', 1);
  await page.getByText('0 of 1 ready, 1 failed').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Try again' }).click();
  await untilCards(page, 'completed', 1);
  await page.getByText('All done').waitFor();
  expect(gemini.requests).toHaveLength(2);
});

test('an item that waits for a quota counts down to when it goes on', async () => {
  gemini.enqueue(replies.quotaPerDay());
  await page.goto(proxy.url);
  await choose(page, photoPaths(['02-cat.png']));
  await page.getByText(/quota of the analysis service is used up.* Next try in \d+:\d\d/).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  // This process asks the model nothing more until then.
  process.kill(stack.units.worker.pid ?? 0, 'SIGKILL');
});

test('full view draws a box over an object whose place the model told', async () => {
  answers.resolve();
  await page.goto(proxy.url);
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'completed', 1);
  await cards(page).getByRole('button', { name: /^Open/ }).click();
  const drawn = page.locator('.ma-box');
  await drawn.waitFor();
  expect(await drawn.textContent()).toBe('harbour');
  await untilDrawn(page, '.ma-picture img');
  const picture = await page.locator('.ma-picture img').boundingBox();
  const box = await drawn.boundingBox();
  if (!picture || !box) throw new Error('not shown');
  // The model said, in thousandths: top 200, left 100, bottom 600, right 400.
  expect(box.x - picture.x).toBeCloseTo(0.1 * picture.width, 0);
  expect(box.y - picture.y).toBeCloseTo(0.2 * picture.height, 0);
  expect(box.width).toBeCloseTo(0.3 * picture.width, 0);
  expect(box.height).toBeCloseTo(0.4 * picture.height, 0);
  expect(await accessibilityProblems(page)).toEqual([]);
});
