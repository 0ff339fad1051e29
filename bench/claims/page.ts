/**
 * The page in Chromium while 200 photos become results and a person uses it, and while a library of 5,000 scrolls. The
 * baseline is a list of the same length that is nothing but HTML and a picture.
 *
 * A user's computer runs no server. Here one machine runs both, so the service has one core only and leaves the others to the
 * browser. The photos are files, as they are for a user: bytes that come by the debugging protocol are decoded by the page.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Firestore, Timestamp } from '@google-cloud/firestore';
import type { Page } from 'playwright-core';
import { startBrowser } from '../../test/browser/browser.ts';
import { choose, noisyPhotos } from '../../test/browser/page.ts';
import { HANG_LIMIT_MS } from '../../test/support/hang-limit.ts';
import { ordinary, shelve } from '../../test/support/library.ts';
import { client, eventually, file, type Stack, startStack } from '../../test/support/stack.ts';
import { buildPage } from '../../web/build-page.ts';
import { type Claim, row } from '../lib/claim.ts';
import { pin } from '../lib/machine.ts';

const LONGEST_TASK_MS = 100;
const WORST_INTERACTION_MS = 200;
/** What a browser calls no long task. Shorter ones are not told. */
const TOLD_FROM_MS = 50;

interface Smoothness {
  /** The longest time in which the page could react to nothing, in milliseconds. */
  longestTask: number;
  /** From an input to the frame that shows what came of it, the worst one, in milliseconds: https://web.dev/articles/inp */
  worstInteraction: number;
}

export const claim: Claim = {
  name: 'page',
  title: 'The page stays smooth: 200 results come in, and a library of 5,000 scrolls',
  whole: true,
  async run({ quick, repeats, say }) {
    const [results, library] = quick ? [20, 200] : [200, 5_000];
    await buildPage();
    const { browser, close } = await startBrowser();
    pin(process.pid, 'server');
    const stack = await startStack({ environment: { MAX_FILES_PER_DAY: '100000' } });
    const measured: Record<'arriving' | 'scrolling' | 'bare', Smoothness[]> = {
      ...{ arriving: [], scrolling: [], bare: [] },
    };
    const inWindow = async (work: (page: Page) => Promise<Smoothness>) => {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      page.setDefaultTimeout(HANG_LIMIT_MS);
      const outcome = await work(page).finally(() => page.close());
      say(`${outcome.longestTask.toFixed(0)} ms, ${outcome.worstInteraction.toFixed(0)} ms`);
      return outcome;
    };
    try {
      for (let repeat = 0; repeat < repeats; repeat++) {
        measured.arriving.push(await inWindow((page) => arrive(page, stack, results)));
        await removeAll(stack);
      }
      await fill(stack, library);
      for (let repeat = 0; repeat < repeats; repeat++) {
        measured.scrolling.push(await inWindow((page) => scroll(page, stack)));
        measured.bare.push(await inWindow((page) => scrollBare(page, library)));
      }
    } finally {
      await close();
      await stack.close();
    }
    const { arriving, scrolling, bare } = measured;
    const tasks = (all: Smoothness[]) => all.map(({ longestTask }) => longestTask);
    const targets = [{ of: 'value', atMost: LONGEST_TASK_MS } as const];
    return {
      setup: `Chromium 1280 × 800, the service on one of its cores; tasks below ${TOLD_FROM_MS} ms count as ${TOLD_FROM_MS}`,
      rows: [
        row({
          ...{ what: `longest task while ${results} results come in`, unit: 'ms', targets },
          ours: tasks(arriving),
        }),
        row({
          ...{ what: `worst interaction meanwhile`, unit: 'ms' },
          ours: arriving.map(({ worstInteraction }) => worstInteraction),
          targets: [{ of: 'value', atMost: WORST_INTERACTION_MS }],
        }),
        row({
          ...{ what: `longest task while ${library} scroll by`, unit: 'ms', targets },
          ours: tasks(scrolling),
          baselines: [{ name: 'bare list', values: tasks(bare) }],
        }),
      ],
    };
  },
};

/** Begins to measure, before anything of the page runs. */
async function watchOver(page: Page): Promise<() => Promise<Smoothness>> {
  await page.addInitScript((least) => {
    const worst = { longestTask: least, worstInteraction: 0 };
    Object.assign(globalThis, { smoothness: worst });
    const observe = (type: 'longtask' | 'event', name: keyof typeof worst, options = {}) =>
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          // A list that scrolls below the pointer makes events too, which are no interactions.
          if ('interactionId' in entry && entry.interactionId === 0) continue;
          worst[name] = Math.max(worst[name], entry.duration);
        }
      }).observe({ type, ...options });
    observe('longtask', 'longestTask');
    observe('event', 'worstInteraction', { durationThreshold: 16 });
  }, TOLD_FROM_MS);
  return () =>
    page.evaluate(() => (globalThis as unknown as { smoothness: Smoothness }).smoothness);
}

