/** A folder that holds other things than photos and videos: the page names what it leaves out. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { file } from '../support/stack.ts';
import { accessibilityProblems, photoPaths, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';

const SHOTS = process.env.SKIPPED_SHOTS;

let photos: Photos;
let folder: string;
beforeAll(async () => {
  photos = await startPhotos();
  folder = await mkdtemp(join(tmpdir(), 'trip-'));
  for (const name of ['notes.txt', 'film.mkv', '.DS_Store', 'Thumbs.db'])
    await writeFile(join(folder, name), name);
  await writeFile(join(folder, 'cat.png'), await (await file('02-cat.png')).bytes());
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await photos.close();
});

test.each([
  [
    ...(['en-GB', { width: 1280, height: 860 }, 'Choose a folder', 'Add photos'] as const),
    /^2 files were skipped, as the format is not supported: (film\.mkv, notes\.txt|notes\.txt, film\.mkv)$/,
  ],
  [
    ...(['ja-JP', { width: 390, height: 844 }, 'フォルダーを選択', '写真を追加'] as const),
    /^対応していない形式のため、2件のファイルを除外しました：(film\.mkv、notes\.txt|notes\.txt、film\.mkv)$/,
  ],
])('in %s, until other files are chosen', async (locale, viewport, button, other, text) => {
  const { page, context, complaints } = await photos.open({ locale, viewport });
  await page.goto(photos.stack.url);
  const press = async (name: string, files: string | string[]) => {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name, exact: true }).click();
    await (await chooser).setFiles(files);
  };
  await press(button, folder);
  await untilCards(page, 'completed', 1);
  await page.getByText(text).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/skipped-${locale}.png` });
  await press(other, photoPaths(['08-lake.jpg']));
  await untilCards(page, 'completed', 2);
  expect(await page.getByText(text).count()).toBe(0);
  expect(complaints).toEqual([]);
  await context.close();
  await photos.removeAll();
});
