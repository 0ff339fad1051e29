/** What is chosen outlives the page: a reload, a crash and a line that drops send nothing twice and lose nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import type { Page } from 'playwright-core';
import { soon } from '../support/eventually.ts';
import { largeVideoPieces } from '../support/large-video.ts';
import { isLong, longTest } from '../support/long-test.ts';
import { client, eventually } from '../support/stack.ts';
import {
  accessibilityProblems,
  bytesKept,
  cards,
  choose,
  noisyPhotos,
  pressInNotTaken,
  slowDown,
  untilCards,
} from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

const COUNT = isLong ? 8 : 4;
/** A photo has about half a megabyte: each takes some seconds. */
const SLOW = 200_000;
const FAST = -1;

let photos: Photos;
let window: TestWindow;
let page: Page;
const folder = mkdtempSync(join(tmpdir(), 'kept-'));

beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(async () => {
  await photos.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  window = await photos.open();
  page = window.page;
  await page.goto(photos.stack.url);
  await page.getByText('Drop photos and videos here').waitFor();
});
afterEach(async () => {
  await window.context.close();
  await photos.removeAll();
});

async function stored(): Promise<Media[]> {
  const answer = await client(photos.stack).call('/api/media?limit=100');
  return ((await answer.json()) as { media: Media[] }).media;
}

const names = async () => (await stored()).map(({ file_name }) => file_name).sort();
const untilStored = (least: number) =>
  eventually(async () => (await stored()).length >= least || undefined);

/** Some photos are accepted, the others are still to be sent, and the browser keeps them. */
async function startBatch(): Promise<string[]> {
  const files = await noisyPhotos(COUNT);
  await slowDown(page, SLOW);
  await choose(page, files);
  await untilStored(1);
  await eventually(async () => {
    const left = COUNT - (await stored()).length;
    return (await bytesKept(page)) >= left || undefined;
  });
  expect((await stored()).length).toBeLessThan(COUNT);
  return files.map(({ name }) => name).sort();
}

async function expectAll(tab: Page, expected: string[]): Promise<void> {
  await untilCards(tab, 'completed', expected.length);
  expect(await names()).toEqual(expected);
  await eventually(async () => (await bytesKept(tab)) === 0 || undefined);
  // What had arrived before a crash is two cards until the server has said which media it has become.
  await eventually(async () => (await cards(tab).count()) === expected.length || undefined);
}

test('a reload in mid-batch: the rest is sent, nothing twice, and the count is the same', async () => {
  const files = await noisyPhotos(COUNT);
  const rest = Promise.withResolvers<void>();
  let requests = 0;
  await page.route('**/analyze-media', async (route) => {
    if (requests++ > 0) await rest.promise;
    // The reload has ended those of the page before.
    await route.continue().catch(() => undefined);
  });
  await choose(page, files);
  // One has ended, and nothing but the page before knows that it is of this batch.
  await page.getByText(`1 of ${COUNT} ready`).waitFor();
  await eventually(async () => (await bytesKept(page)) >= COUNT - 1 || undefined);
  await page.reload();
  await page.getByText(`1 of ${COUNT} ready`).waitFor();
  rest.resolve();
  await expectAll(page, files.map(({ name }) => name).sort());
  await page.getByText(`${COUNT} of ${COUNT} ready`).waitFor();
  expect(window.complaints).toEqual([]);
});

longTest('a tab that crashes: the next one goes on', async () => {
  const expected = await startBatch();
  const session = await window.context.newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  session.send('Page.crash').catch(() => undefined);
  await crashed;
  const next = await window.openTab();
  await next.goto(photos.stack.url);
  await expectAll(next, expected);
});

longTest('a browser that is killed before it has written its localStorage', async () => {
  const expected = await startBatch();
  // Chromium writes it seconds later, and IndexedDB at once.
  await page.evaluate(() => localStorage.clear());
  const next = await window.openTab();
  await page.close();
  await next.goto(photos.stack.url);
  await expectAll(next, expected);
});

longTest('a second tab leaves alone what the first one sends', async () => {
  const expected = await startBatch();
  const other = await window.openTab();
  await other.goto(photos.stack.url);
  await cards(other).first().waitFor();
  await slowDown(page, FAST);
  await expectAll(page, expected);
  await untilCards(other, 'completed', COUNT);
});

longTest('a line that drops ten times', async () => {
  const expected = await startBatch();
  for (let drop = 0; drop < 10; drop++) {
    await window.context.setOffline(true);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
    await window.context.setOffline(false);
    await slowDown(page, SLOW);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
  }
  await slowDown(page, FAST);
  await expectAll(page, expected);
});

