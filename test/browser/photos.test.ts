/** The main job in a real browser: photos in, live progress, results to look at. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createUploadsResponseSchema } from '@media-analysis/shared/large-uploads';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { soon } from '../support/eventually.ts';
import { largeVideoPieces } from '../support/large-video.ts';
import { longTest } from '../support/long-test.ts';
import { client, eventually, file, type Stack, TEN_PHOTOS, tokenOf } from '../support/stack.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  photoPaths,
  pressInMenu,
  pressInNotTaken,
  recordFocus,
  recordProgress,
  untilCards,
  untilDrawn,
  untilViewed,
} from './page.ts';
import { expectBatch, expectNoAccessibilityProblem, type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

let photos: Photos;
let stack: Stack;
let window: TestWindow;
let page: Page;

beforeAll(async () => {
  photos = await startPhotos();
  stack = photos.stack;
});
afterAll(() => photos.close());
beforeEach(() => open());
afterEach(async () => {
  await window.context.close();
  await photos.removeAll();
  expect(window.complaints).toEqual([]);
});

async function open(options?: BrowserContextOptions): Promise<void> {
  window = await photos.open(options);
  page = window.page;
}

async function reopen(options: BrowserContextOptions): Promise<void> {
  await window.context.close();
  await open(options);
}

test('three photos: each becomes a card with its result, and the bar never goes back', () =>
  expectBatch(page, stack.url, TEN_PHOTOS.slice(0, 3)));

longTest('a video of 40 MB goes to Cloud Storage, and its bar goes as any other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'large-'));
  const path = join(folder, 'holiday.mov');
  await writeFile(path, largeVideoPieces(40 * 2 ** 20));
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PUT') sent.push(new URL(request.url()).origin);
  });
  await page.goto(stack.url);
  const progress = await recordProgress(page);
  await page.locator('input[type=file]').setInputFiles(path);
  await untilCards(page, 'completed', 1);
  await page.getByText('All done').waitFor();
  // In pieces, as large as the line is fast.
  expect(sent.length).toBeGreaterThan(1);
  expect([...new Set(sent)]).toEqual([stack.environment.STORAGE_EMULATOR_HOST]);
  const seen = await progress();
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  // While it was sent, too: a chunk is not all or nothing.
  expect(seen.filter((value) => value > 0 && value < 30).length).toBeGreaterThan(1);
  await cards(page).first().getByRole('button', { name: /^Open/ }).click();
  await page.getByText('More details').click();
  await page.getByText('Apple iPhone 12', { exact: true }).waitFor();
  rmSync(folder, { recursive: true });
});

longTest('one bad file fails alone, and says why', async () => {
  await page.goto(stack.url);
  const cut = Buffer.from(await (await file('02-cat.png')).slice(0, 20_000).arrayBuffer());
  const whole = Buffer.from(await (await file('03-coffee.webp')).arrayBuffer());
  await choose(page, [
    { name: 'coffee.webp', mimeType: 'image/webp', buffer: whole },
    { name: 'cut.png', mimeType: 'image/png', buffer: cut },
    { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('words') },
  ]);
  await page.getByText('1 done, 2 failed').waitFor();
  const failed = await cards(page, 'failed').allTextContents();
  expect(failed).toEqual([
    expect.stringMatching(/cut\.png/),
    expect.stringMatching(/notes\.txt.*It is no photo or video/),
  ]);
  // Nothing would get better by trying again.
  await page.getByRole('button', { name: 'Show 2 failed' }).click();
  const buttons = page.locator('.ma-not-taken-list button');
  expect(await buttons.allTextContents()).toEqual(['Remove 2']);
});

test('a file name that is HTML is a name, on its card and in full view', async () => {
  const name = `<img src=x onerror="document.title='run'"><b>.png`;
  const picture = await file('02-cat.png');
  await client(stack).analyze([new File([picture], name, { type: picture.type })]);
  await page.goto(stack.url);
  await untilCards(page, 'completed', 1);
  await cards(page).first().getByRole('button', { name: /^Open/ }).press('Enter');
  await untilViewed(page, name);
  expect(await page.locator('img[src="x"], .ma-card b, [role=dialog] b').count()).toBe(0);
  // The page itself puts before it how far the batch is.
  expect(await page.title()).toMatch(/Media Analysis$/);
});

test('full view: picture, facts, keyboard, and back to the list', async () => {
  for (const name of ['02-cat.png', '18-cat-exif-orientation6.jpg'])
    await client(stack).analyze([await file(name)]);
  await page.goto(stack.url);
  await untilCards(page, 'completed', 2);
  await cards(page).first().getByRole('button', { name: /^Open/ }).press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  expect(await dialog.textContent()).toContain('18-cat-exif-orientation6.jpg');
  await untilDrawn(page, '.ma-picture img');
  for (const viewport of [DESKTOP, PHONE]) {
    await page.setViewportSize(viewport);
    const picture = await page.locator('.ma-picture').boundingBox();
    const turn = await dialog.getByRole('button', { name: 'Next' }).boundingBox();
    if (!picture || !turn) throw new Error('not shown');
    const isBeside = turn.x >= picture.x + picture.width || turn.y >= picture.y + picture.height;
    expect(isBeside).toBe(true);
  }
  expect(await dialog.textContent()).toMatch(/Camera.*TestCam/);
  const alt = () => page.locator('.ma-slide:not([data-side]) img').first().getAttribute('alt');
  expect(await alt()).toBe('Photo with a TestCam Rot. A photo, 451 × 300 pixels.');
  await untilDrawn(page, '.ma-picture img');
  // The browser's own keys turn nothing.
  for (const key of ['Control+ArrowRight', 'Meta+ArrowRight']) await page.keyboard.press(key);
  expect(await dialog.textContent()).toContain('18-cat-exif-orientation6.jpg');
  for (const [key, name] of [
    ['ArrowRight', '02-cat.png'],
    ['ArrowLeft', '18-cat-exif-orientation6.jpg'],
    ['ArrowRight', '02-cat.png'],
  ] as const) {
    await page.keyboard.press(key);
    await untilViewed(page, name);
  }
  // The name of a file would tell nobody what is to be seen.
  expect(await alt()).toMatch(/^A photo, \d+ × \d+ pixels\.$/);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.waitForURL(`${stack.url}/`);
  expect(await dialog.count()).toBe(0);
  // At the card of what was shown last.
  await page.waitForFunction(() => document.activeElement?.ariaLabel === 'Open 02-cat.png');
});

longTest('Back closes the full view, and a link to one media opens it', async () => {
  const user = client(stack);
  const { media_ids } = await user.analyze([await file('02-cat.png')]);
  // A page that sees the end of a batch remembers it, and asks for it, too.
  await user.results(media_ids);
  const [id = ''] = media_ids;
  await page.goto(stack.url);
  await untilCards(page, 'completed', 1);
  await cards(page).first().getByRole('button', { name: /^Open/ }).click();
  const dialog = page.getByRole('dialog');
  await untilViewed(page, '02-cat.png');
  expect(new URL(page.url()).searchParams.get('media')).toBe(id);
  await page.goBack();
  await dialog.waitFor({ state: 'detached' });
  await page.waitForURL(`${stack.url}/`);
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toMatch(/^Open.*02-cat/),
  );
  await page.goForward();
  await dialog.waitFor();

  // The list does not have it: its first page came before.
  await page.route('**/api/media?limit=*', (route) => route.fulfill({ json: { media: [] } }));
  await page.goto(`${stack.url}/?media=${id}`);
  await untilViewed(page, '02-cat.png');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.waitForURL(`${stack.url}/`);

  await page.goto(`${stack.url}/?media=unknown`);
  await page.getByRole('alert').getByText('It was deleted, or is not yours.').waitFor();
  // The browser itself writes each 404 into its console.
  await eventually(async () => window.complaints.pop()?.includes('404') || undefined);
  expect(page.url()).toBe(`${stack.url}/`);
});

