/** The same file chosen again: the page says that it is there already, and leads to it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { soon } from '../support/eventually.ts';
import { client, file } from '../support/stack.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  photoPaths,
  untilCards,
  untilViewed,
} from './page.ts';
import { type Photos, startPhotos } from './photos.ts';

const SHOTS = process.env.SAME_FILE_SHOTS;

let photos: Photos;
beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(() => photos.close());

const DESKTOP = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };

test.each([
  ['en-GB', DESKTOP, 'You have this file already, as “first.png”.', 'Show that one'],
  ['ja-JP', PHONE, '同じファイルがすでにあります：first.png', 'そちらを表示'],
])('in %s, until the other is gone', async (locale, viewport, text, show) => {
  const { page, context, complaints } = await photos.open({ locale, viewport });
  const user = client(photos.stack);
  const bytes = await file('02-cat.png');
  // In the language in which the page asks: only such copies share a description.
  const form = new FormData();
  form.append('language', locale.slice(0, 2));
  form.append('files', bytes, 'first.png');
  const first = await user.call('/api/agent/analyze-media', {
    method: 'POST',
    body: form,
  });
  const { media_ids } = (await first.json()) as { media_ids: string[] };
  const [id = ''] = media_ids;
  await user.results(media_ids);
  await page.goto(photos.stack.url);
  await untilCards(page, 'completed', 1);
  // Under its own name it is another file to the page, which finds out by the bytes.
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'completed', 2);
  const open = (name: string) =>
    cards(page)
      .filter({ has: page.locator(`h3[title="${name}"]`) })
      .locator('button.ma-card-picture');
  await open('first.png').click();
  const dialog = page.getByRole('dialog');
  await untilViewed(page, 'first.png');
  expect(await dialog.getByText(text).count()).toBe(0);
  await page.keyboard.press('Escape');
  await open('02-cat.png').click();
  await dialog.getByText(text).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  if (SHOTS) {
    await dialog.getByText(text).scrollIntoViewIfNeeded();
    await page.screenshot({ path: `${SHOTS}/same-${locale}.png` });
  }
  await dialog.getByRole('button', { name: show }).click();
  await page.waitForURL(`**/?media=${id}`);
  await dialog.getByText(text).waitFor({ state: 'detached' });
  await page.goBack();
  await user.call(`/api/media/${id}?permanently=true`, { method: 'DELETE' });
  await page.reload();
  const asked = page.waitForResponse((response) => response.url().includes(`ids=${id}`));
  await open('02-cat.png').click();
  await untilViewed(page, '02-cat.png');
  // The state of the other one has been asked for.
  expect((await asked).status()).toBe(404);
  expect(await dialog.getByText(text).count()).toBe(0);
  expect(complaints.filter((each) => !/404/.test(each))).toEqual([]);
  await context.close();
  await photos.removeAll();
});

test.each([
  [
    'en-GB',
    DESKTOP,
    '“02-cat.png” is already here.',
    'Leave out',
    'Show it',
    '2 of these',
    'Keep both',
  ],
  ['ja-JP', PHONE, '「02-cat.png」はすでにあります。', '追加しない', '表示', '2件は', '両方残す'],
])(
  'in %s, the second of the same is not sent before somebody wants both',
  async (locale, viewport, text, leave, show, many, keep) => {
    const { page, context, complaints } = await photos.open({ locale, viewport });
    await page.goto(photos.stack.url);
    await choose(page, photoPaths(['02-cat.png']));
    await untilCards(page, 'completed', 1);
    await choose(page, photoPaths(['02-cat.png']));
    const notice = page.getByRole('status').filter({ hasText: text });
    await notice.waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/same-notice-${locale}.png` });
    await page.getByRole('button', { name: show, exact: true }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: leave }).press('Enter');
    await notice.waitFor({ state: 'detached' });
    await soon(async () =>
      expect(await page.evaluate(() => document.activeElement?.className)).toBe('ma-gallery'),
    );
    expect(await cards(page).count()).toBe(1);

    // What is new is sent meanwhile.
    await choose(page, photoPaths(['02-cat.png', '03-coffee.webp']));
    await notice.waitFor();
    await untilCards(page, 'completed', 2);
    await choose(page, photoPaths(['03-coffee.webp']));
    await page.getByText(many).waitFor();
    await page.getByRole('button', { name: keep }).press('Enter');
    await untilCards(page, 'completed', 4);
    expect(complaints).toEqual([]);
    await context.close();
    await photos.removeAll();
  },
);
