/** What one device does is seen on another one of the same person, while it is looked at. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Page, Request } from 'playwright-core';
import { soon } from '../support/eventually.ts';
import { largeVideoPieces } from '../support/large-video.ts';
import { client, eventually, file } from '../support/stack.ts';
import {
  accessibilityProblems,
  cards,
  choose,
  noisyPhotos,
  photoPaths,
  pressInMenu,
  untilCards,
} from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import { shelveLibrary } from './shelve-library.ts';
import type { TestWindow } from './window.ts';

/** More than the first page of the list. The document has no more than 60 cards. */
const MANY = 58;
const IDLE_MS = 5 * 60_000;

let photos: Photos;
let phone: Device;
let desktop: Device;
beforeAll(async () => {
  photos = await startPhotos();
});
afterAll(() => photos.close());
beforeEach(async () => {
  phone = await open();
  desktop = await open();
});
afterEach(async () => {
  const { complaints } = desktop.window;
  for (const { window } of [phone, desktop]) await window.context.close();
  await photos.removeAll();
  // Of what is cut off on purpose.
  expect(
    complaints.filter((text) => !/ERR_INTERNET_DISCONNECTED|Failed to fetch|40[04]/.test(text)),
  ).toEqual([]);
});

interface Device {
  window: TestWindow;
  page: Page;
  /** The streams of the library that it has asked for, and those of them that are open. */
  streams: Request[];
  openStreams: Set<Request>;
}

async function open(): Promise<Device> {
  const window = await photos.open();
  const { page } = window;
  const streams: Request[] = [];
  const openStreams = new Set<Request>();
  const isLibrary = (request: Request) => new URL(request.url()).pathname === '/api/media/stream';
  page.on('request', (request) => {
    if (!isLibrary(request)) return;
    streams.push(request);
    openStreams.add(request);
  });
  const end = (request: Request) => void openStreams.delete(request);
  page.on('requestfailed', end);
  page.on('requestfinished', end);
  return { window, page, streams, openStreams };
}

/** Opens the page, and waits until it is live. */
async function load({ page, openStreams }: Device): Promise<void> {
  const answer = page.waitForResponse((response) => response.url().includes('/api/media/stream'));
  await page.goto(photos.stack.url);
  expect((await answer).status()).toBe(200);
  expect(openStreams.size).toBe(1);
}

/** The names of the files, from top to bottom. */
const namesOn = ({ page }: Device) =>
  cards(page)
    .locator('h3')
    .evaluateAll((all) => all.map((each) => each.getAttribute('title') ?? ''));
const idsOn = ({ page }: Device) =>
  cards(page).evaluateAll((all) => all.map((each) => each.getAttribute('data-media-id')));
const until = (isSo: () => Promise<boolean>) => eventually(async () => (await isSo()) || undefined);

interface Held {
  hold(): void;
  letGo(): void;
}

