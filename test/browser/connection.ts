/**
 * What `connection.test.ts` and `connection.long.test.ts` share: a batch of photos through a proxy that spoils streams, with a model
 * that answers when it is told to.
 */
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import { type RunningGemini, startGemini } from '../support/gemini-server.ts';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';
import { currentPage } from '../support/page.ts';
import { signal } from '../support/signal.ts';
import { client, eventually, type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  notesKept,
  recordProgress,
  untilCards,
} from './page.ts';
import { holdPatience, passTime } from './patience.ts';
import { startProxy, type TestProxy } from './proxy.ts';

export type Connections = Awaited<ReturnType<typeof startConnections>>;

/** The connection of one page. */
export interface Connection {
  page: Page;
  proxy: TestProxy;
  gemini: RunningGemini;
  /** The model says nothing before this is resolved. */
  answers: PromiseWithResolvers<void>;
  stack: Stack;
  /** Removes the media, too. */
  close(): Promise<void>;
}

export async function startConnections() {
  await currentPage();
  let answers = Promise.withResolvers<void>();
  const gemini = await startGemini({ respond: () => ({ until: answers.promise }) });
  const [stack, { browser, close }] = await Promise.all([
    startStack({
      environment: {
        ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
        GEMINI_API_KEY: 'test',
        GEMINI_BASE_URL: gemini.url,
      },
    }),
    startBrowser(),
  ]);
  return {
    async open(): Promise<Connection> {
      answers = Promise.withResolvers();
      const proxy = await startProxy(stack.url);
      const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB' });
      const page = await context.newPage();
      page.setDefaultTimeout(HANG_LIMIT_MS);
      await holdPatience(page);
      return {
        page,
        proxy,
        gemini,
        answers,
        stack,
        async close(): Promise<void> {
          answers.resolve();
          await page.context().close();
          await proxy.close();
          gemini.reset();
          await removeAll(stack);
        },
      };
    },
    async close(): Promise<void> {
      await close();
      await stack.close();
      await gemini.close();
    },
  };
}

async function mediaOf(stack: Stack): Promise<{ id: string; status: string }[]> {
  const answer = await client(stack).call('/api/media?limit=100');
  return ((await answer.json()) as { media: { id: string; status: string }[] }).media;
}

async function removeAll(stack: Stack): Promise<void> {
  const media = await mediaOf(stack);
  const user = client(stack);
  await Promise.all(
    media.map(({ id }) => user.call(`/api/media/${id}?permanently=true`, { method: 'DELETE' })),
  );
}

/** Quickly stored and drawn, and each of other bytes than the next. */
const smallPhotos = (count: number) =>
  Promise.all(
    Array.from({ length: count }, async (_, n) => ({
      name: `${n}.png`,
      mimeType: 'image/png',
      buffer: await sharp({
        create: { width: 64, height: 48, channels: 3, background: { r: 25 * n, g: 90, b: 160 } },
      })
        .png()
        .toBuffer(),
    })),
  );

/** The photos are accepted, the first of them are being analysed, and none is over before the model answers. */
async function startBatch(
  { page, proxy, gemini }: Connection,
  photos: number,
): Promise<() => Promise<number[]>> {
  await page.goto(proxy.url);
  await page.getByText('Drop photos and videos here').waitFor();
  const progress = await recordProgress(page);
  await choose(page, await smallPhotos(photos));
  await eventually(async () => gemini.requests[0]);
  return progress;
}

async function expectAllDone(
  { page, answers }: Connection,
  photos: number,
  progress: () => Promise<number[]>,
): Promise<void> {
  answers.resolve();
  await untilCards(page, 'completed', photos);
  await page.getByText('All done').waitFor();
  const seen = await progress();
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
}

const untilItHas = (happened: () => boolean) =>
  eventually(async () => (happened() ? true : undefined));

