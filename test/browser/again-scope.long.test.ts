/** "Analyse again" for more than a request may name. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { currentPage } from '../support/page.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { accessibilityProblems, cards, pressInMenu } from './page.ts';
import { shelveLibrary } from './shelve-library.ts';
import { openWindow } from './window.ts';

const MEDIA = 1_030;

let stack: Stack;
let chromium: Awaited<ReturnType<typeof startBrowser>>;
beforeAll(async () => {
  await currentPage();
  [stack, chromium] = await Promise.all([startStack(), startBrowser()]);
  await shelveLibrary(stack, MEDIA);
});
afterAll(async () => {
  await chromium.close();
  await stack.close();
});

test('all that are selected are meant if they are all; of fewer it is said that they are too many', async () => {
  const { page, complaints } = await openWindow(chromium.browser);
  await page.goto(stack.url);
  await cards(page).first().waitFor();
  const bar = page.locator('.ma-many-bar');
  await pressInMenu(page, 'Select');
  await page.getByRole('button', { name: 'Select all' }).click();
  await bar.getByText(`${MEDIA} selected`).waitFor();
  await bar.getByRole('button', { name: /^Analyse again/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Analyse again' });
  await dialog.getByText('Applies to all your files.').waitFor();
  await dialog.getByText(/would be analysed|nothing to analyse/).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();

  await page.evaluate(() => scrollTo(0, 0));
  await page.locator('.ma-card input[type=checkbox]').first().click();
  await bar.getByRole('button', { name: /^Analyse again/ }).click();
  await dialog.getByText('Only the first 1,000 of these at once.').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await dialog.getByText(/would be analysed|nothing to analyse/).waitFor();
  expect(complaints).toEqual([]);
});
