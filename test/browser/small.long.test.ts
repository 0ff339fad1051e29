/** The shape `small` in a real browser: the page from the stream unit, the API on another site, under the deployed policy. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { replies } from '../support/gemini-server.ts';
import { largeVideoPieces } from '../support/large-video.ts';
import { client, TEN_PHOTOS, tokenOf } from '../support/stack.ts';
import { cards, choose, photoPaths, untilCards, untilDrawn } from './page.ts';
import { expectBatch, type Small, startSmall, type WatchedWindow } from './small.ts';

let small: Small;
let stack: Small['stack'];
let window: WatchedWindow;

beforeAll(async () => {
  small = await startSmall();
  stack = small.stack;
});
afterAll(() => small.close());
beforeEach(async () => {
  window = await small.open();
});
afterEach(async () => {
  await window.context.close();
  small.gemini.reset();
  // Refused by the content security policy, or by CORS: none of it.
  expect(window.complaints).toEqual([]);
});

test('ten photos, live: the page asks the API on another site, and the stream on its own', () =>
  expectBatch(window, stack, TEN_PHOTOS));

test('a video of 40 MB goes straight to Cloud Storage', async () => {
  const { page, sent } = window;
  const folder = mkdtempSync(join(tmpdir(), 'large-'));
  const path = join(folder, 'holiday.mov');
  await writeFile(path, largeVideoPieces(40 * 2 ** 20));
  await page.goto(stack.url);
  await page.locator('input[type=file]').setInputFiles(path);
  await page.locator('.ma-card[data-stage=completed] h3[title="holiday.mov"]').waitFor();
  const puts = sent.filter((each) => each.startsWith('PUT '));
  // In pieces, as large as the line is fast.
  expect(puts.length).toBeGreaterThan(1);
  for (const put of puts) expect(put).toContain(stack.environment.STORAGE_EMULATOR_HOST);
  rmSync(folder, { recursive: true });
});

test('a user with a token: a failed photo is tried again, looked at, and deleted', async () => {
  const { page } = window;
  const token = await tokenOf(stack, 'alice');
  await page.addInitScript((value) => {
    globalThis.mediaAnalysis = { getToken: () => value };
  }, token);
  small.gemini.enqueue(replies.invalidArgument());
  await page.goto(stack.url);
  // The browser cannot show a HEIC photo, so its picture comes by a signed address.
  await choose(page, photoPaths(['21-cat-iphone.heic']));
  await untilCards(page, 'failed', 1);
  await page.getByRole('button', { name: 'Retry' }).click();
  await untilCards(page, 'completed', 1);
  await untilDrawn(page, '.ma-card img');
  await cards(page).hover();
  await page.getByRole('button', { name: 'Delete 21-cat-iphone.heic' }).click();
  await page.getByText('Drop photos and videos here').waitFor();
  const { media } = (await (await client(stack, token).call('/api/media')).json()) as {
    media: unknown[];
  };
  expect(media).toEqual([]);
});
