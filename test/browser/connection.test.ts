/**
 * Whatever becomes of the connection, in the middle of a batch: the page ends right by itself. Several tabs of one browser share
 * one event stream, and each shows what happens in the others.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createUploadsResponseSchema } from '@media-analysis/shared/large-uploads';
import type { Page } from 'playwright-core';
import { replies } from '../support/gemini-server.ts';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';
import { isLong, longTest, shortened } from '../support/long-test.ts';
import { signal } from '../support/signal.ts';
import { client, eventually } from '../support/stack.ts';
import { type Connection, type Connections, startConnections, TROUBLES } from './connection.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  photoPaths,
  untilCards,
  untilDrawn,
} from './page.ts';

let connections: Connections;
let connection: Connection;
beforeAll(async () => {
  connections = await startConnections();
});
afterAll(() => connections.close());
beforeEach(async () => {
  connection = await connections.open();
});
afterEach(() => connection.close());

/** One for each thing that the page does: `npm test` runs the first, `connection-whole.long.test.ts` all. */
const CHOSEN = [
  'the stream is reset once: it is opened again, nobody polls',
  'a proxy holds events back: polling takes over, and the stream again when it can',
  'the page is loaded again: it shows the same batch with the same count',
  'streams are refused: polling takes over',
  'the stream falls silent: after two missed heartbeats it is opened again',
  'the browser is offline for a while',
] as const;

describe('in the middle of three photos', () => {
  test.each(shortened(CHOSEN, 1))('%s', (trouble) => TROUBLES[trouble](connection, 3));
});

longTest('a failed item says why, and one press brings it to its result', async () => {
  const { page, proxy, gemini, answers } = connection;
  answers.resolve();
  gemini.enqueue(replies.invalidArgument());
  await page.goto(proxy.url);
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'failed', 1);
  await page.getByText('0 done, 1 failed').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Retry' }).click();
  await untilCards(page, 'completed', 1);
  await page.getByText('All done').waitFor();
  expect(gemini.requests).toHaveLength(2);
});

longTest('an item that waits for a quota counts down to when it goes on', async () => {
  const { page, proxy, gemini, stack } = connection;
  gemini.enqueue(replies.quotaPerDay());
  await page.goto(proxy.url);
  await choose(page, photoPaths(['02-cat.png']));
  await page.getByText(/Limit of the analysis service reached.* Resumes in \d+:\d\d/).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  // This process asks the model nothing more until then.
  signal(stack.units.worker, 'SIGKILL');
});

longTest('full view draws a box over an object whose place the model told', async () => {
  const { page, proxy, answers } = connection;
  answers.resolve();
  await page.goto(proxy.url);
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'completed', 1);
  await cards(page).getByRole('button', { name: /^Open/ }).click();
  await page.getByText('More details').click();
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
  await page.getByLabel('Mark objects in the picture').uncheck();
  expect(await drawn.count()).toBe(0);
});

async function openTab(): Promise<Page> {
  const tab = await connection.page.context().newPage();
  tab.setDefaultTimeout(HANG_LIMIT_MS);
  await tab.goto(connection.proxy.url);
  return tab;
}

const deleteIn = async (tab: Page, name: string) => {
  await cards(tab).first().hover();
  await tab.getByRole('button', { name: `Delete ${name}` }).click();
};

/** In the browser of the tests, all tabs are in front. */
const show = async (tab: Page | undefined, how: DocumentVisibilityState) =>
  tab?.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, how);

describe('tabs of one browser:', () => {
  test('tabs have one stream; the tab that reads it closes, and another one goes on', async () => {
    const { page, proxy, stack } = connection;
    // Its bytes never come, so it waits for as long as the test takes.
    const files = [{ file_name: 'a.mov', content_type: 'video/quicktime', size: 9 }];
    const body = JSON.stringify({ files });
    const answer = await client(stack).call('/api/media/uploads', { method: 'POST', body });
    const [upload] = createUploadsResponseSchema.parse(await answer.json()).uploads;
    await page.goto(proxy.url);
    const tabs = [page];
    // Each new tab is in front, and takes the stream over.
    while (tabs.length < (isLong ? 7 : 3)) {
      await show(tabs.at(-1), 'hidden');
      tabs.push(await openTab());
    }
    for (const tab of tabs) await untilCards(tab, 'missing', 1);
    await eventually(async () => proxy.openStreams === 1 || undefined);
    await tabs.pop()?.close();
    await show(tabs.at(-1), 'visible');
    await client(stack).call(`/api/media/${upload?.media_id}`, { method: 'DELETE' });
    for (const tab of tabs) await tab.getByText('Drop photos and videos here').waitFor();
    expect(proxy.polls).toBe(0);
  });

  test('what is sent in one tab shows in the other, live; so does what is deleted', async () => {
    const { page, proxy, answers } = connection;
    await page.goto(proxy.url);
    await page.getByText('Drop photos and videos here').waitFor();
    const other = await openTab();
    await other.getByText('Drop photos and videos here').waitFor();
    await choose(page, photoPaths(['02-cat.png']));
    await untilCards(other, 'analyzing', 1);
    await other.getByText('0 of 1 ready').waitFor();
    answers.resolve();
    await untilCards(other, 'completed', 1);
    await untilCards(page, 'completed', 1);
    await deleteIn(page, '02-cat.png');
    await page.getByText('Drop photos and videos here').waitFor();
    await other.getByText('Drop photos and videos here').waitFor();
  });

  longTest(
    'a page that has been left, and gets no lock any more, asks once and not on and on',
    async () => {
      const { page, proxy } = connection;
      await page.goto(proxy.url);
      await page.getByText('Drop photos and videos here').waitFor();
      // As WebKit answers such a page. Without an end the page would hang, and the test with it.
      await page.evaluate(() => {
        let asked = 0;
        Object.assign(globalThis, { timesAsked: () => asked });
        LockManager.prototype.request = () =>
          ++asked < 100
            ? Promise.reject(new DOMException('not active', 'InvalidStateError'))
            : new Promise(() => undefined);
      });
      // It takes the turn of the first one.
      await openTab();
      const timesAsked = () =>
        page.evaluate(() => (globalThis as unknown as { timesAsked(): number }).timesAsked());
      await eventually(async () => (await timesAsked()) > 0 || undefined);
      // Again and again, it would be a hundred times by now.
      expect(await timesAsked()).toBeLessThan(5);
    },
  );

  longTest('what was deleted elsewhere is deleted here without an error', async () => {
    const { page, proxy, answers, stack } = connection;
    answers.resolve();
    await page.goto(proxy.url);
    await choose(page, photoPaths(['02-cat.png']));
    await untilCards(page, 'completed', 1);
    const id = await cards(page).getAttribute('data-media-id');
    await client(stack).call(`/api/media/${id}`, { method: 'DELETE' });
    await deleteIn(page, '02-cat.png');
    await page.getByText('Drop photos and videos here').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  longTest('without Web Locks each tab has a stream of its own', async () => {
    const { page, proxy, answers } = connection;
    await page.context().addInitScript(() => {
      Reflect.deleteProperty(Navigator.prototype, 'locks');
    });
    await page.goto(proxy.url);
    await choose(page, photoPaths(['02-cat.png']));
    await untilCards(page, 'analyzing', 1);
    const other = await openTab();
    await untilCards(other, 'analyzing', 1);
    await other.locator('.ma-batch[data-connection=live]').waitFor();
    expect(proxy.openStreams).toBe(2);
    answers.resolve();
    for (const tab of [page, other]) await untilCards(tab, 'completed', 1);
  });
});
