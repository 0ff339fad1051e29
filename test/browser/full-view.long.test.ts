/** The full view in a real browser: how large its picture is, and what it does with a media that is gone or odd. */
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page, Route } from 'playwright-core';
import { soon } from '../support/eventually.ts';
import { client, file, tokenOf } from '../support/stack.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  photoPaths,
  untilCards,
  untilDrawn,
} from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

const DESKTOP = { viewport: { width: 1280, height: 860 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };
/** On a touch screen those beside it are there too. */
const PICTURE = '.ma-slide:not([data-side]) .ma-picture img:first-child';

let photos: Photos;
let window: TestWindow;
let page: Page;
beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(() => photos.close());
afterEach(async () => {
  await window.context.close();
  await photos.removeAll();
});

/** Opens the page with these photos, which are described already. */
async function open(names: readonly string[], options: BrowserContextOptions): Promise<void> {
  window = await photos.open(options);
  page = window.page;
  const user = client(photos.stack);
  const { media_ids } = await user.analyze(await Promise.all(names.map(file)));
  // While a batch goes on, the first one of it is on top; later the last one.
  await user.results(media_ids);
  await page.goto(photos.stack.url);
  await untilCards(page, 'completed', names.length);
}

/** From the next answer on, what the server tells of media is changed, in a list and of one that is opened by a link. */
const tell = async (change: (media: Record<string, unknown>) => unknown) => {
  // The stream would tell of it as it is.
  await page.route('**/api/media/stream*', () => undefined);
  await page.route(/\/api\/media(\?|\/[A-Za-z0-9]{20}$)/, async (route) => {
    if (route.request().method() !== 'GET') return route.fallback();
    const response = await route.fetch();
    if (!response.headers()['content-type']?.includes('json')) return route.fulfill({ response });
    const json = (await response.json()) as Record<string, unknown>;
    const all = (json.media ?? [json]) as Record<string, unknown>[];
    if (response.ok()) all.forEach(change);
    await route.fulfill({ response, json });
  });
};

const openFirst = async () => {
  await cards(page)
    .getByRole('button', { name: /^(Open|.*を開く)/ })
    .first()
    .click();
  await untilDrawn(page, '.ma-picture img:first-child');
};

/** What follows a change of the layout is done. */
const untilFrame = () =>
  page.evaluate(
    () =>
      new Promise<void>((resolve) =>
        requestAnimationFrame(() => requestAnimationFrame(() => resolve())),
      ),
  );

const SHOTS = process.env.SCREENSHOTS;
const untilBare = () => page.locator('.ma-details[data-bare]').waitFor();
const untilFacts = () => page.locator('.ma-details:not([data-bare])').waitFor();

async function boxOf(selector: string) {
  const box = await page.locator(selector).first().boundingBox();
  if (!box) throw new Error(`${selector} is not shown`);
  return box;
}

test.each([
  ['a window of a desktop', DESKTOP, { width: 870, height: 490 }],
  ['a phone', PHONE, { width: 390, height: 219 }],
])(
  'in %s, a wide photo is as wide as there is room, and zoomed it fills all of it',
  async (_, options, least) => {
    await open(['08-lake.jpg'], options);
    await openFirst();
    const picture = await boxOf('.ma-picture');
    expect(picture.width).toBeGreaterThanOrEqual(least.width);
    expect(picture.height).toBeGreaterThanOrEqual(least.height);
    // Nothing lies on it. Fingers need no buttons.
    const zoom = page.locator('.ma-zoom-buttons');
    if ('hasTouch' in options) expect(await zoom.isVisible()).toBe(false);
    else expect((await zoom.boundingBox())?.y).toBeGreaterThanOrEqual(picture.y + picture.height);
    // The facts can be seen beside it or below it.
    expect((await boxOf('.ma-details h2')).y).toBeLessThan(options.viewport.height - 40);
    const stage = await boxOf('.ma-zoom-frame');
    expect(stage.height).toBeGreaterThan(1.5 * picture.height);
    for (let n = 0; n < 3; n++) await page.keyboard.press('+');
    const near = await boxOf('.ma-picture');
    expect(near.y).toBeLessThanOrEqual(stage.y);
    expect(near.y + near.height).toBeGreaterThanOrEqual(stage.y + stage.height);
  },
);

test.each([
  ['844x390', { width: 844, height: 390 }, 340],
  ['667x375', { width: 667, height: 375 }, 330],
])(
  'on a phone that lies on its side, a photo has the screen, and all can be reached: %s',
  async (size, viewport, least) => {
    await open(['08-lake.jpg', '02-cat.png', '18-cat-exif-orientation6.jpg'], {
      viewport,
      hasTouch: true,
    });
    const shoot = async (name: string) => {
      if (process.env.MANY_SHOTS)
        await page.screenshot({ path: `${process.env.MANY_SHOTS}/side-${size}-${name}.png` });
    };
    await page.locator('.ma-card', { has: page.locator('[title="02-cat.png"]') }).waitFor();
    await page
      .locator('.ma-card', { has: page.locator('[title="08-lake.jpg"]') })
      .locator('.ma-card-picture')
      .click();
    await untilDrawn(page, PICTURE);
    const dialog = page.getByRole('dialog');
    const buttons = page.locator(
      '.ma-close, .ma-details[data-bare] .ma-turn-facts, .ma-turn, .ma-zoom-buttons button',
    );
    const expectApart = async () => {
      const boxes = await buttons.evaluateAll((all) =>
        all.map((each) => each.getBoundingClientRect().toJSON() as DOMRect),
      );
      for (const [i, a] of boxes.entries()) {
        expect(a.top).toBeGreaterThanOrEqual(0);
        expect(a.bottom).toBeLessThanOrEqual(viewport.height);
        for (const b of boxes.slice(i + 1))
          expect(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).toBe(
            false,
          );
      }
    };
    await expectApart();
    await shoot('wide');
    const picture = await boxOf('.ma-slide:not([data-side]) .ma-picture');
    expect(picture.height).toBeGreaterThanOrEqual(least);
    expect(picture.y + picture.height).toBeLessThan(viewport.height);
    // The sheet below it shows that there is more.
    expect((await boxOf('.ma-details-facts')).y).toBeLessThanOrEqual(viewport.height - 20);
    await page.locator('.ma-details-facts > :last-child').scrollIntoViewIfNeeded();
    await dialog.getByRole('button', { name: /^Delete/ }).click({ trial: true });
    await shoot('facts');
    await page.keyboard.press('i');
    await untilBare();
    await expectApart();
    await shoot('bare');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'detached' });
  },
);

