/** What took the longest to be noticed: real files over lines that people have, at their real speed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { largeVideoPieces } from '../support/large-video.ts';
import { cards, choose, noisyPhotos, slowDown, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';

const MINUTE_MS = 60_000;

let photos: Photos;
beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(() => photos.close());

async function openSlow(bytesPerSecond: number) {
  const { page, context } = await photos.open();
  page.setDefaultTimeout(20 * MINUTE_MS);
  await page.goto(photos.stack.url);
  await page.getByText('Drop photos and videos here').waitFor();
  await slowDown(page, bytesPerSecond);
  return { page, context };
}

test(
  'a clip of 30 MiB at 95 kB/s',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slow-'));
    const path = join(folder, 'clip.mov');
    await writeFile(path, largeVideoPieces(30 * 2 ** 20));
    const { page, context } = await openSlow(95_000);
    await page.locator('input[type=file]').setInputFiles(path);
    await untilCards(page, 'completed', 1);
    await context.close();
    await photos.removeAll();
    rmSync(folder, { recursive: true });
  },
  20 * MINUTE_MS,
);

test(
  '18 photos of 1.4 MB at 400 kbit/s',
  async () => {
    const { page, context } = await openSlow(50_000);
    const large = await noisyPhotos(18, { width: 1_620, height: 1_080 });
    for (const { buffer } of large) expect(buffer.length).toBeGreaterThan(1_300_000);
    await choose(page, large);
    await untilCards(page, 'completed', 18);
    expect(await cards(page).count()).toBe(18);
    await context.close();
    await photos.removeAll();
  },
  30 * MINUTE_MS,
);