longTest('what closes the full view twice at once does not leave the page', async () => {
  await client(stack).analyze([await file('02-cat.png')]);
  await page.goto(stack.url);
  await untilCards(page, 'completed', 1);
  await cards(page).first().getByRole('button', { name: /^Open/ }).click();
  const close = page.getByRole('dialog').getByRole('button', { name: 'Close' });
  await close.waitFor();
  await close.evaluate((button: HTMLButtonElement) => {
    const back = history.back.bind(history);
    const counted = Object.assign(globalThis, { steps: 0 });
    history.back = () => {
      counted.steps++;
      back();
    };
    button.click();
    button.click();
  });
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.waitForURL(`${stack.url}/`);
  expect(await page.evaluate(() => Object(globalThis).steps)).toBe(1);
});

longTest('the ring of a focused card lies inside of it', async () => {
  await client(stack).analyze([await file('02-cat.png')]);
  await page.goto(stack.url);
  await untilCards(page, 'completed', 1);
  // A key before it, so that the browser shows where the focus is.
  await page.keyboard.press('Tab');
  await cards(page).getByRole('button', { name: /^Open/ }).focus();
  const offset = () => getComputedStyle(document.activeElement ?? document.body).outlineOffset;
  expect(await page.evaluate(offset)).toBe('-3px');
});