/** Runs in the page: what a stream of the library says can be held back, and let go. */
function holdStreams(): void {
  const send = globalThis.fetch;
  let letGo = () => {};
  let gate = Promise.resolve();
  const hold = () => {
    gate = new Promise((resolve) => {
      letGo = resolve;
    });
  };
  Object.assign(globalThis, { hold, letGo: () => letGo() });
  globalThis.fetch = async (input, init) => {
    const answer = await send(input, init);
    if (!String(input).includes('/api/media/stream') || !answer.body) return answer;
    const { status, headers } = answer;
    const held = new TransformStream<Uint8Array, Uint8Array>({
      async transform(chunk, controller) {
        await gate;
        // Each event comes by itself, or the newer of two of a media would be all that is heard.
        for (const event of new TextDecoder().decode(chunk).split(/(?<=\n\n)/)) {
          controller.enqueue(new TextEncoder().encode(event));
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      },
    });
    return new Response(answer.body.pipeThrough(held), { status, headers });
  };
}

test('what one sends is on the other, and not twice where it was sent', async () => {
  for (const device of [phone, desktop]) await load(device);
  await phone.page.evaluate(() => {
    const seen = { most: 0 };
    Object.assign(globalThis, { seen });
    const count = () => {
      seen.most = Math.max(seen.most, document.querySelectorAll('.ma-card').length);
    };
    new MutationObserver(count).observe(document.body, { childList: true, subtree: true });
  });
  const most = () =>
    phone.page.evaluate(() => (globalThis as unknown as { seen: { most: number } }).seen.most);
  await choose(phone.page, photoPaths(['02-cat.png', '03-coffee.webp', '05-dogs.jpg']));
  await untilCards(desktop.page, 'completed', 3);
  const names = ['02-cat.png', '03-coffee.webp', '05-dogs.jpg'];
  await untilCards(phone.page, 'completed', 3);
  expect(await namesOn(phone)).toEqual(names);
  expect(await most()).toBe(3);
  // The other device has them as they were worked on, also after a reload.
  expect(await namesOn(desktop)).toEqual(names);
  await desktop.page.reload();
  await untilCards(desktop.page, 'completed', 3);
  expect(await namesOn(desktop)).toEqual(names);

  await choose(desktop.page, photoPaths(['08-lake.jpg']));
  await untilCards(phone.page, 'completed', 4);
  expect(await namesOn(phone)).toEqual(['08-lake.jpg', ...names]);
  expect(await namesOn(desktop)).toEqual(['08-lake.jpg', ...names]);
});

describe('a video that one is sending', () => {
  const folder = mkdtempSync(join(tmpdir(), 'live-'));
  const path = join(folder, 'holiday.mov');
  beforeAll(() => writeFile(path, largeVideoPieces(40 * 2 ** 20)));
  afterAll(() => rmSync(folder, { recursive: true }));
  /** Those that were begun, and those of them that are over. */
  let pieces: Request[];
  let broken: Request[];
  beforeEach(async () => {
    pieces = [];
    broken = [];
    phone.page.on('requestfailed', (request) => broken.push(request));
    // The first piece never arrives.
    await phone.page.route('**/*', (route, request) => {
      if (request.method() === 'PUT') pieces.push(request);
      else void route.fallback();
    });
    for (const device of [phone, desktop]) await load(device);
    await choose(phone.page, photoPaths(['02-cat.png']));
    await phone.page.locator('input[type=file]').first().setInputFiles(path);
    await untilCards(desktop.page, 'missing', 1);
    await untilCards(desktop.page, 'completed', 1);
    await until(async () => pieces.length === 1);
  });

  test('looks on the other as what it is', async () => {
    const card = cards(desktop.page, 'missing');
    await card.getByText('Uploading on another tab or device').waitFor();
    expect(await card.getByText('Not fully uploaded').count()).toBe(0);
    await desktop.page.locator('.ma-batch[data-outcome="open"]').waitFor();
    expect(await desktop.page.locator('.ma-batch-words').textContent()).toMatch(/of \d ready/);
    expect(await accessibilityProblems(desktop.page)).toEqual([]);
  });

  test('is sent no more when it is deleted on the other, which the sender is told', async () => {
    const card = cards(desktop.page, 'missing');
    await card.hover();
    await card.getByRole('button', { name: 'Delete holiday.mov' }).click();
    const words = 'holiday.mov was deleted on another tab or device, so its upload was stopped.';
    await phone.page.getByText(words).waitFor();
    await untilCards(phone.page, 'completed', 1);
    expect(await cards(phone.page).count()).toBe(1);
    await phone.page.getByText('All done').waitFor();
    expect(await phone.page.locator('.ma-batch-words').textContent()).toContain('1 of 1 ready');
    await until(async () => broken.includes(pieces[0] as Request));
    expect(pieces).toHaveLength(1);
    expect(await accessibilityProblems(phone.page)).toEqual([]);
    await phone.page.getByRole('button', { name: 'Dismiss' }).click();
    await phone.page.getByText(words).waitFor({ state: 'detached' });
    // Nothing is left that a later page would send.
    await phone.page.reload();
    await untilCards(phone.page, 'completed', 1);
    expect(await cards(phone.page).count()).toBe(1);
    expect(pieces).toHaveLength(1);
    expect(phone.window.complaints).toEqual([]);
  });
});

test('a video that was sent to its end and is deleted on the other later is not said to have been stopped', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'live-'));
  const path = join(folder, 'portrait.mov');
  await writeFile(path, largeVideoPieces(6 * 2 ** 20));
  for (const device of [phone, desktop]) await load(device);
  // Sent in pieces, as it was announced.
  const announced = phone.page.waitForResponse((answer) => answer.url().endsWith('/media/uploads'));
  await phone.page.locator('input[type=file]').first().setInputFiles(path);
  expect((await announced).status()).toBe(201);
  for (const device of [phone, desktop]) await untilCards(device.page, 'completed', 1);
  await phone.page.getByText('All done').waitFor();
  rmSync(folder, { recursive: true });
  await desktop.page.getByRole('button', { name: 'Delete portrait.mov' }).click();
  await until(async () => (await cards(phone.page).count()) === 0);
  await desktop.page.getByRole('button', { name: 'Undo' }).click();
  await untilCards(phone.page, 'completed', 1);
  expect(await phone.page.getByText('was deleted on another tab or device').count()).toBe(0);
  expect(await phone.page.locator('.ma-many-undo').count()).toBe(0);
});

