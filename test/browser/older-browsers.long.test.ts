/** The page in the oldest browsers that it is made for, on a network of one's own, by plain http. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { largeVideoPieces } from '../support/large-video.ts';
import { TEN_PHOTOS } from '../support/stack.ts';
import { cards, choose, photoPaths, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';

let photos: Photos;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'older-'));
  photos = await startPhotos();
});
afterAll(async () => {
  await photos.close();
  rmSync(folder, { recursive: true });
});

test('without what they lack, and on a page by plain http: photos and a large video come to their results', async () => {
  const { page, context, complaints } = await photos.open();
  await page.addInitScript(() => {
    const drop = (object: object, ...names: string[]) => {
      for (const name of names) Reflect.deleteProperty(object, name);
    };
    drop(Promise, 'withResolvers');
    drop(AbortSignal, 'any');
    drop(URL, 'canParse');
    drop(Array.prototype, 'toReversed', 'toSorted', 'toSpliced', 'with');
    drop(Crypto.prototype, 'randomUUID', 'subtle');
    drop(Navigator.prototype, 'locks', 'serviceWorker', 'clipboard');
  });
  const video = join(folder, 'holiday.mov');
  await writeFile(video, largeVideoPieces(40 * 2 ** 20));
  await page.goto(photos.stack.url);
  await choose(page, [...photoPaths(TEN_PHOTOS.slice(0, 2)), video]);
  await untilCards(page, 'completed', 3);
  await page.getByText('All done').waitFor();
  expect(await cards(page, 'failed').count()).toBe(0);
  expect(complaints).toEqual([]);
  await context.close();
});
