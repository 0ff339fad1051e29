/** The browser itself knows that it is offline: the page says that, and not that news come live or that a server is away. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Connection, type Connections, startConnections } from './connection.ts';
import { accessibilityProblems, cards, choose, photoPaths, untilCards } from './page.ts';

const OFFLINE = 'You are offline. It goes on by itself when you are back.';

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

test('the bar says at once that the browser is offline, and no card does', async () => {
  const { page, proxy, answers } = connection;
  await page.goto(proxy.url);
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'analyzing', 1);
  const bar = page.locator('.ma-batch');
  await page.locator('.ma-batch[data-connection=live]').waitFor();
  await page.context().setOffline(true);
  await bar.getByText(OFFLINE).waitFor();
  expect(await bar.locator('[data-connection=live]').count()).toBe(0);
  await choose(page, photoPaths(['03-coffee.webp']));
  // The bar says it for all.
  await cards(page, 'sending').getByText('Waiting').waitFor({ state: 'attached' });
  expect(await page.getByText(OFFLINE).count()).toBe(1);
  expect(await page.getByText('cannot be reached').count()).toBe(0);
  expect(await accessibilityProblems(page)).toEqual([]);
  answers.resolve();
  await page.context().setOffline(false);
  await untilCards(page, 'completed', 2);
  expect(await page.getByText(OFFLINE).count()).toBe(0);
});