test('a photo that is small is not blown up, and a large window shows the original', async () => {
  await open(['18-cat-exif-orientation6.jpg'], DESKTOP);
  await openFirst();
  expect((await boxOf('.ma-picture')).width).toBe(451);
  expect(await page.locator('.ma-picture-original').count()).toBe(0);
  await window.context.close();
  await photos.removeAll();
  await open(['08-lake.jpg'], { viewport: { width: 1920, height: 1080 } });
  await openFirst();
  await untilDrawn(page, '.ma-picture-original');
});

test.each([
  ['a desktop', { ...DESKTOP, locale: 'en-GB' }, 'Details', 'Close', 'Mark objects in the picture'],
  ['a phone', { ...PHONE, locale: 'ja-JP' }, '詳細', '閉じる', '写真の中の物体を枠で示す'],
])(
  'on %s, the facts can be put away, by button and by key, and the browser remembers it',
  async (_, options, details, close, mark) => {
    const { viewport } = options;
    await open(['02-cat.png', '08-lake.jpg'], options);
    await tell((media) => Object.assign(media.analytics as object, { objects: OBJECTS }));
    await page.reload();
    await untilCards(page, 'completed', 2);
    await cards(page).locator('button.ma-card-picture').first().click();
    await untilDrawn(page, PICTURE);
    const dialog = page.getByRole('dialog');
    const button = dialog.getByRole('button', { name: details, exact: true });
    const isPressed = () => button.getAttribute('aria-pressed');
    const boxes = page.locator('.ma-slide:not([data-side]) .ma-box');
    await dialog.locator('summary').click();
    await boxes.first().waitFor();
    expect(await isPressed()).toBe('true');
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/facts-${viewport.width}.png` });
    // The key, from within what is put away.
    await dialog.locator('.ma-start-show').focus();
    await page.keyboard.press('i');
    await untilBare();
    const stage = await boxOf('.ma-details-picture');
    expect([stage.width, stage.height]).toEqual([viewport.width, viewport.height]);
    const picture = await boxOf('.ma-slide:not([data-side]) .ma-picture');
    expect(
      Math.max(picture.width / viewport.width, picture.height / viewport.height),
    ).toBeGreaterThan(0.99);
    expect(await dialog.getByLabel(mark).isVisible()).toBe(false);
    expect(await boxes.count()).toBe(0);
    // The keys still reach the view, and its name is still told.
    await soon(async () =>
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H2'),
    );
    expect(await isPressed()).toBe('false');
    expect(await accessibilityProblems(page)).toEqual([]);
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/bare-${viewport.width}.png` });
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.querySelector('[data-to="next"]') === null);
    expect(await button.isVisible()).toBe(true);
    // After a slideshow, which has no facts, they are still away.
    await page.keyboard.press('s');
    await page.locator('.ma-details[data-show]:not([data-bare])').waitFor();
    await page.keyboard.press('Escape');
    await untilBare();
    await soon(async () =>
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H2'),
    );
    await page.reload();
    await untilBare();
    await button.click();
    await untilFacts();
    expect(await isPressed()).toBe('true');
    expect((await boxOf('.ma-details h2')).height).toBeGreaterThan(10);
    await dialog.locator('summary').click();
    await dialog.getByLabel(mark).uncheck();
    await page.reload();
    // What is still loaded moves it, and a press of the mouse would end beside it.
    await dialog.locator('summary').press('Enter');
    expect(await dialog.getByLabel(mark).isChecked()).toBe(false);
    expect([await boxes.count(), await isPressed()]).toEqual([0, 'true']);
    await button.press('Enter');
    await untilBare();
    await dialog.getByRole('button', { name: close }).click();
    await dialog.waitFor({ state: 'detached' });
  },
);

