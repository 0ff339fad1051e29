/** Parts of the page that did not come when they were asked for: they come later. */
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type RunningChat, startChat } from '../support/chat-server.ts';
import { eventually } from '../support/stack.ts';
import { cards, choose, photoPaths, pressInMenu, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

const CLIP = fileURLToPath(new URL('../videos/clip.webm', import.meta.url));

let chat: RunningChat;
let photos: Photos;
let window: TestWindow;
let page: Page;
beforeAll(async () => {
  chat = await startChat({ dialect: 'ollama', models: ['qwen2.5vl:7b'] });
  photos = await startPhotos({
    ANALYSIS_MODEL: 'openai/qwen2.5vl:7b',
    OPENAI_BASE_URL: `${chat.url}/`,
  });
});
beforeEach(async () => {
  window = await photos.open();
  page = window.page;
});
afterEach(async () => {
  await window.context.close();
  chat.reset();
  await photos.removeAll();
});
afterAll(async () => {
  await photos.close();
  await chat.close();
});

const answer = (title: string) =>
  chat.enqueue({
    text: JSON.stringify({
      text: null,
      objects: [],
      people_count: null,
      scene: null,
      mood: null,
      title,
      summary: 'A card that moves.',
      tags: ['test card'],
      segments: [],
      safety: { verdict: 'safe', categories: [] },
    }),
  });

/** From now on these files do not come. @returns how often each was asked for, and what lets them through again */
async function cutOff(pattern: string) {
  const asked: string[] = [];
  await page.route(pattern, async (route) => {
    asked.push(new URL(route.request().url()).pathname);
    await route.abort();
  });
  return { asked, end: () => page.unroute(pattern) };
}

test('a video has its frames although what cuts them failed to load at first', async () => {
  answer('A test card');
  const parts = await cutOff('**/assets/cut-frames-*.js');
  // The bytes of the video arrive when the part can be had.
  const bytes = Promise.withResolvers<void>();
  await page.route('**/api/media/uploads', async (route) => {
    await bytes.promise;
    await route.continue();
  });
  await page.goto(photos.stack.url);
  await choose(page, [CLIP]);
  await cards(page, 'sending').waitFor();
  await eventually(async () => parts.asked.length > 0 || undefined);
  await parts.end();
  bytes.resolve();
  await untilCards(page, 'completed', 1);
  expect(chat.calls[0]?.text.match(/data:image\/jpeg;base64,/g)).toHaveLength(4);
});

test('a video whose frames cannot be cut at all is sent without them', async () => {
  await cutOff('**/assets/cut-frames-*.js');
  await page.goto(photos.stack.url);
  await choose(page, [CLIP]);
  await untilCards(page, 'failed', 1);
  await cards(page).getByText('it was sent without frames').waitFor();
});

test('the search, and all that acts on a photo, come when the line is back', async () => {
  answer('A cat');
  const search = await cutOff('**/assets/search-*.js');
  const acts = await cutOff('**/assets/media-parts-*.js');
  await page.goto(photos.stack.url);
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'completed', 1);
  await eventually(async () => (search.asked.length > 0 && acts.asked.length > 0) || undefined);
  await search.end();
  await acts.end();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await page.locator('.ma-search-field').waitFor();
  await cards(page).hover();
  await pressInMenu(page, 'Select');
  expect(await page.getByRole('alert').count()).toBe(0);
});

test('what is sent has its card when the list of the cards, which failed to load at first, is there', async () => {
  answer('A cat');
  const list = await cutOff('**/assets/card-list-*.js');
  await page.goto(photos.stack.url);
  await eventually(async () => list.asked.length > 0 || undefined);
  await choose(page, photoPaths(['02-cat.png']));
  await page.locator('.ma-batch').waitFor();
  expect(await cards(page).count()).toBe(0);
  await list.end();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await untilCards(page, 'completed', 1);
});

test('still needed: Chromium does not ask again for a module that has failed', async () => {
  await page.goto(photos.stack.url);
  const parts = await cutOff('**/assets/nothing.js');
  const load = () =>
    page.evaluate(() =>
      import(String('/assets/nothing.js')).then(
        () => 'there',
        () => 'gone',
      ),
    );
  expect(await load()).toBe('gone');
  expect(await load()).toBe('gone');
  expect(parts.asked).toHaveLength(1);
});