test('what one deletes, brings back and edits, also far down, is so on the other', async () => {
  const ids = await shelveLibrary(photos.stack, MANY);
  await load(desktop);
  await load(phone);
  await until(async () => {
    await desktop.page.mouse.wheel(0, 20_000);
    return (await cards(desktop.page).count()) === MANY;
  });
  // Focus is where it was, and nothing is said.
  const first = cards(desktop.page).first().locator('button').first();
  await first.focus();
  const focused = () =>
    desktop.page.evaluate(() =>
      document.activeElement?.closest('.ma-card')?.getAttribute('data-media-id'),
    );
  const before = await idsOn(desktop);
  expect(before).toHaveLength(MANY);
  const [top] = before;
  await soon(async () => expect(await focused()).toBe(top));
  const elsewhere = client(photos.stack);
  const many = (path: string, some: readonly string[]) =>
    elsewhere.call(`/api/media/${path}`, { method: 'POST', body: JSON.stringify({ ids: some }) });
  const last = before[MANY - 3] ?? '';
  await elsewhere.call(`/api/media/${last}`, { method: 'DELETE' });
  await until(async () => !(await idsOn(desktop)).includes(last));
  const some = ids.slice(10, 40);
  await many('delete', some);
  await until(async () => (await idsOn(desktop)).length === MANY - 31);
  await many('restore', [last, ...some]);
  await until(async () => (await idsOn(desktop)).length === MANY);
  expect(await idsOn(desktop)).toEqual(before);
  // The phone has loaded the first page only, and shows what is within it.
  await until(async () => (await idsOn(phone)).slice(0, 20).join() === before.slice(0, 20).join());
  const words = JSON.stringify({ title: 'Grandmother at the sea' });
  await elsewhere.call(`/api/media/${before[2]}`, { method: 'PATCH', body: words });
  for (const { page } of [phone, desktop])
    await page.getByRole('heading', { name: 'Grandmother at the sea' }).waitFor();
  await soon(async () => expect(await focused()).toBe(top));
  expect(await desktop.page.getByRole('alert').count()).toBe(0);
  expect(await desktop.page.locator('.ma-many-undo').count()).toBe(0);

  // By hand, the other way round: gone on the other, and back by "Undo".
  const card = cards(desktop.page).first();
  await card.getByRole('button', { name: /^Delete/ }).click();
  await until(async () => !(await idsOn(phone)).includes(top ?? ''));
  await desktop.page.getByRole('button', { name: 'Undo' }).click();
  await until(async () => (await idsOn(phone))[0] === top);
});