test('a picture that grows when the facts are put away is drawn from the original', async () => {
  await open(['08-lake.jpg'], DESKTOP);
  await openFirst();
  const { width } = await boxOf('.ma-picture');
  const preview = await page
    .locator(PICTURE)
    .evaluate((each) => (each instanceof HTMLImageElement ? each.naturalWidth : NaN));
  // Otherwise this test says nothing.
  expect(width).toBeLessThan(1.25 * preview);
  expect(await page.locator('.ma-picture-original').count()).toBe(0);
  await page.keyboard.press('i');
  await untilDrawn(page, '.ma-picture-original');
});

const OBJECTS = [
  { label: 'person', confidence: 0.9, box: { x: 0.1, y: 0.2, width: 0.3, height: 0.6 } },
  { label: 'cup', confidence: 0.8, box: { x: 0.6, y: 0.5, width: 0.06, height: 0.1 } },
  { label: 'bottle', confidence: 0.7, box: { x: 0.62, y: 0.5, width: 0.06, height: 0.1 } },
  { label: 'chair', confidence: 0.6, box: { x: 0.64, y: 0.5, width: 0.06, height: 0.1 } },
];

test('boxes stay on their objects at each zoom, and no label lies on another one', async () => {
  await open(['08-lake.jpg'], PHONE);
  await tell((media) => Object.assign(media.analytics as object, { objects: OBJECTS }));
  await page.reload();
  await untilCards(page, 'completed', 1);
  await openFirst();
  await page.locator('.ma-measured > summary').click();
  await untilFrame();
  const shown = page.locator('.ma-box-label:visible');
  expect(await shown.allTextContents()).not.toContain('bottle');
  for (let n = 0; n < 4; n++) {
    const picture = await boxOf('.ma-picture');
    for (const [i, { box }] of OBJECTS.entries()) {
      const drawn = await page.locator('.ma-box').nth(i).boundingBox();
      expect(drawn && (drawn.x - picture.x) / picture.width).toBeCloseTo(box.x, 2);
      expect(drawn && (drawn.y - picture.y) / picture.height).toBeCloseTo(box.y, 2);
      expect(drawn && drawn.width / picture.width).toBeCloseTo(box.width, 2);
    }
    await untilFrame();
    // The words stay as large as they are.
    expect((await boxOf('.ma-box-label')).height).toBeLessThan(24);
    const rects = await shown.evaluateAll((all) =>
      all.map((each) => each.getBoundingClientRect().toJSON() as DOMRect),
    );
    for (const [i, a] of rects.entries())
      for (const b of rects.slice(i + 1))
        expect(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).toBe(
          false,
        );
    for (let k = 0; k < 2; k++) await page.keyboard.press('+');
  }
  // Closer up, there is room for each.
  expect(await shown.allTextContents()).toContain('bottle');
});

