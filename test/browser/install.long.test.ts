/** The page as an installed app: its manifest, and files that another app shares with it. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { z } from 'zod';
import { client, eventually } from '../support/stack.ts';
import {
  accessibilityProblems,
  bytesKept,
  cards,
  choose,
  noisyPhotos,
  photoPaths,
  untilCards,
} from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

const manifestSchema = z.object({
  display: z.string(),
  icons: z.array(z.object({ src: z.string(), sizes: z.string(), type: z.string() })).min(3),
});

let photos: Photos;
let window: TestWindow;
let page: Page;
beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(() => photos.close());
beforeEach(async () => {
  window = await photos.open();
  page = window.page;
  await page.goto(photos.stack.url);
  await page.getByText('Drop photos and videos here').waitFor();
});
afterEach(async () => {
  expect(window.complaints).toEqual([]);
  await window.context.close();
  await photos.removeAll();
});

test('a browser can install it', async () => {
  const session = await window.context.newCDPSession(page);
  const { url, errors, data = '' } = await session.send('Page.getAppManifest');
  expect(url).toBe(`${photos.stack.url}/manifest.webmanifest`);
  expect(errors).toEqual([]);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  // Each test has a private window.
  const others = installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito');
  expect(others).toEqual([]);
  const { display, icons } = manifestSchema.parse(JSON.parse(data));
  expect(display).toBe('standalone');
  for (const { src, sizes, type } of icons) {
    const picture = await fetch(new URL(src, photos.stack.url));
    expect(picture.headers.get('Content-Type')).toBe(type);
    const { width, height } = await sharp(await picture.arrayBuffer()).metadata();
    if (sizes !== 'any') expect(`${width}x${height}`).toBe(sizes);
  }
});

/** Shares as another app does; any site can do the same. */
async function shareAll(
  names: string[],
  { tab = page, enctype = 'multipart/form-data' } = {},
): Promise<void> {
  await tab.goto('about:blank');
  const action = `${photos.stack.url}/share`;
  await tab.setContent(
    `<form action="${action}" method="post" enctype="${enctype}"><input type="text" name="text" value="https://example.com"><input type="file" name="files" multiple><button>Share</button></form>`,
  );
  await tab.locator('input[type=file]').setInputFiles(photoPaths(names));
  await tab.getByRole('button', { name: 'Share' }).click();
}

const install = () =>
  page.evaluate(async () => {
    await navigator.serviceWorker.register('/service-worker.js', { type: 'module' });
    await navigator.serviceWorker.ready;
  });

async function share(): Promise<void> {
  await install();
  await shareAll(['02-cat.png', '03-coffee.webp']);
  await page.getByText('Upload the 2 shared files?').waitFor();
}

const stored = async () => {
  const answer = await client(photos.stack).call('/api/media');
  return ((await answer.json()) as { media: unknown[] }).media.length;
};

test('files that are shared with it are sent when a person says so, once', async () => {
  await share();
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(await stored()).toBe(0);
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await untilCards(page, 'completed', 2);
  expect(page.url()).toBe(`${photos.stack.url}/`);
  await page.goto(`${photos.stack.url}/?shared`);
  await untilCards(page, 'completed', 2);
  expect(await page.getByText('shared file').count()).toBe(0);
});

/** So many files that were shared are still kept as such. */
const sharedKept = () =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open('media-analysis-shared-1');
        opening.onsuccess = () => {
          const counting = opening.result.transaction('shared').objectStore('shared').getAllKeys();
          counting.onsuccess = () => {
            opening.result.close();
            resolve(counting.result.filter((key) => key !== 'notes').length);
          };
        };
      }),
  );

test('and not when the person discards them', async () => {
  await share();
  await page.getByRole('button', { name: 'Discard' }).click();
  await page.getByText('shared file').waitFor({ state: 'detached' });
  await page.goto(`${photos.stack.url}/?shared`);
  await page.getByText('Drop photos and videos here').waitFor();
  expect(await page.getByText('shared file').count()).toBe(0);
  expect(await stored()).toBe(0);
  expect(await cards(page).count()).toBe(0);
});