test('an open bin shows what others delete and bring back, and an old one erases nothing that is back', async () => {
  await load(phone);
  await load(desktop);
  await choose(phone.page, photoPaths(['02-cat.png', '03-coffee.webp', '05-dogs.jpg']));
  for (const device of [phone, desktop]) await untilCards(device.page, 'completed', 3);
  const { page } = desktop;
  await pressInMenu(page, 'Bin');
  const bin = page.getByRole('dialog', { name: 'Bin' });
  await bin.getByText('The bin is empty.').waitFor();
  const inBin = () => bin.locator('li').count();
  const onPhone = (name: string | RegExp) =>
    phone.page.getByRole('button', { name, exact: true }).first();
  const deleteAll = async () => {
    await pressInMenu(phone.page, 'Select');
    await onPhone('Select all').click();
    await onPhone('Delete').click();
    await until(async () => (await inBin()) === 3);
  };
  await deleteAll();
  // A question about what leaves goes with it, and the focus is not lost.
  await bin.getByRole('button', { name: 'Delete 02-cat.png' }).click();
  await onPhone('Undo').click();
  await bin.getByText('The bin is empty.').waitFor();
  expect(await page.getByRole('alertdialog').count()).toBe(0);
  await soon(async () =>
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('UL'),
  );

  // A second time they are there again.
  await deleteAll();
  for (const news of ['**/api/media/stream*', '**/api/media?*', '**/api/bin*'])
    await page.route(news, (route) => route.abort('internetdisconnected'));
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await until(async () => desktop.openStreams.size === 0);
  await onPhone('Undo').click();
  await untilCards(phone.page, 'completed', 3);
  expect(await inBin()).toBe(3);
  const question = page.getByRole('alertdialog');
  await bin.getByRole('button', { name: 'Delete 02-cat.png' }).click();
  await question.getByRole('button', { name: 'Delete' }).click();
  await until(async () => (await inBin()) === 2);
  // With the old list still there: a new one takes the button away.
  await bin.getByRole('button', { name: 'Empty the bin' }).click();
  await question.getByRole('button', { name: 'Delete' }).click();
  await page.unroute('**/api/bin*');
  await bin.getByText('The bin is empty.').waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
  const left = await client(photos.stack).call('/api/media');
  expect(((await left.json()) as { media: unknown[] }).media).toHaveLength(3);
});

test('what is deleted before its bytes have arrived is not said to be in the bin', async () => {
  await load(desktop);
  const { page } = desktop;
  const elsewhere = client(photos.stack);
  const announce = async (...names: string[]) => {
    const files = names.map((file_name) => ({ file_name, content_type: 'video/mp4', size: 5_000 }));
    const body = JSON.stringify({ files });
    expect((await elsewhere.call('/api/media/uploads', { method: 'POST', body })).status).toBe(201);
    await untilCards(page, 'missing', names.length);
  };
  const undo = page.getByRole('button', { name: 'Undo' });
  await announce('beach.mp4');
  await page.getByRole('button', { name: 'Delete beach.mp4' }).click();
  await page.getByText('1 deleted for good: nothing of it had arrived yet.').waitFor();
  expect(await page.getByText('bin.').count()).toBe(0);
  expect(await undo.count()).toBe(0);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Dismiss' }).click();

  await elsewhere.analyze([await file('02-cat.png')]);
  await untilCards(page, 'completed', 1);
  await announce('beach.mp4', 'sea.mp4');
  await pressInMenu(page, 'Select');
  for (const name of ['Select all', 'Delete'])
    await page.getByRole('button', { name, exact: true }).click();
  const text = 'Moved to the bin. 2 deleted for good: nothing of them had arrived yet.';
  await page.getByText(text).waitFor();
  await undo.click();
  await untilCards(page, 'completed', 1);
  await undo.waitFor({ state: 'detached' });
  expect(await page.getByText('bin.').count()).toBe(0);
});

