/**
 * Takes the screenshots of the documentation: `npm run screenshots`, or `npm run screenshots -- FOLDER` to look at them first. The
 * letters of both languages come from a package, so that they are there, and the same, on each machine.
 */
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { buildPage } from '../../web/build-page.ts';
import { TEN_PHOTOS as PHOTOS, startStack } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { cards, choose, photoPaths, untilCards } from './page.ts';

const [FOLDER = fileURLToPath(new URL('../../docs/screenshots', import.meta.url))] =
  process.argv.slice(2);
const FONT = fileURLToPath(
  new URL('../../node_modules/@fontsource-variable/noto-sans-jp', import.meta.url),
);

/** A busy machine needs it for six photos. */
const PATIENCE_MS = 180_000;

const DESKTOP = { viewport: { width: 1280, height: 720 } };

await buildPage();
// What is deployed has no networks: the units start from their sources.
const environment = { ANALYSIS_MODEL: 'local/vision' };
const [stack, { browser, close }] = await Promise.all([
  startStack({ environment, bundles: undefined }),
  startBrowser(),
]);
try {
  const desktop = await open(stack.url, DESKTOP);
  await choose(desktop, photoPaths(PHOTOS.slice(0, 6)));
  await untilCards(desktop, 'completed', 6);
  await choose(desktop, photoPaths(PHOTOS.slice(6)));
  await desktop.waitForFunction(
    () => document.querySelector(':is([data-stage="storing"], [data-stage="analyzing"])') !== null,
  );
  // Holds everything as it is until the picture is taken.
  const { pid = 0 } = stack.units.worker;
  process.kill(pid, 'SIGSTOP');
  await desktop.locator('.ma-card img').nth(9).waitFor({ state: 'attached' });
  await desktop.waitForTimeout(1_000);
  await shoot(desktop, 'desktop');
  process.kill(pid, 'SIGCONT');
  await untilCards(desktop, 'completed', 10);

  const dark = await open(stack.url, { ...DESKTOP, colorScheme: 'dark' });
  await untilCards(dark, 'completed', 10);
  await cards(dark)
    .filter({ has: dark.locator('h3[title="17-room-bottle.jpg"]') })
    .getByRole('button', { name: /^Open/ })
    .click();
  await dark.locator('.ma-measured > summary').click();
  await dark.locator('.ma-box').first().waitFor();
  await rest(dark);
  await shoot(dark, 'full-view');

  await shootJapanese();
  await shootSignIn();
} finally {
  await close();
  await stack.close();
}

/** In a library whose photos were described in Japanese. */
async function shootJapanese(): Promise<void> {
  const own = await startStack({ environment, bundles: undefined });
  try {
    const page = await open(own.url, { ...DESKTOP, locale: 'ja-JP' });
    await choose(page, photoPaths(PHOTOS));
    await untilCards(page, 'completed', 10);
    await rest(page);
    await shoot(page, 'desktop-ja');
  } finally {
    await own.close();
  }
}

/** As where the product is deployed: nobody is signed in. */
async function shootSignIn(): Promise<void> {
  const deployed = await startStack({ signIn: { signUp: true, onMail: () => undefined } });
  try {
    const page = await open(deployed.url, { viewport: { width: 1280, height: 640 } });
    await page.getByLabel('E-mail address').fill('you@example.com');
    await rest(page);
    await shoot(page, 'sign-in');
  } finally {
    await deployed.close();
  }
}

async function open(url: string, options: BrowserContextOptions): Promise<Page> {
  // The page's own policy lets no font in.
  const page = await browser.newPage({ ...options, bypassCSP: true });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.route('**/font/*', (route) =>
    route.fulfill({ path: join(FONT, 'files', basename(route.request().url())) }),
  );
  await page.goto(url);
  const faces = (await readFile(join(FONT, 'index.css'), 'utf8')).replaceAll('./files/', '/font/');
  await page.addStyleTag({
    content: `${faces} :root { --ma-font: "Noto Sans JP Variable", sans-serif }`,
  });
  return page;
}

/** Pictures that are in view have come, and what moves has come to rest. */
async function rest(page: Page): Promise<void> {
  await page.waitForTimeout(2_000);
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  const path = resolve(FOLDER, `${name}.png`);
  // A palette halves the file, and nobody sees it.
  await sharp(await page.screenshot())
    .png({ palette: true, effort: 10 })
    .toFile(path);
}