/** What no part of the page expects, each of its own kind. */
const ODD: Record<string, (media: Record<string, unknown>) => void> = {
  'no tags': (media) => Object.assign(media.analytics as object, { tags: null }),
  'a title of many parts': (media) =>
    Object.assign(media.analytics as object, { title: { en: 'A cat' } }),
  'no colours and no facts': (media) => Object.assign(media, { analytics: { summary: 'x' } }),
  'no kind': (media) => Object.assign(media, { content_type: null }),
};

test.each([
  ['en-GB', 'This item cannot be shown here.'],
  ['ja-JP', 'この項目は表示できません。'],
])(
  'one media that the page cannot draw says so in its card, and the others stay: %s',
  async (locale, text) => {
    await open(['02-cat.png', '03-coffee.webp'], { ...DESKTOP, locale });
    const odd = page.locator('.ma-card', { has: page.locator('[title="02-cat.png"]') });
    const id = await odd.getAttribute('data-media-id');
    for (const [kind, change] of Object.entries(ODD)) {
      await page.unroute('**/api/media?*');
      await tell((media) => media.id === id && change(media));
      await page.goto(photos.stack.url);
      await cards(page).nth(1).waitFor();
      // The page is there, whatever became of that card.
      expect([kind, await page.locator('h3[title="03-coffee.webp"]').count()]).toEqual([kind, 1]);
      expect([kind, await page.locator('.ma-upload').count()]).toEqual([kind, 1]);
    }
    await page.unroute('**/api/media?*');
    await tell((media) => media.id === id && ODD['a title of many parts']?.(media));
    await page.goto(photos.stack.url);
    await page.locator(`.ma-card[data-media-id="${id}"]`).getByText(text).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    // A link to it leads to the list.
    await page.goto(`${photos.stack.url}/?media=${id}`);
    await page.locator(`.ma-card[data-media-id="${id}"]`).getByText(text).waitFor();
    await page.locator('.ma-many-stack').first().waitFor({ state: 'attached' });
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.locator('h3[title="03-coffee.webp"]').count()).toBe(1);
    expect(window.complaints.join()).toMatch(/null|undefined|object/);
  },
);

