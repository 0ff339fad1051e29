/** How a library of 40 opens: few requests, and its first picture before any script that it does not need. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { currentPage } from '../support/page.ts';
import { photo, type Stack, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { shelveLibrary } from './shelve-library.ts';
import { openWindow } from './window.ts';

const PICTURE = readFileSync(fileURLToPath(photo('08-lake.jpg')));
/** Of the page's files and of the API. Each picture that is near the screen is one more. */
const MOST_REQUESTS = 25;

let stack: Stack;
let chromium: Awaited<ReturnType<typeof startBrowser>>;

beforeAll(async () => {
  await currentPage();
  [stack, chromium] = await Promise.all([startStack(), startBrowser()]);
  await shelveLibrary(stack, 40);
});
afterAll(async () => {
  await chromium.close();
  await stack.close();
});

test.each([
  ['1440 × 900', { width: 1440, height: 900 }],
  ['390 × 844', { width: 390, height: 844 }],
])(
  'at %s, what the first picture does not need comes after it, and all in 25 requests',
  async (_, viewport) => {
    const { context, page, complaints } = await openWindow(chromium.browser, { viewport });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    // What was put into the library by hand has no file.
    await page.route('**/api/media?*', async (route) => {
      const response = await route.fetch();
      const list = (await response.json()) as { media: { id: string }[] };
      const media = list.media.map((each) => ({ ...each, url: `/api/media/${each.id}/content` }));
      await route.fulfill({ response, json: { ...list, media } });
    });
    const first = Promise.withResolvers<string[]>();
    await page.route('**/preview?size=small', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      first.resolve([...asked]);
      await route.fulfill({ body: PICTURE, contentType: 'image/jpeg' });
    });
    // What sends files comes last, and the changes that other devices make.
    const last = Promise.all([
      page.waitForResponse(/\/sending-/),
      page.waitForRequest(/\/api\/media\/stream/),
    ]);
    await page.goto(stack.url);
    const [before, html] = await Promise.all([first.promise, (await fetch(stack.url)).text()]);
    const scripts = before.filter((path) => path.endsWith('.js'));
    expect(scripts.filter((path) => !html.includes(path))).toEqual([]);
    expect(before).toContain('/api/media');

    await last;
    const others = asked.filter((path) => !path.endsWith('/preview'));
    expect(others.length).toBeLessThanOrEqual(MOST_REQUESTS);
    const settings = others.filter((path) => path === '/config.json' || path === '/api/analyses');
    expect(settings.sort()).toEqual(['/api/analyses', '/config.json']);
    await context.close();
    expect(complaints).toEqual([]);
  },
);