longTest('the gallery keeps the focus of a button that disappears, without a scroll', async () => {
  await page.goto(stack.url);
  const focus = await recordFocus(page);
  const held = Promise.withResolvers<void>();
  const hold = () => {
    held.resolve();
    return new Promise<void>(() => undefined);
  };
  await page.route('**/analyze-media', hold);
  await choose(page, photoPaths(['02-cat.png', '03-coffee.webp']));
  // On a busy machine the bar still changes before that, and a press may miss the button that moves.
  await held.promise;
  await page.getByRole('button', { name: 'Cancel the rest' }).click();
  await page.unroute('**/analyze-media', hold);
  await pressInNotTaken(page, 'Try 2 again');
  await untilCards(page, 'completed', 2);
  await soon(async () =>
    expect(await focus()).toEqual([{ preventScroll: true }, { preventScroll: true }]),
  );
  await cards(page).first().hover();
  await page.getByRole('button', { name: 'Delete 02-cat.png' }).click();
  await untilCards(page, 'completed', 1);
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Undo'),
  );
  await page.getByRole('button', { name: 'Delete 03-coffee.webp' }).click();
  await untilCards(page, 'completed', 0);
  for (const each of await focus()) expect(each).toEqual({ preventScroll: true });
});

longTest('pasted and dropped files are taken like chosen ones', async () => {
  await page.goto(stack.url);
  await page.locator('.ma-upload').waitFor();
  const base64 = Buffer.from(await (await file('03-coffee.webp')).arrayBuffer()).toString('base64');
  for (const kind of ['paste', 'drop'] as const) {
    await page.evaluate(
      async ([kind, base64]) => {
        const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], `${kind}.webp`, { type: 'image/webp' }));
        const init = { bubbles: true, cancelable: true };
        document.body.dispatchEvent(
          kind === 'paste'
            ? new ClipboardEvent('paste', { ...init, clipboardData: transfer })
            : new DragEvent('drop', { ...init, dataTransfer: transfer }),
        );
      },
      [kind, base64] as const,
    );
    await page.locator(`h3[title="${kind}.webp"]`).waitFor();
  }
  await untilCards(page, 'completed', 2);
});

longTest('the gallery loads more as one scrolls', async () => {
  // Their bytes never come: a card needs none. After a quarter of an hour nobody is believed to be sending them, and they are
  // not loaded as a batch.
  const files = Array.from({ length: 30 }, (_, n) => {
    return { file_name: `${n}.mov`, content_type: 'video/quicktime', size: 9 };
  });
  const body = JSON.stringify({ files });
  const answer = await client(stack).call('/api/media/uploads', { method: 'POST', body });
  expect(createUploadsResponseSchema.parse(await answer.json()).uploads).toHaveLength(30);
  await page.clock.setFixedTime(Date.now() + 20 * 60_000);
  await page.setViewportSize({ width: 1280, height: 500 });
  await page.goto(stack.url);
  await cards(page).nth(23).waitFor({ state: 'attached' });
  expect(await cards(page).count()).toBe(24);
  await page.mouse.wheel(0, 20_000);
  await cards(page).nth(29).waitFor({ state: 'attached' });
});

