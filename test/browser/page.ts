/** What tests do with the page, in the words of a user. */
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { eventually, photo } from '../support/stack.ts';

export const photoPaths = (names: readonly string[]) =>
  names.map((name) => fileURLToPath(photo(name)));

/** Chooses files in the file dialog. */
export async function choose(
  page: Page,
  files: string[] | { name: string; mimeType: string; buffer: Buffer }[],
): Promise<void> {
  await page.locator('input[type=file]').first().setInputFiles(files);
}

/** Presses an entry of the menu "More". */
export async function pressInMenu(page: Page, name: string | RegExp, bar = ''): Promise<void> {
  // The menu of the page is the first one.
  await page.locator(`${bar} .ma-more-button`).first().click();
  await page.getByRole('menuitem', { name, exact: true }).click();
}

/** Presses a button of the list of what failed. */
export async function pressInNotTaken(page: Page, name: string): Promise<void> {
  const list = page.locator('.ma-not-taken');
  await list.locator('button[aria-expanded="false"]').click();
  await list.getByRole('button', { name, exact: true }).click();
}

/** From now on the page sends at this speed, to every host. */
export async function slowDown(page: Page, bytesPerSecond: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond,
  });
}

/** Photos of about half a megabyte that no program makes smaller, each of other bytes than the next. */
export const noisyPhotos = (count: number, { width = 900, height = 600 } = {}) =>
  Promise.all(
    Array.from({ length: count }, async (_, n) => ({
      name: `${n}.jpg`,
      mimeType: 'image/jpeg',
      buffer: await sharp({
        create: {
          width,
          height,
          channels: 3,
          background: 'gray',
          noise: { type: 'gaussian', mean: 128, sigma: 60 },
        },
      })
        .jpeg({ quality: 92 })
        .toBuffer(),
    })),
  );

/** Of so many files the browser keeps the bytes now, or what is noted of them. */
export const bytesKept = (page: Page) => countKept(page, 'bytes');
export const notesKept = (page: Page) => countKept(page, 'files');

const countKept = (page: Page, store: 'bytes' | 'files') =>
  page.evaluate(async (store) => {
    const name = `media-analysis-uploads-1${store === 'bytes' ? '-bytes' : ''}`;
    if (!(await indexedDB.databases()).some((each) => each.name === name)) return 0;
    return new Promise<number>((resolve, reject) => {
      const opening = indexedDB.open(name);
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const counting = opening.result.transaction(store).objectStore(store).count();
        counting.onsuccess = () => {
          opening.result.close();
          resolve(counting.result);
        };
      };
    });
  }, store);

/** Waits until the browser has the bytes of so many files, or more, and of each that it has noted. */
export const untilAllKept = (page: Page, count: number) =>
  eventually(async () => {
    // In this order: what has just arrived leaves both.
    const noted = await notesKept(page);
    return (noted >= count && (await bytesKept(page)) >= noted) || undefined;
  });

export const cards = (page: Page, stage?: string) =>
  page.locator(stage === undefined ? '.ma-card' : `.ma-card[data-stage="${stage}"]`);

/** Without it Playwright looks at each frame, and so makes Chromium draw sixty a second, which takes a core. */
const SELDOM = { polling: 100 };

/** Waits until there are exactly so many cards in a stage. */
export async function untilCards(page: Page, stage: string, count: number): Promise<void> {
  await page.waitForFunction(
    ([selector, expected]) => document.querySelectorAll(selector).length === expected,
    [`.ma-card[data-stage="${stage}"]`, count] as const,
    SELDOM,
  );
}

/** The full view shows this file. Its name stands among the details, which may be closed. */
export const untilViewed = (page: Page, name: string) =>
  page
    .locator('.ma-details .ma-file-name')
    .getByText(name, { exact: true })
    .waitFor({ state: 'attached' });

/** Waits until there are exactly so many pictures that are drawn. */
export async function untilDrawn(page: Page, selector: string, count = 1): Promise<void> {
  await page.waitForFunction(
    ([pictures, expected]) =>
      [...document.querySelectorAll<HTMLImageElement>(pictures)].filter(
        ({ naturalWidth }) => naturalWidth > 0,
      ).length === expected,
    [selector, count] as const,
    SELDOM,
  );
}

/** The texts of the line that sums a batch up, whenever it changes, from now on. */
export async function recordProgress(page: Page): Promise<() => Promise<number[]>> {
  await page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(globalThis, { seenProgress: seen });
    const look = () => {
      const bar = document.querySelector('.ma-batch [role=progressbar]');
      if (bar) seen.push(Number(bar.getAttribute('aria-valuenow')));
    };
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
    });
  });
  return () =>
    page.evaluate(() => (globalThis as unknown as { seenProgress: number[] }).seenProgress);
}

/**
 * How lists and sections get the focus, from now on. Chromium does not scroll to one that does not fit into the window.
 * WebKit does, unless it is told not to.
 */
export async function recordFocus(page: Page): Promise<() => Promise<unknown[]>> {
  await page.evaluate(() => {
    const seen: unknown[] = [];
    Object.assign(globalThis, { seenFocus: seen });
    const { focus } = HTMLElement.prototype;
    HTMLElement.prototype.focus = function (options) {
      if (this.matches('section, ul')) seen.push(options ?? 'may scroll');
      focus.call(this, options);
    };
  });
  return () => page.evaluate(() => (globalThis as unknown as { seenFocus: unknown[] }).seenFocus);
}

export const colourBehind = (element: Locator): Promise<string> =>
  element.evaluate((node) => getComputedStyle(node).backgroundColor);

/** What axe-core calls serious or critical of the page as it is. */
export async function accessibilityProblems(page: Page): Promise<object[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    // Text that is still fading in has too little contrast.
    const moving = document
      .getAnimations()
      .filter(({ playState }) => playState === 'running')
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(moving.map(({ finished }) => finished));
    const { axe: inPage } = globalThis as unknown as { axe: typeof axe };
    const results = await inPage.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return results.violations.map(({ id, impact, nodes }) => ({
      id,
      impact,
      nodes: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`),
    }));
  });
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
}