test('what is shared before the first is answered joins it', async () => {
  await share();
  await shareAll(['05-dogs.jpg']);
  await page.getByText('Upload the 3 shared files?').waitFor();
  await page.getByText('02-cat.png, 03-coffee.webp, 05-dogs.jpg').waitFor();
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await untilCards(page, 'completed', 3);
});

test('what is shared while another tab uploads is sent beside it, each once, and each tab shows all', async () => {
  await install();
  const held = Promise.withResolvers<void>();
  await window.context.route('**/analyze-media', async (route) => {
    await held.promise;
    await route.continue();
  });
  await choose(page, await noisyPhotos(2));
  await untilCards(page, 'sending', 2);
  const other = await window.openTab();
  await shareAll(['02-cat.png', '03-coffee.webp'], { tab: other });
  await other.getByText('Upload the 2 shared files?').waitFor();
  await untilCards(other, 'sending', 2);
  await other.getByRole('button', { name: 'Upload', exact: true }).click();
  for (const tab of [page, other]) await untilCards(tab, 'sending', 4);
  held.resolve();
  for (const tab of [page, other]) await untilCards(tab, 'completed', 4);
  expect(await stored()).toBe(4);
  await eventually(async () => (await sharedKept()) === 0 || undefined);
  await other.reload();
  await untilCards(other, 'completed', 4);
  expect(await other.getByText('shared file').count()).toBe(0);
});

test('the tab that has sent what was shared is closed, and the one beside it goes on with it', async () => {
  await install();
  const other = await window.openTab();
  await other.goto(photos.stack.url);
  await other.getByText('Drop photos and videos here').waitFor();
  const held = Promise.withResolvers<void>();
  await page.route('**/analyze-media', async (route) => {
    await held.promise;
    await route.abort().catch(() => undefined);
  });
  await shareAll(['02-cat.png', '03-coffee.webp']);
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await untilCards(other, 'sending', 2);
  await eventually(async () => (await bytesKept(page)) === 2 || undefined);
  await page.close({ runBeforeUnload: false });
  held.resolve();
  await untilCards(other, 'completed', 2);
  expect(await stored()).toBe(2);
});

test('what has no files, or cannot be taken, is said, and what was shared before stays', async () => {
  await share();
  await shareAll([]);
  await page.getByRole('alert').getByText('Share photos or videos.').waitFor();
  await page.getByText('Upload the 2 shared files?').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(page.url()).toBe(`${photos.stack.url}/`);
  // What a service worker cannot read stands for all that fails there.
  await shareAll([], { enctype: 'text/plain' });
  await page.getByRole('alert').getByText('Choose them here.').waitFor();
  await page.getByText('Upload the 2 shared files?').waitFor();
  await page.reload();
  await page.getByText('Drop photos and videos here').waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
});

test('what is shared without a line is asked about at the next start of the app', async () => {
  await install();
  const tab = await window.openTab();
  await tab.goto('about:blank');
  await window.context.setOffline(true);
  await shareAll(['02-cat.png'], { tab });
  await tab.waitForURL(/chrome-error/).catch(() => undefined);
  await window.context.setOffline(false);
  await tab.close();
  await page.addInitScript(() => {
    const before = matchMedia;
    globalThis.matchMedia = (query) => before(query.includes('standalone') ? 'all' : query);
  });
  await page.goto(photos.stack.url);
  await page.getByText('Upload the shared file?').waitFor();
  window.complaints.splice(0);
});

test('what is shared where no service worker is at work is said to be chosen on the page', async () => {
  await shareAll(['02-cat.png', '03-coffee.webp']);
  await page.getByRole('alert').getByText('Choose them here.').waitFor();
  expect(page.url()).toBe(`${photos.stack.url}/`);
  expect(await page.getByText('Upload the').count()).toBe(0);
});
