/** Takes the screenshots of the documentation: npx node test/browser/screenshots.ts */
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { buildPage } from '../../web/build-page.ts';
import { file, startStack, TEN_PHOTOS } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { cards, choose, photoPaths, untilCards } from './page.ts';

/** The browser that comes with the tests has no Japanese font. */
const PHOTOS = [...TEN_PHOTOS.filter((name) => !name.includes('japanese')), '23-drawn-sign.jpg'];

/** A busy machine needs it for six photos. */
const PATIENCE_MS = 180_000;

const DESKTOP = { viewport: { width: 1280, height: 1040 } };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true };

await buildPage();
// What is deployed has no networks: the units start from their sources.
const environment = { ANALYSIS_MODEL: 'local/vision' };
const [stack, { browser, close }] = await Promise.all([
  startStack({ environment, bundles: undefined }),
  startBrowser(),
]);
try {
  const desktop = await browser.newPage(DESKTOP);
  desktop.setDefaultTimeout(PATIENCE_MS);
  await desktop.goto(stack.url);
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

  const phone = await browser.newPage(PHONE);

  phone.setDefaultTimeout(PATIENCE_MS);
  await phone.goto(stack.url);
  await untilCards(phone, 'completed', 10);
  await rest(phone);
  await shoot(phone, 'phone');

  const dark = await browser.newPage({ ...DESKTOP, colorScheme: 'dark' });

  dark.setDefaultTimeout(PATIENCE_MS);
  await dark.goto(stack.url);
  await untilCards(dark, 'completed', 10);
  await cards(dark)
    .filter({ has: dark.locator('h3[title="17-room-bottle.jpg"]') })
    .getByRole('button', { name: /^Open/ })
    .click();
  await dark.locator('.ma-measured > summary').click();
  await dark.locator('.ma-box').first().waitFor();
  await rest(dark);
  await shoot(dark, 'dark');

  const cut = Buffer.from(await (await file('02-cat.png')).slice(0, 20_000).arrayBuffer());
  await choose(desktop, [
    { name: 'cut.png', mimeType: 'image/png', buffer: cut },
    { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('words') },
  ]);
  await untilCards(desktop, 'failed', 2);
  await rest(desktop);
  await shoot(desktop, 'failure');
  await shootSignIn();
} finally {
  await close();
  await stack.close();
}

/** As where the product is deployed: nobody is signed in. */
async function shootSignIn(): Promise<void> {
  const deployed = await startStack({ signIn: { signUp: true, onMail: () => undefined } });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 640 } });
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(deployed.url);
    await page.getByLabel('E-mail address').fill('you@example.com');
    await rest(page);
    await shoot(page, 'sign-in');
  } finally {
    await deployed.close();
  }
}

/** Pictures that are in view have come, and what moves has come to rest. */
async function rest(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(500);
}

async function shoot(page: Page, name: string): Promise<void> {
  const path = fileURLToPath(new URL(`../../docs/screenshots/${name}.png`, import.meta.url));
  // A palette halves the file, and nobody sees it.
  await sharp(await page.screenshot())
    .png({ palette: true, effort: 10 })
    .toFile(path);
}
