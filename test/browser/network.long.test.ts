/** The page on another device, as one's own phone: by the address that `npm start` prints, behind the door of `HOST`. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { type Network, newToken, openToNetwork } from '../../local/network.ts';
import { needing } from '../support/needing.ts';
import { currentPage } from '../support/page.ts';
import { client, eventually, photo, type Stack, startStack } from '../support/stack.ts';
import { isHere } from '../support/systems.ts';
import { startBrowser, type TestBrowser } from './browser.ts';

const it = needing('address');

let stack: Stack;
let network: Network;
let chromium: TestBrowser;
beforeAll(async () => {
  if (!isHere('address')) return;
  [stack, chromium] = await Promise.all([startStack(), startBrowser(), currentPage()]);
  const { STORAGE_EMULATOR_HOST: storageUrl = '', MEDIA_BUCKET: mediaBucket = '' } =
    stack.environment;
  const hosts = ['127.0.0.2'];
  const gatewayUrl = stack.url;
  network = await openToNetwork({
    hosts,
    token: newToken(),
    gatewayUrl,
    storageUrl,
    mediaBucket,
  });
});
afterAll(async () => {
  await chromium?.close();
  network?.close();
  await stack?.close();
});

it('the address opens the page, which sends a photo, follows it and shows its picture', async () => {
  const [url = ''] = network.urls;
  const page = await chromium.browser.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(String(error)));
  await page.goto(url);
  await page.waitForSelector('input[type=file]', { state: 'attached' });
  // The token is in no address, and so in no history.
  expect(page.url()).toBe(`${new URL(url).origin}/`);
  const cat = fileURLToPath(photo('18-cat-exif-orientation6.jpg'));
  await page.setInputFiles('input[type=file] >> nth=0', cat);
  // While it is sent, the page shows its own copy; afterwards the one of Cloud Storage.
  await eventually(async () => {
    const answer = await client(stack).call('/api/media');
    const { media } = (await answer.json()) as { media: { status: string }[] };
    return media.some(({ status }) => status === 'completed') || undefined;
  });
  await page.reload();
  await page.waitForFunction(() =>
    [...document.images].some(
      ({ currentSrc, naturalWidth }) => /preview|storage/.test(currentSrc) && naturalWidth > 0,
    ),
  );
  expect(troubles).toEqual([]);
  await page.close();

  // Another browser has no cookie, and is told what to do.
  const stranger = await chromium.browser.newContext();
  const other = await stranger.newPage();
  await other.goto(new URL(url).origin);
  expect(await other.textContent('body')).toContain('npm start');
  await stranger.close();
});