test('what is deleted and brought back at once stays, although news of the deletion are late', async () => {
  await load(phone);
  await choose(phone.page, photoPaths(['02-cat.png', '03-coffee.webp']));
  await untilCards(phone.page, 'completed', 2);
  await desktop.page.addInitScript(holdStreams);
  await desktop.page.goto(photos.stack.url);
  await untilCards(desktop.page, 'completed', 2);
  await until(async () => desktop.openStreams.size === 1);
  const before = await idsOn(desktop);
  await desktop.page.evaluate(() => (globalThis as unknown as Held).hold());
  const first = cards(desktop.page).first();
  await first.getByRole('button', { name: /^Delete/ }).click();
  await until(async () => (await idsOn(phone)).length === 1);
  await desktop.page.getByRole('button', { name: 'Undo' }).click();
  await until(async () => (await idsOn(desktop)).join() === before.join());
  await until(async () => (await idsOn(phone)).length === 2);
  await desktop.page.evaluate(() => (globalThis as unknown as Held).letGo());
  // What comes after it in the stream has been heard too.
  await choose(phone.page, photoPaths(['05-dogs.jpg']));
  await until(async () => (await namesOn(desktop)).includes('05-dogs.jpg'));
  expect((await idsOn(desktop)).slice(1)).toEqual(before);
});

test('what is open in the full view elsewhere closes when it is deleted, and nothing else does', async () => {
  await load(phone);
  await choose(phone.page, photoPaths(['02-cat.png', '03-coffee.webp']));
  await untilCards(phone.page, 'completed', 2);
  await load(desktop);
  await desktop.page.getByRole('button', { name: /^Open/ }).first().click();
  const dialog = desktop.page.getByRole('dialog');
  await dialog.waitFor();
  const opened = new URL(desktop.page.url()).searchParams.get('media') ?? '';
  const name = (await namesOn(desktop))[(await idsOn(desktop)).indexOf(opened)] ?? '';
  const other = (await idsOn(desktop)).find((id) => id !== opened);
  await client(photos.stack).call(`/api/media/${other}`, { method: 'DELETE' });
  await until(async () => (await cards(desktop.page).count()) === 1);
  expect(await dialog.count()).toBe(1);
  expect(
    await desktop.page.evaluate(() => document.activeElement?.closest('dialog') !== null),
  ).toBe(true);
  await client(photos.stack).call(`/api/media/${opened}`, { method: 'DELETE' });
  const notice = desktop.page.getByRole('alert');
  await notice.getByText(`“${name}” is no longer in your library.`).waitFor();
  await notice.getByText('It was deleted in another tab or on another device.').waitFor();
  expect(await notice.getByText('is not yours').count()).toBe(0);
  expect(await dialog.count()).toBe(0);
  expect(await cards(desktop.page).count()).toBe(0);
  expect(await accessibilityProblems(desktop.page)).toEqual([]);
  await client(photos.stack).call(`/api/media/${opened}/restore`, { method: 'POST' });
  await notice.waitFor({ state: 'detached' });
  expect(await idsOn(desktop)).toEqual([opened]);
});

