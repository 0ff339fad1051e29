/** Parts of the page that did not come when they were asked for: they come later. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type RunningChat, startChat } from '../support/chat-server.ts';
import { eventually } from '../support/stack.ts';
import { cards, choose, photoPaths, pressInMenu, untilCards } from './page.ts';
import { type Photos, startPhotos } from './photos.ts';
import type { TestWindow } from './window.ts';

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

test('all that acts on a photo comes when the line is back', async () => {
  answer('A cat');
  const acts = await cutOff('**/assets/media-parts-*.js');
  await page.goto(photos.stack.url);
  await choose(page, photoPaths(['02-cat.png']));
  await untilCards(page, 'completed', 1);
  await eventually(async () => acts.asked.length > 0 || undefined);
  await acts.end();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await cards(page).hover();
  await pressInMenu(page, 'Select');
  expect(await page.getByRole('alert').count()).toBe(0);
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
