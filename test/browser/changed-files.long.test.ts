/** Files that are changed on the disk while they wait: the others of their request are sent, and each says what it has. */
import { mkdtempSync, rmSync } from 'node:fs';
import { appendFile, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cards, choose, noisyPhotos, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';

let photos: Photos;
const folder = mkdtempSync(join(tmpdir(), 'changed-'));

beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(async () => {
  await photos.close();
  rmSync(folder, { recursive: true });
});

test.each([
  ['en-GB', 'was changed, moved or deleted after it was chosen. Choose it again.'],
  ['ja-JP', 'は移動か変更か削除されたか、権限がないため、読み取れません。もう一度お選びください。'],
])('one that is gone and one that is changed leave the others alone (%s)', async (locale, text) => {
  const { context, page } = await photos.open({ locale });
  await page.goto(photos.stack.url);
  await page.locator('.ma-upload').waitFor();
  const files = await noisyPhotos(4, { width: 300, height: 200 });
  const paths = files.map(({ name }) => join(folder, name));
  await Promise.all(files.map(({ buffer }, n) => writeFile(paths[n] ?? '', buffer)));
  // Nothing is sent before the files have changed.
  const { promise: changed, resolve: change } = Promise.withResolvers<void>();
  await page.route('**/analyze-media', async (route) => {
    await changed;
    await route.continue();
  });
  await choose(page, await noisyPhotos(1));
  await page.locator('input[type=file]').first().setInputFiles(paths);
  await cards(page).nth(4).waitFor();
  await unlink(paths[1] ?? '');
  await appendFile(paths[2] ?? '', 'more');
  change();
  await untilCards(page, 'completed', 3);
  await untilCards(page, 'failed', 2);
  const failed = await cards(page, 'failed').allInnerTexts();
  expect(failed.map((each) => each.includes(text))).toEqual([true, true]);
  expect(failed.join()).toMatch(/1\.jpg.*2\.jpg/s);
  await context.close();
  await photos.removeAll();
});
