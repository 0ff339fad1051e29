/** Files that can never work: the page says so of each, counts them, and lets go of them at one press. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { soon } from '../support/eventually.ts';
import { client, eventually, photo } from '../support/stack.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  notesKept,
  pressInMenu,
  untilCards,
} from './page.ts';
import { type Photos, startPhotos } from './photos.ts';

let photos: Photos;
beforeAll(async () => {
  photos = await startPhotos();
});
afterEach(() => photos.removeAll());
afterAll(() => photos.close());

const inBin = async () => {
  const answer = await client(photos.stack).call('/api/bin');
  return ((await answer.json()) as { media: unknown[] }).media.length;
};

/** Two that the page refuses, two that the service accepts and cannot read, and a photo. */
async function filesOfAllKinds() {
  const cat = await readFile(photo('02-cat.png'));
  const file = (name: string, mimeType: string, buffer: Buffer) => ({ name, mimeType, buffer });
  return [
    file('text.jpg', 'image/jpeg', Buffer.from('no photo')),
    file('cut.png', 'image/png', cat.subarray(0, 20_000)),
    file('a.txt', 'text/plain', Buffer.from('no photo')),
    file('empty.jpg', 'image/jpeg', Buffer.alloc(0)),
    file('02-cat.png', 'image/png', cat),
  ];
}

test.each([
  [
    'en-GB',
    (failed: number) => `1 done, ${failed} failed`,
    (name: string) => `Remove ${name}`,
    ['Show 4 failed', 'Show 2 failed', 'Remove 2'],
    'All done',
  ],
  [
    'ja-JP',
    (failed: number) => `1件完了、${failed}件失敗`,
    (name: string) => `${name}を一覧から削除`,
    ['4件失敗を表示', '2件失敗を表示', '2件を取り除く'],
    'すべて完了',
  ],
] as const)(
  'what failed for good is counted, and removed one by one or at once, past the bin: in %s',
  async (locale, summary, remove, [every, list, removeAll], done) => {
    const { page, context } = await photos.open({ locale });
    await page.goto(photos.stack.url);
    await choose(page, await filesOfAllKinds());
    await untilCards(page, 'completed', 1);
    await untilCards(page, 'failed', 4);
    await page.getByText(summary(4), { exact: true }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    // A card says it in three lines at most, the list of all whole. In Japanese two are of one reason.
    const reasons = page.locator('.ma-card-error');
    const isShort = (all: Element[]) =>
      all.every(
        (each) => each.clientHeight <= 3 * Number.parseFloat(getComputedStyle(each).lineHeight) + 1,
      );
    expect(await reasons.evaluateAll(isShort)).toBe(true);
    await page.getByRole('button', { name: every, exact: true }).click();
    const told = await page.locator('.ma-not-taken-list p').allTextContents();
    expect(told).toHaveLength(locale === 'ja-JP' ? 3 : 4);
    const onCards = await reasons.allTextContents();
    expect(told.filter((each) => !onCards.some((one) => each.startsWith(one)))).toEqual([]);
    await page.keyboard.press('Escape');
    if (process.env.SCREENSHOTS)
      await page.screenshot({ path: `${process.env.SCREENSHOTS}/failed-${locale}.png` });
    // Nothing of them comes back with a reload.
    await eventually(async () => (await notesKept(page)) === 0 || undefined);
    const removeOne = (name: string) =>
      page.getByRole('button', { name: remove(name), exact: true });
    const focused = () => page.evaluate(() => document.activeElement?.ariaLabel);
    await removeOne('a.txt').press('Enter');
    await untilCards(page, 'failed', 3);
    await page.getByText(summary(3), { exact: true }).waitFor();
    // The next one has taken its place.
    await soon(async () => expect(await focused()).toBe(remove('empty.jpg')));
    await removeOne('text.jpg').press('Enter');
    await untilCards(page, 'failed', 2);
    await page.getByText(summary(2), { exact: true }).waitFor();
    await soon(async () => expect(await focused()).toBe(remove('cut.png')));
    await page.getByRole('button', { name: list, exact: true }).click();
    await page.getByRole('button', { name: removeAll, exact: true }).click();
    await untilCards(page, 'failed', 0);
    await page.getByText(done, { exact: true }).waitFor();
    await soon(async () =>
      expect(await page.evaluate(() => document.activeElement?.className)).toBe('ma-gallery'),
    );
    expect(await inBin()).toBe(0);
    await page.reload();
    await untilCards(page, 'completed', 1);
    expect(await cards(page).count()).toBe(1);
    await context.close();
  },
);

test('after the last card was removed, the focus is not lost', async () => {
  const { page, context } = await photos.open();
  await page.goto(photos.stack.url);
  await choose(page, [{ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('x') }]);
  await untilCards(page, 'failed', 1);
  await page.getByRole('button', { name: 'Remove a.txt' }).press('Enter');
  await page.getByText('Drop photos and videos here').waitFor();
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('ma-gallery'),
  );
  await context.close();
});

test('the bin does not offer to bring back what would be of no use', async () => {
  const { page, context } = await photos.open();
  await page.goto(photos.stack.url);
  const [text, , , , cat] = await filesOfAllKinds();
  await choose(
    page,
    [text, cat].flatMap((file) => file ?? []),
  );
  await untilCards(page, 'completed', 1);
  await untilCards(page, 'failed', 1);
  await pressInMenu(page, 'Select');
  await page.getByRole('button', { name: 'Select all' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await pressInMenu(page, 'Bin');
  const dialog = page.getByRole('dialog', { name: 'Bin' });
  await dialog.getByRole('button', { name: 'Restore 02-cat.png' }).waitFor();
  expect(await dialog.getByRole('button', { name: 'Restore text.jpg' }).count()).toBe(0);
  const trash = await Promise.all(
    ['02-cat.png', 'text.jpg'].map((name) =>
      dialog.getByRole('button', { name: `Delete ${name}` }).boundingBox(),
    ),
  );
  expect(trash[0]?.x).toBe(trash[1]?.x);
  await context.close();
});