longTest('a pause sends nothing, over a reload too, and no file fails of it', async () => {
  const expected = await startBatch();
  await page.getByRole('button', { name: 'Pause' }).click();
  const isPaused = () => page.locator('.ma-batch').getByText('Paused').waitFor();
  await isPaused();
  await cards(page, 'paused').first().getByText('Paused').waitFor();
  expect(await page.getByText('Uploading').count()).toBe(0);
  expect(await page.locator('.ma-connection').count()).toBe(0);
  expect(await accessibilityProblems(page)).toEqual([]);
  await slowDown(page, FAST);
  const sent = (await stored()).length;
  expect(sent).toBeLessThan(COUNT);
  // What was sent before is over when the next page looks for what was kept: the batch is not.
  await page.addInitScript(() => {
    const { request } = LockManager.prototype;
    const isOver = new Promise((resolve) => addEventListener('is-over', resolve));
    LockManager.prototype.request = async function (name: string, ...others: unknown[]) {
      if (name.startsWith('media-analysis-uploads')) await isOver;
      return Reflect.apply(request, this, [name, ...others]);
    };
  });
  await page.reload();
  await untilCards(page, 'completed', sent);
  await page.evaluate(() => dispatchEvent(new Event('is-over')));
  await isPaused();
  await page.getByText(`of ${COUNT} ready`).waitFor();
  expect((await stored()).length).toBe(sent);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expectAll(page, expected);
  await page.getByText(`${COUNT} of ${COUNT} ready`).waitFor();
  expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0);
});

longTest(
  'what is stopped is there after a reload, can be sent again, and goes for good when it is dismissed',
  async () => {
    const expected = await startBatch();
    await page.getByRole('button', { name: 'Cancel the rest' }).click();
    // What had arrived and was waiting is in the bin.
    for (const stage of ['sending', 'waiting', 'storing']) await untilCards(page, stage, 0);
    const stopped = await cards(page, 'stopped').count();
    expect(stopped).toBeGreaterThan(1);
    const left = (await cards(page).count()) - stopped;
    await untilCards(page, 'completed', left);
    await eventually(async () => (await stored()).length === left || undefined);
    const told = await page.locator('.ma-batch-words').textContent();
    await page.reload();
    await untilCards(page, 'completed', left);
    await untilCards(page, 'stopped', stopped);
    await soon(async () => expect(await page.locator('.ma-batch-words').textContent()).toBe(told));
    // Nobody asks for them.
    expect((await stored()).length).toBe(left);

    await slowDown(page, FAST);
    await cards(page, 'stopped').first().getByRole('button', { name: 'Retry' }).click();
    await untilCards(page, 'completed', left + 1);
    expect(expected).toEqual(expect.arrayContaining(await names()));
    await pressInNotTaken(page, `Remove ${stopped - 1}`);
    await eventually(async () => (await bytesKept(page)) === 0 || undefined);
    await page.reload();
    await untilCards(page, 'completed', left + 1);
    expect(await cards(page).count()).toBe(left + 1);
  },
);

longTest(
  'what was stopped while its answer was on the way is there once after a retry',
  async () => {
    const files = await noisyPhotos(2);
    // The service takes the photos, and then the line is gone.
    let isDown = false;
    await window.context.route('**/api/**', async (route) => {
      const isSent = route.request().url().endsWith('/analyze-media');
      if (isSent && !isDown) await route.fetch().then(() => (isDown = true));
      await (isDown ? route.abort() : route.continue());
    });
    await choose(page, files);
    await eventually(async () => ((await bytesKept(page)) === 2 && isDown) || undefined);
    await page.getByRole('button', { name: 'Cancel the rest' }).click();
    await untilCards(page, 'stopped', 2);
    await page.reload();
    await untilCards(page, 'stopped', 2);
    await window.context.unrouteAll();
    await pressInNotTaken(page, 'Try 2 again');
    await expectAll(page, files.map(({ name }) => name).sort());
    expect(await cards(page).count()).toBe(2);
  },
);

longTest('what is stopped and could not be kept is gone after a reload', async () => {
  const session = await window.context.newCDPSession(page);
  const { origin } = new URL(photos.stack.url);
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 100_000 });
  await slowDown(page, SLOW);
  await choose(page, await noisyPhotos(1));
  await cards(page, 'sending').waitFor();
  await page.getByRole('button', { name: 'Cancel the rest' }).click();
  await untilCards(page, 'stopped', 1);
  await page.reload();
  await page.getByText('Drop photos and videos here').waitFor();
  expect(await cards(page).count()).toBe(0);
});

