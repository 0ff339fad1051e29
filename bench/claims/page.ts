/**
 * The page in Chromium while 200 photos become results and a person uses it, and while a library of 5,000 scrolls. The
 * baseline is a list of the same length that is nothing but HTML and a picture.
 *
 * A user's computer runs no server. Here one machine runs both, so the service has one core only and leaves the others to the
 * browser. Of a task, the time counts in which the page itself computed, and not that in which another process had its core. The photos are files, as they are for a user: bytes that come by the debugging protocol are decoded by the page.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Firestore, Timestamp } from '@google-cloud/firestore';
import type { Browser, Page } from 'playwright-core';
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
const MOST_SHIFT = 0.02;
interface Smoothness {
  /** What the page computed at a stretch, so that it could react to nothing meanwhile, in milliseconds. */
  longestTask: number;
  /** From an input to the frame that shows what came of it, the worst one, in milliseconds: https://web.dev/articles/inp */
  worstInteraction: number;
  /** How much has jumped that nobody asked for: https://web.dev/articles/cls */
  shift: number;
}

export const claim: Claim = {
  name: 'page',
  title: 'Smooth page',
  whole: true,
  async run({ quick, repeats, say }) {
    const [results, library] = quick ? [20, 200] : [200, 5_000];
    await buildPage();
    const { browser, close } = await startBrowser();
    pin(process.pid, 'server');
    const stack = await startStack({ environment: { MAX_FILES_PER_DAY: '100000' } });
    const measured: Record<'arriving' | 'scrolling' | 'bare', Smoothness[]> = {
      arriving: [],
      scrolling: [],
      bare: [],
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
        measured.arriving.push(await inWindow((page) => arrive(browser, page, stack, results)));
        await removeAll(stack);
      }
      await fill(stack, library);
      for (let repeat = 0; repeat < repeats; repeat++) {
        measured.scrolling.push(await inWindow((page) => scroll(browser, page, stack)));
        measured.bare.push(await inWindow((page) => scrollBare(browser, page, library)));
      }
    } finally {
      await close();
      await stack.close();
    }
    const { arriving, scrolling, bare } = measured;
    const tasks = (all: Smoothness[]) => all.map(({ longestTask }) => longestTask);
    const targets = [{ of: 'value', atMost: LONGEST_TASK_MS } as const];
    return {
      setup: 'Chromium 1280 × 800, the service on one of its cores; of tasks, only computing time',
      rows: [
        row({
          what: `longest task, ${results} results arriving`,
          unit: 'ms',
          targets,
          ours: tasks(arriving),
        }),
        row({
          what: `worst interaction`,
          unit: 'ms',
          ours: arriving.map(({ worstInteraction }) => worstInteraction),
          targets: [{ of: 'value', atMost: WORST_INTERACTION_MS }],
        }),
        row({
          what: `layout shift`,
          unit: '',
          ours: arriving.map(({ shift }) => shift),
          targets: [{ of: 'value', atMost: MOST_SHIFT }],
        }),
        row({
          what: `longest task, ${library} media scrolling`,
          unit: 'ms',
          targets,
          ours: tasks(scrolling),
          baselines: [{ name: 'bare list', values: tasks(bare) }],
        }),
      ],
    };
  },
};

type Noted = Pick<Smoothness, 'worstInteraction' | 'shift'>;

/** Notes each interaction and each shift, before anything of the page runs. @returns reads what was noted */
async function watchOver(page: Page): Promise<() => Promise<Noted>> {
  await page.addInitScript(() => {
    const measured: Noted = { worstInteraction: 0, shift: 0 };
    Object.assign(globalThis, { measured });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, hadRecentInput } = Object(entry);
        if (!hadRecentInput) measured.shift += value;
      }
    }).observe({ type: 'layout-shift' });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        // A list that scrolls below the pointer makes events too, which are no interactions.
        if ('interactionId' in entry && entry.interactionId === 0) continue;
        measured.worstInteraction = Math.max(measured.worstInteraction, entry.duration);
      }
    }).observe({ type: 'event', ...{ durationThreshold: 16 } });
  });
  return () => page.evaluate('measured');
}

/** Starting a page is one long task, which others measure: the work begins when it has started. */
async function longestTaskOf(browser: Browser, page: Page, work: () => Promise<void>) {
  await browser.startTracing(page, { categories: ['toplevel'] });
  await work();
  const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as Trace;
  const threads = new Set(
    traceEvents.filter(({ args }) => args?.name === 'CrRendererMain').map(threadOf),
  );
  const tasks = traceEvents.filter((event) => event.dur && threads.has(threadOf(event)));
  return (
    tasks.reduce((most, { dur = 0, tdur = 0 }) => Math.max(most, Math.min(dur, tdur)), 0) / 1_000
  );
}

/** Chromium's own: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU */
interface Trace {
  /** `dur` passed, in `tdur` of it the thread computed; in microseconds. */
  traceEvents: {
    pid: number;
    tid: number;
    dur?: number;
    tdur?: number;
    args?: { name?: string };
  }[];
}

const threadOf = ({ pid, tid }: Trace['traceEvents'][number]) => `${pid} ${tid}`;

/** Chooses photos, and opens, turns and closes the full view until all are done. */
async function arrive(browser: Browser, page: Page, { url }: Stack, count: number) {
  const folder = await mkdtemp(join(tmpdir(), 'bench-page-'));
  const photos = await noisyPhotos(count, { width: 120, height: 90 });
  const paths = photos.map(({ name }) => join(folder, name));
  for (const [n, { buffer }] of photos.entries()) await writeFile(paths[n] ?? '', buffer);
  const read = await watchOver(page);
  await page.goto(url);
  await page.getByText('Drop photos and videos here').waitFor();
  const longestTask = await longestTaskOf(browser, page, () => useWhileTheyCome(page, paths));
  await rm(folder, { recursive: true });
  return { longestTask, ...(await read()) };
}

async function useWhileTheyCome(page: Page, paths: string[]): Promise<void> {
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

async function scroll(browser: Browser, page: Page, { url }: Stack) {
  await page.goto(url);
  await page.locator('.ma-card').first().waitFor();
  const longestTask = await longestTaskOf(browser, page, () => scrollDown(page));
  // The oldest.
  await page.getByTitle('IMG_0.jpg').waitFor();
  return { longestTask, worstInteraction: 0, shift: 0 };
}

async function scrollBare(browser: Browser, page: Page, count: number) {
  await page.goto('data:text/html,<ul></ul>');
  await page.evaluate((length) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [400, 300];
    const src = canvas.toDataURL();
    const item = `<li style="width:250px;height:320px;float:left"><img width=232 height=174 src="${src}"><p>A dog near grass</p></li>`;
    document.body.innerHTML = `<ul>${item.repeat(length)}</ul>`;
  }, count);
  const longestTask = await longestTaskOf(browser, page, () => scrollDown(page));
  return { longestTask, worstInteraction: 0, shift: 0 };
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
  const { owner_id, object, preview_object, small_object, facts } = stored;
  const ids = await shelve(
    db,
    String(owner_id),
    Array.from({ length: count }, (_, n) => ordinary(n)),
  );
  const writer = db.bulkWriter();
  for (const id of ids) {
    const url = String(model.url).replaceAll(model.id, id);
    const updated_at = Timestamp.now();
    void writer.update(db.doc(`media/${id}`), {
      url,
      object,
      preview_object,
      small_object,
      facts,
      updated_at,
    });
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
