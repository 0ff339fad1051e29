/** Whatever becomes of the connection, in the middle of a batch: the page ends right by itself. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { replies } from '../support/gemini-server.ts';
import { longTest, shortened } from '../support/long-test.ts';
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

/** One for each thing that the page does, the three that `npm test` runs first; the others are in `connection.long.test.ts`. */
const CHOSEN = [
  'the stream is reset once: it is opened again, nobody polls',
  'a proxy holds events back: polling takes over, and the stream again when it can',
  'the page is loaded again: it shows the same batch with the same count',
  'streams are refused: polling takes over',
  'the stream falls silent: after two missed heartbeats it is opened again',
  'the browser is offline for a while',
] as const;

describe('in the middle of three photos', () => {
  test.each(shortened(CHOSEN, 3))('%s', (trouble) => TROUBLES[trouble](connection, 3));
});

test('a failed item says why, and one press brings it to its result', async () => {
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

test('an item that waits for a quota counts down to when it goes on', async () => {
  const { page, proxy, gemini, stack } = connection;
  gemini.enqueue(replies.quotaPerDay());
  await page.goto(proxy.url);
  await choose(page, photoPaths(['02-cat.png']));
  await page.getByText(/Limit of the analysis service reached.* Resumes in \d+:\d\d/).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  // This process asks the model nothing more until then.
  process.kill(stack.units.worker.pid ?? 0, 'SIGKILL');
});

longTest('full view draws a box over an object whose place the model told', async () => {
  const { page, proxy, answers } = connection;
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
  await page.getByLabel('Mark objects in the picture').uncheck();
  expect(await drawn.count()).toBe(0);
});
