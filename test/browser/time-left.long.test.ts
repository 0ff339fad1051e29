/** What the bar of a batch tells: how long it still takes, in each tab and after a reload. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type RunningGemini, startGemini } from '../support/gemini-server.ts';
import { eventually } from '../support/stack.ts';
import { choose, noisyPhotos, pressInNotTaken, slowDown } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

const COUNT = 24;
const EACH_MS = 4_000;

/** So many come one after the other, the rest when the test says so. */
let soon: number;
let gemini: RunningGemini;
let photos: Photos;
let window: TestWindow;
let answers: PromiseWithResolvers<void>;
beforeAll(async () => {
  gemini = await startGemini({
    respond: (_, index) =>
      index < soon ? { delayMs: (index + 1) * EACH_MS } : { until: answers.promise },
  });
  photos = await startPhotos(gemini.settings);
});
afterAll(async () => {
  await photos.close();
  await gemini.close();
});
beforeEach(async () => {
  soon = 4;
  answers = Promise.withResolvers();
  window = await photos.open();
  await window.page.goto(photos.stack.url);
  await window.page.getByText('Drop photos and videos here').waitFor();
});
afterEach(async () => {
  answers.resolve();
  await window.context.close();
  await photos.removeAll();
  gemini.reset();
});

interface Told {
  text: string;
  /** When it was first seen, in milliseconds. */
  at: number;
}

/** All that is told from now on, also by a page that is loaded again. */
async function record(page: Page): Promise<Told[]> {
  const told: Told[] = [];
  await page.exposeFunction('tell', (text: string, at: number) => told.push({ text, at }));
  const watch = () => {
    let last = '';
    new MutationObserver(() => {
      const now = document.querySelector('.ma-time-left')?.textContent ?? '';
      if (now !== last && now !== '')
        (globalThis as unknown as { tell(text: string, at: number): void }).tell(now, Date.now());
      last = now;
    }).observe(document, { subtree: true, childList: true, characterData: true });
  };
  await page.addInitScript(watch);
  await page.evaluate(watch);
  return told;
}

const barOf = async (page: Page) =>
  Number(await page.locator('.ma-batch [role=progressbar]').getAttribute('aria-valuenow'));

test('a reload and another tab tell the same time, and no guess', async () => {
  const { page } = window;
  const files = await noisyPhotos(COUNT, { width: 64, height: 48 });
  await choose(page, files);
  await page.getByText(`${soon} of ${COUNT} ready`).waitFor();
  const tab = await window.openTab();
  const told = await Promise.all([page, tab].map(record));
  await tab.goto(photos.stack.url);
  await page.reload();
  await Promise.all([page, tab].map((each) => each.locator('.ma-time-left').waitFor()));
  // Twenty are left, and each took four seconds: the first jump to four results is no speed.
  for (const { text } of told.flat()) expect(text).toMatch(/^(About \d–\d|Less than \d) min left$/);
  const last = () =>
    Promise.all([page, tab].map((each) => each.locator('.ma-time-left').textContent()));
  await eventually(async () => new Set(await last()).size === 1 || undefined);
});

test('the bar goes on with each result after failed files were removed', async () => {
  const { page } = window;
  const files = await noisyPhotos(COUNT, { width: 64, height: 48 });
  const damaged = files.slice(0, 3).map((file, n) => ({
    ...file,
    name: `damaged-${n}.jpg`,
    buffer: file.buffer.subarray(0, file.buffer.length / 2),
  }));
  soon = 6;
  await choose(page, [...damaged, ...files]);
  await page.getByText(`2 of ${COUNT + 3} ready, 3 failed`).waitFor();
  await pressInNotTaken(page, 'Remove 3');
  const bars: number[] = [];
  for (let ready = 2; ready <= soon; ready++) {
    await page.getByText(`${ready} of ${COUNT} ready`, { exact: true }).waitFor();
    bars.push(await barOf(page));
  }
  expect(bars).toEqual([...new Set(bars)].sort((a, b) => a - b));
});

test('over a slow line, a few photos tell the time left before the first has arrived, and count it down', async () => {
  const { page } = window;
  soon = 0;
  answers.resolve();
  await slowDown(page, 95_000);
  const told = await record(page);
  const sent = page.waitForResponse('**/analyze-media');
  await choose(page, await noisyPhotos(4));
  await page.locator('.ma-time-left').waitFor();
  await sent;
  await page.getByText('All done').waitFor();
  const end = await page.evaluate(() => Date.now());
  const seconds = told.map(({ text }) => {
    const [, from = 0, to] = /^(?:Less than|About (?:(\d+)–)?)(?: )?(\d+) s left$/.exec(text) ?? [];
    return { from: Number(from), to: Number(to) };
  });
  const ends = seconds.map(({ to }) => to);
  expect(ends).toEqual([...ends].sort((a, b) => b - a));
  expect(new Set(ends).size).toBeGreaterThan(1);
  for (const [n, { at }] of told.entries()) {
    const truth = (end - at) / 1_000;
    const { from = 0, to = 0 } = seconds[n] ?? {};
    expect(truth).toBeGreaterThan(from - 10);
    expect(truth).toBeLessThan(to + 10);
  }
});
