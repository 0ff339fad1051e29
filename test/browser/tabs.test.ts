/** Several tabs of one browser: they share one event stream, and each shows what happens in the others. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createUploadsResponseSchema } from '@media-analysis/shared/api';
import type { Page } from 'playwright-core';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';
import { longTest } from '../support/long-test.ts';
import { client, eventually } from '../support/stack.ts';
import { type Connection, type Connections, startConnections } from './connection.ts';
import { cards, choose, photoPaths, untilCards } from './page.ts';

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

test('seven tabs have one stream; the tab that reads it closes, and another one goes on', async () => {
  const { page, proxy, stack } = connection;
  // Its bytes never come, so it waits for as long as the test takes.
  const files = [{ file_name: 'a.mov', content_type: 'video/quicktime', size: 9 }];
  const body = JSON.stringify({ files });
  const answer = await client(stack).call('/api/media/uploads', { method: 'POST', body });
  const [upload] = createUploadsResponseSchema.parse(await answer.json()).uploads;
  await page.goto(proxy.url);
  const tabs = [page];
  // Each new tab is in front, and takes the stream over.
  while (tabs.length < 7) tabs.push(await openTab());
  for (const tab of tabs) await untilCards(tab, 'missing', 1);
  await eventually(async () => proxy.openStreams === 1 || undefined);
  await tabs.pop()?.close();
  await client(stack).call(`/api/media/${upload?.media_id}`, { method: 'DELETE' });
  for (const tab of tabs) await tab.getByText('Nothing here yet').waitFor();
  expect(proxy.polls).toBe(0);
});

test('what is sent in one tab shows in the other, live; so does what is deleted', async () => {
  const { page, proxy, answers } = connection;
  await page.goto(proxy.url);
  await page.getByText('Nothing here yet').waitFor();
  const other = await openTab();
  await other.getByText('Nothing here yet').waitFor();
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(other, 'analyzing', 1);
  await other.getByText('0 of 1 ready').waitFor();
  answers.resolve();
  await untilCards(other, 'completed', 1);
  await untilCards(page, 'completed', 1);
  await deleteIn(page, '02-cat.png');
  await page.getByText('Nothing here yet').waitFor();
  await other.getByText('Nothing here yet').waitFor();
});

test('a page that has been left, and gets no lock any more, asks once and not on and on', async () => {
  const { page, proxy } = connection;
  await page.goto(proxy.url);
  await page.getByText('Nothing here yet').waitFor();
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
});

test('what was deleted elsewhere is deleted here without an error', async () => {
  const { page, proxy, answers, stack } = connection;
  answers.resolve();
  await page.goto(proxy.url);
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'completed', 1);
  const id = await cards(page).getAttribute('data-media-id');
  await client(stack).call(`/api/media/${id}`, { method: 'DELETE' });
  await deleteIn(page, '02-cat.png');
  await page.getByText('Nothing here yet').waitFor();
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
  await other.getByText('Live').waitFor();
  expect(proxy.openStreams).toBe(2);
  answers.resolve();
  for (const tab of [page, other]) await untilCards(tab, 'completed', 1);
});
