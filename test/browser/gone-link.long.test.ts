/** An address of a media that is not there any more: the page says so, and forgets it. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { client, eventually, file } from '../support/stack.ts';
import { accessibilityProblems, cards, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';

let photos: Photos;
beforeAll(async () => {
  photos = await startPhotos();
});
afterEach(() => photos.removeAll());
afterAll(() => photos.close());

const photo = async () => {
  const { media_ids } = await client(photos.stack).analyze([await file('02-cat.png')]);
  return media_ids[0] ?? '';
};

const GONE = {
  en: 'It was deleted, or is not yours.',
  ja: '見つかりません。削除された可能性があります。',
};

test.each([
  ['en-GB', GONE.en, 'Close'],
  ['ja-JP', GONE.ja, '閉じる'],
])(
  'a link to what is in the bin says that it is gone, once, until it is closed: in %s',
  async (locale, text, close) => {
    const { page, context } = await photos.open({ locale });
    const id = await photo();
    await client(photos.stack).call(`/api/media/${id}`, { method: 'DELETE' });
    await page.goto(`${photos.stack.url}/?media=${id}`);
    const notice = page.getByRole('alert');
    await notice.getByText(text).waitFor();
    expect(page.url()).toBe(`${photos.stack.url}/`);
    expect(await accessibilityProblems(page)).toEqual([]);
    await notice.getByRole('button', { name: close }).click();
    await notice.waitFor({ state: 'detached' });
    await context.close();
  },
);

test('a link to what was never stored says why', async () => {
  const { page, context } = await photos.open();
  const text = new File(['no photo at all'], 'note.jpg', { type: 'image/jpeg' });
  const { media_ids } = await client(photos.stack).analyze([text]);
  await page.goto(`${photos.stack.url}/?media=${media_ids[0]}`);
  const notice = page.getByRole('alert');
  await notice.getByText('note.jpg').waitFor();
  expect(page.url()).toBe(`${photos.stack.url}/`);
  await notice.getByRole('button', { name: 'Close' }).click();
  await notice.waitFor({ state: 'detached' });
  await context.close();
});

test('Forward to what was deleted in the full view leads to the list', async () => {
  const { page, context } = await photos.open();
  await photo();
  await page.goto(photos.stack.url);
  await untilCards(page, 'completed', 1);
  await cards(page).getByRole('button', { name: /^Open/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Moved to the bin.').waitFor();
  await page.waitForURL(`${photos.stack.url}/`);
  await page.goForward({ waitUntil: 'commit' }).catch(() => undefined);
  await eventually(() => Promise.resolve(page.url() === `${photos.stack.url}/` || undefined));
  expect(await page.evaluate(() => history.length)).toBeGreaterThan(2);
  await context.close();
});