test('a page that nobody uses, or that is hidden, has no stream; at the first sign of use it shows what it has missed', async () => {
  await desktop.page.clock.install();
  await load(desktop);
  await load(phone);
  const [first] = desktop.streams;
  await desktop.page.clock.fastForward(IDLE_MS + 60_000);
  await until(async () => desktop.openStreams.size === 0);
  await choose(phone.page, photoPaths(['02-cat.png']));
  await untilCards(phone.page, 'completed', 1);
  expect(desktop.openStreams.size).toBe(0);
  expect(await cards(desktop.page).count()).toBe(0);
  await desktop.page.mouse.move(20, 20);
  await untilCards(desktop.page, 'completed', 1);
  expect(desktop.openStreams.size).toBe(1);
  expect(desktop.streams.at(-1)?.url()).toContain('?since=');
  expect(first?.url()).not.toContain('since');

  const turn = (state: string) =>
    desktop.page.evaluate((value) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => value });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
  await turn('hidden');
  await until(async () => desktop.openStreams.size === 0);
  const count = desktop.streams.length;
  await phone.page
    .getByRole('button', { name: /^Delete/ })
    .first()
    .click();
  await untilCards(phone.page, 'completed', 0);
  await desktop.page.mouse.move(30, 30);
  expect(desktop.streams).toHaveLength(count);
  await turn('visible');
  await untilCards(desktop.page, 'completed', 0);
  expect(desktop.streams).toHaveLength(count + 1);

  // No stream tells what was erased for good before it began.
  await choose(phone.page, photoPaths(['02-cat.png', '03-coffee.webp']));
  await untilCards(desktop.page, 'completed', 2);
  await turn('hidden');
  await until(async () => desktop.openStreams.size === 0);
  const [erased] = await idsOn(desktop);
  await client(photos.stack).call(`/api/media/${erased}?permanently=true`, { method: 'DELETE' });
  await turn('visible');
  await desktop.page.clock.fastForward(5_000);
  await untilCards(desktop.page, 'completed', 1);
});

test('without a line it shows what it has missed when the line is back', async () => {
  await load(desktop);
  await load(phone);
  // Chromium keeps a stream that is open when it goes offline. A change of network ends it.
  const { page } = desktop;
  await page.route('**/api/media*/**', (route) => route.abort('internetdisconnected'));
  await page.route('**/api/media?*', (route) => route.abort('internetdisconnected'));
  const turnOnline = () => page.evaluate(() => dispatchEvent(new Event('online')));
  await turnOnline();
  await until(async () => desktop.openStreams.size === 0 && desktop.streams.length > 1);
  await choose(phone.page, photoPaths(['02-cat.png', '03-coffee.webp']));
  await untilCards(phone.page, 'completed', 2);
  expect(await cards(page).count()).toBe(0);
  await page.unrouteAll();
  await turnOnline();
  await untilCards(page, 'completed', 2);
});

test('a page of before a rollback shows what it has missed when one comes back to it, and asks seldom', async () => {
  await desktop.page.clock.install();
  await desktop.page.route('**/api/media/stream*', (route) =>
    route.fulfill({
      status: 404,
      contentType: 'application/problem+json',
      json: { type: 'about:blank', title: 'x', status: 404, code: 'not_found', detail: 'x' },
    }),
  );
  const lists: string[] = [];
  desktop.page.on('request', (request) => {
    if (request.url().includes('/api/media?')) lists.push(request.url());
  });
  await desktop.page.goto(photos.stack.url);
  await until(async () => desktop.streams.length > 0);
  const elsewhere = client(photos.stack);
  await elsewhere.analyze([await file('02-cat.png')]);
  await desktop.page.clock.fastForward(6_000);
  await desktop.page.evaluate(() => dispatchEvent(new Event('focus')));
  await untilCards(desktop.page, 'completed', 1);
  const [id] = await idsOn(desktop);
  await elsewhere.call(`/api/media/${id}`, { method: 'DELETE' });
  const before = lists.length;
  // Also if one stays.
  await desktop.page.clock.fastForward(60_000);
  await untilCards(desktop.page, 'completed', 0);
  expect(lists.length - before).toBeLessThanOrEqual(3);
  expect(desktop.streams.length).toBeLessThanOrEqual(5);
});

test('fifty photos of a phone come to the desktop whole, each once', async () => {
  await load(desktop);
  await load(phone);
  await choose(phone.page, await noisyPhotos(50, { width: 60, height: 40 }));
  await untilCards(desktop.page, 'completed', 50);
  expect(new Set(await idsOn(desktop)).size).toBe(50);
  await untilCards(phone.page, 'completed', 50);
  expect(await cards(phone.page).count()).toBe(50);
});