test.each([
  ['en-GB', '“02-cat.png” is no longer in your library.', 'Bin'],
  ['ja-JP', '「02-cat.png」はライブラリからなくなりました。', 'ごみ箱'],
])(
  'what another device deletes closes in full view when one comes back to the page, and says so: %s',
  async (locale, text, bin) => {
    await open(['02-cat.png'], { ...DESKTOP, locale });
    await openFirst();
    const id = await cards(page).getAttribute('data-media-id');
    await client(photos.stack).call(`/api/media/${id}`, { method: 'DELETE' });
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    const notice = page.getByRole('alert');
    await notice.getByText(text).waitFor();
    expect(await page.locator('.ma-details').count()).toBe(0);
    expect(await cards(page).count()).toBe(0);
    await soon(async () =>
      expect(await page.evaluate(() => document.activeElement?.className)).toBe('ma-gallery'),
    );
    expect(await accessibilityProblems(page)).toEqual([]);
    // From there it can be brought back.
    await notice.getByRole('button', { name: bin }).click();
    await page.getByRole('dialog', { name: bin }).getByText('02-cat.png').first().waitFor();
    await notice.waitFor({ state: 'detached' });
  },
);

test('what is gone already when it is opened says so, too', async () => {
  await open(['02-cat.png'], DESKTOP);
  // Otherwise the page would know.
  await page.route('**/api/media/stream*', () => undefined);
  await page.reload();
  await untilCards(page, 'completed', 1);
  const id = await cards(page).getAttribute('data-media-id');
  await client(photos.stack).call(`/api/media/${id}`, { method: 'DELETE' });
  await cards(page).getByRole('button', { name: /^Open/ }).click();
  await page.getByRole('alert').getByText('“02-cat.png” is no longer in your library.').waitFor();
  expect(await cards(page).count()).toBe(0);
});

const CLIP = fileURLToPath(new URL('../videos/clip.webm', import.meta.url));
const UNLOADED = { en: 'The file could not be loaded.', ja: 'ファイルを読み込めませんでした。' };

/** The service answers that something went wrong. */
const refuse = (route: Route) =>
  route.fulfill({
    status: 500,
    contentType: 'application/problem+json',
    json: {
      type: 'about:blank',
      title: 'Internal',
      status: 500,
      code: 'internal',
      detail: 'Oops.',
    },
  });

test.each([
  ['en-GB', UNLOADED.en, 'Try again'],
  ['ja-JP', UNLOADED.ja, 'もう一度試す'],
])(
  'where the file of a picture or a video does not come, the full view says so, and tries it again: %s',
  async (locale, text, again) => {
    const token = await tokenOf(photos.stack, 'bob');
    window = await photos.open({ ...DESKTOP, locale });
    page = window.page;
    await page.addInitScript((value) => {
      globalThis.mediaAnalysis = { getToken: () => value };
    }, token);
    await page.goto(photos.stack.url);
    await choose(page, [...photoPaths(['02-cat.png']), CLIP]);
    await untilCards(page, 'completed', 2);
    const addresses = /\/api\/media\/[^/]+\/(preview|content)$/;
    await page.route(addresses, refuse);
    const dialog = page.getByRole('dialog');
    for (const [name, selector] of [
      ['02-cat.png', '.ma-picture img'],
      ['clip.webm', 'video'],
    ] as const) {
      await page
        .locator('.ma-card', { has: page.locator(`[title="${name}"]`) })
        .locator('button.ma-card-picture')
        .click();
      await dialog.getByText(text).waitFor();
      expect(await page.locator(selector).count()).toBe(0);
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.unroute(addresses, refuse);
      await dialog.getByRole('button', { name: again }).click();
      await page.waitForFunction(
        (shown) => {
          const each = document.querySelector<HTMLImageElement & HTMLVideoElement>(shown);
          return each && (each.naturalWidth > 0 || each.readyState > 0);
        },
        selector,
        { polling: 100 },
      );
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await page.route(addresses, refuse);
    }
    for (const id of await cards(page).evaluateAll((all) =>
      all.map((each) => each.getAttribute('data-media-id')),
    ))
      await client(photos.stack, token).call(`/api/media/${id}?permanently=true`, {
        method: 'DELETE',
      });
  },
);

