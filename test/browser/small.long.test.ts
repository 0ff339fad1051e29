/** The shape `small` in a real browser, with ten photos and with a large video. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { largeVideoPieces } from '../support/large-video.ts';
import { TEN_PHOTOS } from '../support/stack.ts';
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
