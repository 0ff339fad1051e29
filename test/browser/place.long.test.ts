/** The place where a photo was taken, in a real browser: named in the details, and a filter of the search. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { LOUVRE, photoAt, SHIBUYA } from '../support/located.ts';
import { currentPage } from '../support/page.ts';
import { client, type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { accessibilityProblems, cards, untilCards } from './page.ts';
import { openWindow } from './window.ts';

const SHOTS = process.env.PLACE_SHOTS;

let stack: Stack;
let chromium: Awaited<ReturnType<typeof startBrowser>>;
let window: Awaited<ReturnType<typeof openWindow>>;
let page: Page;

beforeAll(async () => {
  await currentPage();
  [stack, chromium] = await Promise.all([
    startStack({ environment: { CAPTURE_LOCATION: 'on', ANALYSIS_MODEL: 'local/facts' } }),
    startBrowser(),
  ]);
  const user = client(stack);
  const { media_ids } = await user.analyze(
    await Promise.all([
      photoAt('louvre.jpg', LOUVRE, { picture: '72-louvre.webp' }),
      photoAt('crossing.jpg', SHIBUYA, { picture: '07-cityscape.jpg' }),
      photoAt('lake.jpg'),
    ]),
  );
  await user.results(media_ids);
});
afterAll(async () => {
  await chromium.close();
  await stack.close();
});
beforeEach(() => open());
afterEach(async () => {
  await window.context.close();
  expect(window.complaints).toEqual([]);
});

async function open(options?: BrowserContextOptions): Promise<void> {
  await window?.context.close();
  window = await openWindow(chromium.browser, options);
  page = window.page;
  await page.goto(stack.url);
  await untilCards(page, 'completed', 3);
}

const shoot = (name: string) =>
  SHOTS === undefined ? undefined : page.screenshot({ path: `${SHOTS}/${name}.png` });

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

test.each([
  ['en', undefined, 'Filters', 'Place', 'Paris, Île-de-France, France'],
  ['ja', PHONE, '絞り込み', '場所', 'フランス、イル＝ド＝フランス、パリ'],
  ['en', PHONE, 'Filters', 'Place', 'Paris, Île-de-France, France'],
  ['ja', undefined, '絞り込み', '場所', 'フランス、イル＝ド＝フランス、パリ'],
])(
  'in %s, the filter finds a photo by its place, and the details name it',
  async (locale, options, filters, label, name) => {
    await open({ locale, ...options });
    // Three photos have no filters until one asks for them.
    await page.goto(`${stack.url}/?sort=oldest`);
    await page.getByRole('button', { name: filters }).click();
    const field = page.getByRole('combobox', { name: label, exact: true });
    await field.fill('パリ');
    await untilCards(page, 'completed', 1);
    expect(new URL(page.url()).searchParams.get('place')).toBe('パリ');
    expect(await accessibilityProblems(page)).toEqual([]);
    const size = options ? 'phone' : 'desktop';
    await shoot(`filter-${locale}-${size}`);
    await page.reload();
    await untilCards(page, 'completed', 1);
    await cards(page)
      .getByRole('button', { name: /louvre/ })
      .first()
      .click();
    const place = page.getByRole('dialog').locator('.ma-place-name');
    await place.waitFor();
    expect(await place.textContent()).toBe(`${name} © GeoNames`);
    expect(await place.getByRole('link').getAttribute('href')).toBe('https://www.geonames.org/');
    await place.scrollIntoViewIfNeeded();
    expect(await accessibilityProblems(page)).toEqual([]);
    await shoot(`details-${locale}-${size}`);
    await place.getByRole('button', { name }).press('Enter');
    const town = locale === 'ja' ? 'パリ' : 'Paris';
    await page.waitForURL(`${stack.url}/?place=${encodeURIComponent(town)}`);
    await untilCards(page, 'completed', 1);
  },
);

test('where none was taken, the page says what there is elsewhere', async () => {
  await page.goto(`${stack.url}/?place=London`);
  await page.getByRole('button', { name: 'Show the whole list' }).click();
  await untilCards(page, 'completed', 3);
});

test('a photo without a place has no line for it', async () => {
  await cards(page).getByRole('button', { name: /lake/ }).first().click();
  await page.getByText('More details').click();
  await page.getByRole('dialog').getByText('Apple iPhone 15 Pro').first().waitFor();
  expect(await page.getByRole('dialog').locator('.ma-place-name').count()).toBe(0);
});