longTest('in Japanese for those who read it, the analysis too', async () => {
  await reopen({ locale: 'ja-JP' });
  await page.goto(stack.url);
  await page
    .getByText('写真を追加')
    .or(page.getByText('写真や動画をここにドロップ'))
    .first()
    .waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('ja');
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'completed', 1);
  await page.getByText('すべて完了').waitFor();
  await cards(page)
    .getByRole('button', { name: /を開く$/ })
    .click();
  expect(await page.locator('.ma-summary').textContent()).toMatch(/\p{Script=Hiragana}/u);
  await page.keyboard.press('Escape');
  await choose(page, [{ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('x') }]);
  await page.getByText('「a.txt」は写真や動画として読み取れません').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
});

longTest('the reader switches the language, and the browser remembers it', async () => {
  await reopen({ viewport: PHONE, isMobile: true, hasTouch: true });
  await page.goto(stack.url);
  await page.locator('.ma-upload').waitFor();
  await pressInMenu(page, '日本語');
  await page
    .getByText('写真を追加')
    .or(page.getByText('写真や動画をここにドロップ'))
    .first()
    .waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('ja');
  expect(await page.title()).toBe('メディア解析');
  await page.reload();
  await page
    .getByText('写真を追加')
    .or(page.getByText('写真や動画をここにドロップ'))
    .first()
    .waitFor();
  const large = { name: 'film.mkv', mimeType: 'video/x-matroska', buffer: Buffer.from('x') };
  await choose(page, [large]);
  await page.getByText('「film.mkv」は写真や動画として読み取れません').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await pressInMenu(page, 'English');
  await page.getByText('“film.mkv” cannot be used. MKV videos are not supported yet.').waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('en-GB');
  expect(await accessibilityProblems(page)).toEqual([]);
});

longTest(
  'English as it is written where the reader is from, and answers that all of them share',
  async () => {
    for (const [locale, bin] of [
      ['en-US', 'Trash'],
      ['en-AU', 'Bin'],
    ] as const) {
      await reopen({ locale });
      await page.goto(stack.url);
      await page.locator('.ma-more-button').click();
      await page.getByRole('menuitem', { name: bin, exact: true }).waitFor();
      expect(await page.evaluate(() => document.documentElement.lang)).toBe(locale);
      await choose(page, photoPaths(['02-cat.png']));
      await untilCards(page, 'completed', 1);
      const answer = await client(stack).call('/api/media');
      expect(await answer.json()).toMatchObject({ media: [{ analytics: { language: 'en' } }] });
      await photos.removeAll();
    }
  },
);