describe('a video that is sent in pieces', () => {
  const SIZE = 6 * 2 ** 20;
  const path = join(folder, 'holiday.mov');
  /** The first byte of each piece. */
  let pieces: number[];

  beforeAll(() => writeFile(path, largeVideoPieces(SIZE)));
  beforeEach(async () => {
    pieces = [];
    page.on('request', (request) => {
      const range = request.headers()['content-range'] ?? '';
      const first = /^bytes (\d+)-/.exec(range)?.[1];
      if (first !== undefined) pieces.push(Number(first));
    });
  });

  async function startVideo(): Promise<void> {
    await slowDown(page, SLOW);
    await page.locator('input[type=file]').first().setInputFiles(path);
    await eventually(async () => pieces.length > 1 || undefined);
  }

  longTest('is stopped: it stays, although its media is removed, and is sent anew', async () => {
    await startVideo();
    await page.getByRole('button', { name: 'Cancel the rest' }).click();
    await untilCards(page, 'stopped', 1);
    await eventually(async () => (await stored()).length === 0 || undefined);
    for (let times = 0; times < 2; times++) {
      await page.reload();
      await untilCards(page, 'stopped', 1);
    }
    await slowDown(page, FAST);
    await cards(page, 'stopped').getByRole('button', { name: 'Retry' }).click();
    await expectAll(page, ['holiday.mov']);
    expect(await cards(page).count()).toBe(1);
  });

  test('goes on behind what has arrived after a reload, in one card', async () => {
    await startVideo();
    await eventually(async () => (await bytesKept(page)) === 1 || undefined);
    pieces = [];
    await page.reload();
    await cards(page, 'sending').waitFor();
    await slowDown(page, FAST);
    await expectAll(page, ['holiday.mov']);
    expect(Math.min(...pieces)).toBeGreaterThan(0);
  });

  longTest('says during a pause how far it is, after a reload too', async () => {
    await startVideo();
    await eventually(async () => (await bytesKept(page)) === 1 || undefined);
    await page.getByRole('button', { name: 'Pause' }).click();
    await cards(page, 'paused').waitFor();
    const far = () => page.locator('.ma-batch [role=progressbar]').getAttribute('aria-valuenow');
    const before = await far();
    expect(before).not.toBe('0');
    await page.reload();
    expect(await far()).toBe(before);
    await page.getByRole('button', { name: 'Resume' }).click();
    await slowDown(page, FAST);
    await expectAll(page, ['holiday.mov']);
  });

  if (isLong)
    describe('and that the browser cannot keep', () => {
      beforeEach(async () => {
        const session = await window.context.newCDPSession(page);
        const { origin } = new URL(photos.stack.url);
        await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 100_000 });
        await startVideo();
        pieces = [];
        await page.reload();
        await cards(page, 'missing').waitFor();
        await slowDown(page, FAST);
      });

      test('is asked for by name, and goes on behind what has arrived', async () => {
        await cards(page, 'missing').getByText('Choose holiday.mov again to go on.').waitFor();
        expect(await cards(page).count()).toBe(1);
        expect(await accessibilityProblems(page)).toEqual([]);
        const asked = page.waitForEvent('filechooser');
        await cards(page).getByRole('button', { name: 'Choose files' }).click();
        await (await asked).setFiles(path);
        await expectAll(page, ['holiday.mov']);
        expect(Math.min(...pieces)).toBeGreaterThan(0);
      });

      test('is chosen in another tab of the browser, and goes on, in one card', async () => {
        const other = await window.openTab();
        await other.goto(photos.stack.url);
        const asked = other.waitForEvent('filechooser');
        await cards(other, 'missing').getByRole('button', { name: 'Choose files' }).click();
        await (await asked).setFiles(path);
        await expectAll(other, ['holiday.mov']);
        for (const tab of [page, other]) expect(await cards(tab).count()).toBe(1);
        expect(Math.min(...pieces)).toBeGreaterThan(0);
      });

      test('is given up: nothing of it is left on the server', async () => {
        await cards(page).hover();
        await page.getByRole('button', { name: 'Remove holiday.mov' }).click();
        await page.getByText('Drop photos and videos here').waitFor();
        await eventually(async () => (await stored()).length === 0 || undefined);
        const bin = await client(photos.stack).call('/api/bin');
        const { media } = (await bin.json()) as { media: Media[] };
        // The media of the other tests are there.
        const left = media.filter(({ file_name }) => file_name === 'holiday.mov');
        expect(left.filter(({ status }) => status === 'pending')).toEqual([]);
        await page.reload();
        await page.getByText('Drop photos and videos here').waitFor();
      });

      test('is taken for one that is being sent on another device, for a while; chosen there, it takes its place', async () => {
        await page.close();
        // Another browser of the same person.
        const other = await photos.open({ locale: 'ja-JP' });
        await other.page.clock.install();
        await other.page.goto(photos.stack.url);
        const card = cards(other.page, 'missing');
        await card.getByText('ほかのタブや端末で\u200bアップロード中').waitFor();
        await card.getByText('holiday.movをもう一度選択するか').waitFor();
        await other.page.locator('.ma-batch[data-outcome="open"]').waitFor();
        expect(await accessibilityProblems(other.page)).toEqual([]);
        await other.page.clock.fastForward('15:01');
        await card.getByText('アップロード未完了').waitFor();
        // With the next news, or a reload.
        await other.page.reload();
        await card.getByText('アップロード未完了').waitFor();
        expect(await other.page.locator('.ma-batch').count()).toBe(0);
        const asked = other.page.waitForEvent('filechooser');
        await cards(other.page).getByRole('button', { name: 'ファイルを選択' }).click();
        await (await asked).setFiles(path);
        await expectAll(other.page, ['holiday.mov']);
        await other.context.close();
      });
    });
});