test('so it does where the browser itself cannot load a picture', async () => {
  await open(['02-cat.png'], DESKTOP);
  const previews = '**/api/media/*/preview';
  await page.route(previews, (route) => route.abort());
  await page.reload();
  await cards(page).getByRole('button', { name: /^Open/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(UNLOADED.en).waitFor();
  await page.unroute(previews);
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await untilDrawn(page, '.ma-picture img');
});

test('until the preview has come, what is on the card stands in for it', async () => {
  await open(['08-lake.jpg'], DESKTOP);
  await untilDrawn(page, '.ma-card img');
  const width = await page.locator('.ma-card img').evaluate((each) => {
    return each instanceof HTMLImageElement && each.naturalWidth;
  });
  // A card needs no more of it.
  expect(width).toBe(640);
  const asked = Promise.withResolvers<Route>();
  await page.route('**/api/media/*/preview', (route) => asked.resolve(route));
  await cards(page).getByRole('button', { name: /^Open/ }).click();
  const route = await asked.promise;
  const picture = page.locator('.ma-picture img');
  const behind = () => picture.evaluate((each) => getComputedStyle(each).backgroundImage);
  expect(await behind()).toMatch(/size=small"\)$/);
  expect((await boxOf('.ma-picture')).width).toBeGreaterThan(800);
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/full-view-before-preview.png` });
  await route.continue();
  await untilDrawn(page, '.ma-picture img');
  expect(await behind()).toBe('none');
});

test('the card of a video says how long it is, also without a poster', async () => {
  await open(['02-cat.png'], DESKTOP);
  await choose(page, [CLIP]);
  await untilCards(page, 'completed', 2);
  const drawn = () =>
    page
      .locator('.ma-thumb-video')
      .evaluateAll((all) => all.map((each) => getComputedStyle(each, '::after').content));
  await page.locator('.ma-thumb-video[data-length]').waitFor();
  expect(await drawn()).toEqual(['"0:02"']);
  await tell((media) => Object.assign(media, { frames: undefined }));
  await page.reload();
  await untilCards(page, 'completed', 2);
  await page.locator('.ma-thumb-video[data-length]').waitFor();
  expect(await drawn()).toEqual(['"0:02"']);
  await untilDrawn(page, '.ma-card img');
  expect(await accessibilityProblems(page)).toEqual([]);
});

test.each([
  ['en-GB', 'Edit title, summary and tags', 'Title', 'Edited by you'],
  ['ja-JP', 'タイトル・説明・タグを編集', 'タイトル', '編集済み'],
])(
  'on a phone, a title is edited where it stands, among the first buttons: %s',
  async (locale, edit, title, edited) => {
    await open(['08-lake.jpg'], { ...PHONE, locale });
    await openFirst();
    const dialog = page.getByRole('dialog');
    const button = dialog.getByRole('button', { name: edit });
    // Nothing has to be scrolled for it.
    const box = await button.boundingBox();
    expect(box && box.y + box.height).toBeLessThan(PHONE.viewport.height);
    const places = () =>
      dialog
        .locator('.ma-details-actions .ma-button')
        .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().toJSON() as DOMRect));
    const before = await places();
    // A second press at the same place meets no other button.
    await button.dblclick();
    const field = dialog.getByLabel(title, { exact: true });
    expect(await places()).toEqual(before);
    expect(await field.evaluate((each) => each === document.activeElement)).toBe(true);
    // It stands in the place of the title, which is not there twice.
    expect((await dialog.getByRole('heading', { level: 2 }).boundingBox())?.height).toBe(1);
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByLabel(title, { exact: true }).fill('My lake');
    await page.keyboard.press('Enter');
    await dialog.getByRole('heading', { name: 'My lake' }).waitFor();
    await dialog.getByText(edited).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    if (process.env.MANY_SHOTS)
      await page.screenshot({ path: `${process.env.MANY_SHOTS}/edit-${locale}.png` });
  },
);
