/** What a person gets on paper: the photos with their words, and nothing to press. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cards, choose, photoPaths, pressInMenu, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';

let photos: Photos;
beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(() => photos.close());

test('what is shown is printed with its words; what is selected or open, alone', async () => {
  const { page, context, complaints } = await photos.open({ colorScheme: 'dark' });
  await page.goto(photos.stack.url);
  await choose(page, photoPaths(['02-cat.png', '05-dogs.jpg']));
  await untilCards(page, 'completed', 2);
  await page.locator('.ma-more-button').waitFor();
  const printed = page.locator('.ma-printed article');
  const print = async () => {
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  };
  const end = async () => {
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await page.emulateMedia({ media: 'screen' });
    expect(await printed.count()).toBe(0);
  };
  await print();
  expect(await printed.count()).toBe(2);
  expect(await page.getByRole('button').count()).toBe(0);
  for (const name of ['02-cat.png', '05-dogs.jpg']) {
    const article = printed.filter({ hasText: name });
    await article.locator('img').waitFor();
    expect(await article.locator('p').first().textContent()).not.toBe('');
  }
  expect((await page.pdf()).byteLength).toBeGreaterThan(20_000);
  await end();

  await pressInMenu(page, 'Select');
  await cards(page).getByRole('checkbox').first().check();
  await print();
  expect(await printed.count()).toBe(1);
  await end();
  await page.keyboard.press('Escape');
  await cards(page).getByRole('button', { name: /^Open/ }).first().click();
  await page.getByRole('dialog').waitFor();
  await print();
  expect(await printed.count()).toBe(1);
  expect(await page.getByRole('dialog').count()).toBe(0);
  await end();
  expect(complaints).toEqual([]);
  await context.close();
});