/** Starting a page is one long task, which others measure. */
const forget = (page: Page) =>
  page.evaluate((least) => {
    const { smoothness } = globalThis as unknown as { smoothness: Smoothness };
    Object.assign(smoothness, { longestTask: least, worstInteraction: 0 });
  }, TOLD_FROM_MS);

/** Chooses photos, and opens, turns and closes the full view until all are done. */
async function arrive(page: Page, { url }: Stack, count: number): Promise<Smoothness> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-page-'));
  const photos = await noisyPhotos(count, { width: 120, height: 90 });
  const paths = photos.map(({ name }) => join(folder, name));
  for (const [n, { buffer }] of photos.entries()) await writeFile(paths[n] ?? '', buffer);
  const read = await watchOver(page);
  await page.goto(url);
  await page.getByText('Nothing here yet').waitFor();
  await forget(page);
  await choose(page, paths);
  const ended = page.locator('.ma-batch:not([data-outcome="open"])');
  const done = ended.waitFor().then(() => true);
  const pause = () => new Promise<false>((resolve) => setTimeout(resolve, 500, false));
  const first = page.locator('.ma-card[data-stage="completed"] .ma-card-picture').first();
  while (!(await Promise.race([done, pause()]))) {
    await first.click();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Escape');
    await page.mouse.wheel(0, 600);
    await page.mouse.wheel(0, -600);
  }
  if ((await ended.getAttribute('data-outcome')) !== 'good') {
    throw new Error(`Not all photos became results: ${await ended.textContent()}`);
  }
  await rm(folder, { recursive: true });
  return read();
}

/** A page down every tenth of a second, until the end is on the screen and no more is to come. */
const scrollDown = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const timer = setInterval(() => {
          scrollBy(0, innerHeight);
          const isEnd = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
          if (!isEnd || document.querySelector('.ma-more')) return;
          clearInterval(timer);
          resolve();
        }, 100);
      }),
  );

async function scroll(page: Page, { url }: Stack): Promise<Smoothness> {
  const read = await watchOver(page);
  await page.goto(url);
  await page.locator('.ma-card').first().waitFor();
  await forget(page);
  await scrollDown(page);
  // The oldest.
  await page.getByTitle('IMG_0.jpg').waitFor();
  return read();
}

async function scrollBare(page: Page, count: number): Promise<Smoothness> {
  const read = await watchOver(page);
  await page.goto('data:text/html,<ul></ul>');
  await page.evaluate((length) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [400, 300];
    const src = canvas.toDataURL();
    const item = `<li style="width:250px;height:320px;float:left"><img width=232 height=174 src="${src}"><p>A dog near grass</p></li>`;
    document.body.innerHTML = `<ul>${item.repeat(length)}</ul>`;
  }, count);
  await forget(page);
  await scrollDown(page);
  return read();
}

/** A library whose media all have the objects of one real photo. */
async function fill(stack: Stack, count: number): Promise<void> {
  const user = client(stack);
  const { media_ids } = await user.analyze([await file('08-lake.jpg')]);
  const [model] = await user.results(media_ids);
  if (!model) throw new Error('The photo was not analysed.');
  const { GOOGLE_CLOUD_PROJECT: projectId = '', FIRESTORE_EMULATOR_HOST: host = '' } =
    stack.environment;
  const db = new Firestore({ projectId, host, ssl: false });
  const stored = (await db.doc(`media/${model.id}`).get()).data() ?? {};
  const { owner_id, object, preview_object, facts } = stored;
  const ids = await shelve(
    db,
    String(owner_id),
    Array.from({ length: count }, (_, n) => ordinary(n)),
  );
  const writer = db.bulkWriter();
  for (const id of ids) {
    const url = String(model.url).replaceAll(model.id, id);
    const updated_at = Timestamp.now();
    void writer.update(db.doc(`media/${id}`), { url, object, preview_object, facts, updated_at });
  }
  await writer.close();
  await db.terminate();
}

async function removeAll(stack: Stack): Promise<void> {
  const user = client(stack);
  await eventually(async () => {
    const answer = await user.call('/api/media?limit=100');
    const { media } = (await answer.json()) as { media: { id: string }[] };
    await Promise.all(media.map(({ id }) => user.call(`/api/media/${id}`, { method: 'DELETE' })));
    return media.length === 0 ? true : undefined;
  });
}
