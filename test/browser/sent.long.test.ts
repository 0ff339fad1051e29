/** A large file on a slow line: its card says how much of it has been sent. */
import { expect, test } from '@jest/globals';
import { cards, choose, noisyPhotos, slowDown } from './page.ts';
import { startPhotos } from './photos.ts';

test('the card of a large file on a slow line says how much has been sent, and goes on saying it', async () => {
  const photos = await startPhotos();
  const { page, context } = await photos.open();
  try {
    await page.goto(photos.stack.url);
    await page.getByText('Drop photos and videos here').waitFor();
    const large = await noisyPhotos(1, { width: 4_000, height: 3_000 });
    await slowDown(page, 150_000);
    await choose(page, large);
    const said = cards(page, 'sending').getByText(/Uploading\s+\d+\.\d of \d+(\.\d)?\sMB/);
    await said.waitFor();
    const first = (await said.textContent()) ?? '';
    await cards(page, 'sending')
      .locator('.ma-stage-label', { hasNotText: first, hasText: 'MB' })
      .waitFor();
    expect(await cards(page, 'failed').count()).toBe(0);
  } finally {
    await context.close();
    await photos.removeAll();
    await photos.close();
  }
});