/** What becomes of the connection in the middle of a batch of so many photos. */
export const TROUBLES = {
  'the stream is reset once: it is opened again, nobody polls': async (connection, photos) => {
    const { proxy } = connection;
    proxy.modes.push('reset');
    const progress = await startBatch(connection, photos);
    await untilItHas(() => proxy.streams === 2);
    await expectAllDone(connection, photos, progress);
    expect(proxy.streams).toBe(2);
    expect(proxy.polls).toBe(0);
  },

  'the stream is reset again and again: polling takes over': async (connection, photos) => {
    const { proxy, page } = connection;
    proxy.mode = 'reset';
    const progress = await startBatch(connection, photos);
    await page.locator('.ma-batch[data-connection=polling]').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await expectAllDone(connection, photos, progress);
    expect(proxy.polls).toBeGreaterThan(0);
  },

  'streams are refused: polling takes over': async (connection, photos) => {
    const { proxy } = connection;
    proxy.mode = 'refuse';
    const progress = await startBatch(connection, photos);
    await untilItHas(() => proxy.polls > 0);
    await expectAllDone(connection, photos, progress);
  },

  'the stream falls silent: after two missed heartbeats it is opened again': async (
    connection,
    photos,
  ) => {
    const { proxy, page, answers, stack } = connection;
    proxy.modes.push('silence');
    const progress = await startBatch(connection, photos);
    await page.locator('.ma-batch[data-connection=live]').waitFor();
    answers.resolve();
    await eventually(async () => {
      const done = (await mediaOf(stack)).filter(({ status }) => status === 'completed');
      return done.length === photos || undefined;
    });
    expect(await cards(page, 'completed').count()).toBeLessThan(photos);
    await passTime(page, 31_000);
    expect(proxy.streams).toBe(1);
    await passTime(page, 2_000);
    await expectAllDone(connection, photos, progress);
    expect(proxy.streams).toBe(2);
    expect(proxy.polls).toBe(0);
  },

  'a proxy holds events back: polling takes over, and the stream again when it can': async (
    connection,
    photos,
  ) => {
    const { proxy, page } = connection;
    proxy.modes.push('buffer');
    const progress = await startBatch(connection, photos);
    await untilItHas(() => proxy.streams === 1);
    await passTime(page, 3_000);
    await page.locator('.ma-batch[data-connection=polling]').waitFor();
    expect(proxy.polls).toBeGreaterThan(0);
    expect(proxy.streams).toBe(1);
    await passTime(page, 30_000);
    await page.locator('.ma-batch[data-connection=live]').waitFor();
    expect(proxy.streams).toBe(2);
    await expectAllDone(connection, photos, progress);
  },

  'a proxy holds events back to the end: polling alone brings it there': async (
    connection,
    photos,
  ) => {
    const { proxy, page } = connection;
    proxy.mode = 'buffer';
    const progress = await startBatch(connection, photos);
    await untilItHas(() => proxy.streams === 1);
    await passTime(page, 3_000);
    await untilItHas(() => proxy.polls > 1);
    await expectAllDone(connection, photos, progress);
    expect(proxy.streams).toBe(1);
  },

  'the servers die and start again': async (connection, photos) => {
    const { stack } = connection;
    const progress = await startBatch(connection, photos);
    for (const unit of [stack.units.stream, stack.units.api]) signal(unit, 'SIGKILL');
    await expectAllDone(connection, photos, progress);
  },

  'the browser is offline for a while': async (connection, photos) => {
    const { page, answers, gemini } = connection;
    const progress = await startBatch(connection, photos);
    await page.context().setOffline(true);
    answers.resolve();
    await untilItHas(() => gemini.requests.length === photos);
    await page.context().setOffline(false);
    await expectAllDone(connection, photos, progress);
  },

  'the page is loaded again: it shows the same batch with the same count': async (
    connection,
    photos,
  ) => {
    const { page, proxy, answers, gemini } = connection;
    await startBatch(connection, photos);
    await page.getByText(`0 of ${photos} ready`).waitFor();
    await untilItHas(() => gemini.requests.length > 0);
    // As if all but one would only come as one scrolls.
    await page.route('**/api/media?limit=*', async (route) => {
      const { media } = await (await route.fetch()).json();
      await route.fulfill({ json: { media: media.slice(0, 1) } });
    });
    await page.reload();
    await page.getByText(`0 of ${photos} ready`).waitFor();
    answers.resolve();
    await page.getByText(`${photos} of ${photos} ready`).waitFor();
    await page.getByText('All done').waitFor();
    // It is over: the next time there is no batch. For a second after it was accepted, a page finds it by what was kept.
    await eventually(async () => ((await notesKept(page)) === 0 ? true : undefined));
    await page.reload();
    await cards(page, 'completed').first().waitFor();
    expect(await page.getByText('All done').count()).toBe(0);
    expect(proxy.polls).toBe(0);
  },

  'the page is loaded again: it goes on where it was': async (connection, photos) => {
    const { page, answers, gemini } = connection;
    await startBatch(connection, photos);
    await cards(page, 'analyzing').first().waitFor();
    await page.reload();
    await page.getByText(`of ${photos} ready`).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    answers.resolve();
    await untilCards(page, 'completed', photos);
    await page.getByText('All done').waitFor();
    expect(gemini.requests).toHaveLength(photos);
  },
} satisfies Record<string, (connection: Connection, photos: number) => Promise<void>>;