longTest('no serious accessibility problem on a phone: empty, at work, done, failed', async () => {
  await reopen({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  await expectNoAccessibilityProblem(page, stack.url);
});

longTest('an app with tokens: every request carries one, pictures show all the same', async () => {
  const token = await tokenOf(stack, 'alice');
  await page.addInitScript((value) => {
    globalThis.mediaAnalysis = { getToken: () => value };
  }, token);
  await page.goto(stack.url);
  await page.getByText('Drop photos and videos here').waitFor();
  // The browser cannot show it, so its picture comes from the server.
  await choose(page, photoPaths(['21-cat-iphone.heic']));
  await untilCards(page, 'completed', 1);
  await untilDrawn(page, '.ma-card img');
  const { media } = (await (await client(stack).call('/api/media')).json()) as { media: unknown[] };
  expect(media).toEqual([]);
  await client(stack, token).call(`/api/media/${await cards(page).getAttribute('data-media-id')}`, {
    method: 'DELETE',
  });
});

test.each([
  ['en-US', 150, 'Drop photos and videos here', 0],
  ['ja-JP', 150, '写真や動画をここにドロップ', 1],
])(
  'all of its first JavaScript, in %s, fits %i kB gzipped',
  async (locale, most, empty, japaneseFiles) => {
    await reopen({ locale });
    await page.goto(stack.url);
    await page.getByText(empty).waitFor();
    // What is loaded ahead, for what a person may do next, begins when the list is there.
    const urls = await page.evaluate(() => {
      const all = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
      const list = all.find(({ name }) => name.includes('/api/media?'));
      const first = all.filter(({ startTime }) => startTime < (list?.responseEnd ?? 0));
      return [...new Set(first.map(({ name }) => name))].filter((name) => name.endsWith('.js'));
    });
    expect(urls.length).toBeGreaterThan(1);
    const sizeOf = async (url: string) =>
      gzipSync(Buffer.from(await (await fetch(url)).arrayBuffer())).length;
    const total = (await Promise.all(urls.map(sizeOf))).reduce((sum, size) => sum + size, 0);
    expect(total).toBeLessThanOrEqual(most * 1_000);
    expect(urls.filter((url) => url.includes('/ja-'))).toHaveLength(japaneseFiles);
  },
);

longTest('if the full view does not load, it is said, and another try opens it', async () => {
  await client(stack).analyze([await file('02-cat.png')]);
  await page.route('**/assets/media-parts-*.js', (route) => route.abort());
  await page.goto(stack.url);
  await untilCards(page, 'completed', 1);
  const card = cards(page).getByRole('button', { name: /^Open/ });
  await card.click();
  await page.getByRole('alert').getByText('The server cannot be reached').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.unroute('**/assets/media-parts-*.js');
  await page.getByRole('button', { name: 'Try again' }).click();
  await untilViewed(page, '02-cat.png');
  for (const complaint of window.complaints.splice(0)) {
    expect(complaint).toMatch(/ERR_FAILED|Failed to fetch/);
  }
});

longTest('if the Japanese texts do not load, the page is there in English', async () => {
  await reopen({ locale: 'ja-JP' });
  await page.route('**/assets/ja-*.js', (route) => route.abort());
  await page.goto(stack.url);
  await page.getByText('Drop photos and videos here').waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
  for (const complaint of window.complaints.splice(0)) {
    expect(complaint).toMatch(/ERR_FAILED|dynamically imported module/);
  }
});

longTest(
  'a plain EventSource with the __session cookie gets messages, then done, and no reconnect',
  async () => {
    const token = await tokenOf(stack, 'alice');
    const user = client(stack, token);
    const { media_ids } = await user.analyze([
      await file('02-cat.png'),
      await file('03-coffee.webp'),
    ]);
    await window.context.addCookies([{ name: '__session', value: token, url: stack.url }]);
    let requests = 0;
    page.on('request', (request) => {
      if (request.resourceType() === 'eventsource') requests++;
    });
    await page.goto(stack.url);
    const seen = await page.evaluate(
      (ids) =>
        new Promise<{ states: string[]; done: unknown; readyState: number }>((resolve) => {
          const states: string[] = [];
          const source = new EventSource(`/api/agent/analyze-media/stream?ids=${ids}`, {
            withCredentials: true,
          });
          let done: unknown;
          source.onmessage = ({ data }) => states.push(JSON.parse(data).status);
          source.addEventListener('done', ({ data }) => {
            done = JSON.parse(data);
          });
          source.onerror = () => {
            if (source.readyState === EventSource.CLOSED) {
              resolve({ states, done, readyState: source.readyState });
            }
          };
        }),
      media_ids.join(','),
    );
    expect(seen.states.filter((status) => status === 'completed')).toHaveLength(2);
    expect(seen.done).toEqual({ completed: 2, failed: 0 });
    // The second request said that it had seen the end, and was answered 204.
    expect(requests).toBe(2);
    for (const id of media_ids) await user.call(`/api/media/${id}`, { method: 'DELETE' });
  },
);
