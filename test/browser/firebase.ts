/**
 * The main job on Google's own emulators: a user of the Auth emulator signs in with a browser and watches
 * ten photos, on a phone too. `npx node test/browser/firebase.ts [DIR]` keeps the screenshots in that folder.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { buildPage } from '../../web/build-page.ts';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';
import { TEN_PHOTOS } from '../support/stack.ts';
import { startBrowser } from './browser.ts';
import { cards, choose, photoPaths, untilCards } from './page.ts';

const START = fileURLToPath(new URL('../../local/start.ts', import.meta.url));
const START_WITHIN_MS = 10 * 60_000;
const ACCOUNT = { email: 'someone@example.com', password: 'a password' };
const DESKTOP = { viewport: { width: 1280, height: 1040 } };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true };
const [, , folder] = process.argv;

await buildPage();
const product = startProduct();
const url = await product.url;
const { browser, close } = await startBrowser();
try {
  const desktop = await browser.newPage(DESKTOP);
  await signIn(desktop, true);
  await choose(desktop, photoPaths(TEN_PHOTOS));
  await untilCards(desktop, 'completed', TEN_PHOTOS.length);
  await shoot(desktop, 'desktop');

  const phone = await browser.newPage(PHONE);
  await signIn(phone, false);
  await untilCards(phone, 'completed', TEN_PHOTOS.length);
  await shoot(phone, 'phone');

  // Another user sees none of them: the token that was exchanged says who it is.
  const stranger = await browser.newPage(DESKTOP);
  await signIn(stranger, true, 'other@example.com');
  await stranger.getByText('Drop photos and videos here').waitFor();
  if ((await cards(stranger).count()) > 0) throw new Error('Another user sees the photos.');
  console.log(
    `photos: ${TEN_PHOTOS.length} watched by a user of Google's Auth emulator, all completed`,
  );
} finally {
  await close();
  await product.stop();
}

/** `npm run start:firebase` as a process of its own, as a person has it. */
function startProduct(): { url: Promise<string>; stop(): Promise<void> } {
  const env = { ...process.env, PORT: '0', ANALYSIS_MODEL: 'local/facts' };
  const child: ChildProcess = spawn(process.execPath, [START, '--firebase'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill());
  let output = '';
  const url = new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('It did not start in time.')), START_WITHIN_MS);
    child.stdout?.on('data', (chunk: Buffer) => {
      process.stdout.write(chunk);
      output += chunk;
      const ready = /^Ready on (\S+)$/m.exec(output)?.[1];
      if (ready === undefined) return;
      clearTimeout(late);
      resolve(ready);
    });
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`start:firebase ended with ${code}.`));
    });
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  };
  return { url, stop };
}

/** Each page has a window of its own, which knows nobody yet. */
async function signIn(page: Page, isNew: boolean, email = ACCOUNT.email): Promise<void> {
  page.setDefaultTimeout(HANG_LIMIT_MS);
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(url);
  if (isNew) await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(ACCOUNT.password);
  await page
    .getByRole('button', { name: isNew ? 'Create an account' : 'Sign in', exact: true })
    .click();
  // A phone has one more, for its camera.
  await page.getByLabel('Choose files').waitFor({ state: 'attached' });
}

/** Waits until each card in view has its picture: they come from signed URLs, made for this user. */
async function shoot(page: Page, name: string): Promise<void> {
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.ma-card')]
      .filter((card) => card.getBoundingClientRect().top < innerHeight)
      .every((card) => (card.querySelector('img')?.naturalWidth ?? 0) > 0),
  );
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  // What moves and fades comes to rest.
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
