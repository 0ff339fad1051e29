/**
 * What `sign-in.test.ts` and `sign-in.long.test.ts` share: people who sign in, each in another shape of the product. The page is
 * under the deployed policy, the accounts are in the local stand-in of Identity Platform.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { Shape } from '../../local/stack.ts';
import type { Mail } from '../../local-cloud/identity/toolkit.ts';
import { soon } from '../support/eventually.ts';
import { longTest } from '../support/long-test.ts';
import { currentPage } from '../support/page.ts';
import { eventually, type Stack, startStack } from '../support/stack.ts';
import { startBrowser, type TestBrowser } from './browser.ts';
import {
  accessibilityProblems,
  bytesKept,
  cards,
  choose,
  noisyPhotos,
  photoPaths,
  pressInMenu,
  slowDown,
  untilCards,
  untilDrawn,
} from './page.ts';
import { openWindow, type TestWindow } from './window.ts';

const PASSWORD = 'correct horse';
const GOOGLE_CLIENT = 'client.apps.googleusercontent.com';
const HOUR_S = 3_600;

/** @param photos What the first person sends, by their names in `test/photos`. */
export function testSignIn(shape: Shape, photos: readonly string[]): void {
  let stack: Stack;
  let chromium: TestBrowser;
  let window: TestWindow;
  let page: Page;
  /** What the page may complain of in this test: Chromium reports each answer that is no 2xx. */
  let expected: RegExp | undefined;
  let mails: Mail[];
  let tokenLifetimeS: number;
  let google: { key: Awaited<ReturnType<typeof generateKeyPair>>['privateKey']; jwk: JWK };

  beforeAll(async () => {
    await currentPage();
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    google = { key: privateKey, jwk: { ...(await exportJWK(publicKey)), alg: 'RS256' } };
    const signIn = {
      signUp: true,
      onMail: (mail: Mail) => void mails.push(mail),
      google: { clientId: GOOGLE_CLIENT, keys: createLocalJWKSet({ keys: [google.jwk] }) },
      tokenLifetimeS: () => tokenLifetimeS,
    };
    [stack, chromium] = await Promise.all([startStack({ shape, signIn }), startBrowser()]);
  });
  afterAll(async () => {
    await chromium.close();
    await stack.close();
  });
  beforeEach(async () => {
    mails = [];
    tokenLifetimeS = HOUR_S;
    expected = undefined;
    await open();
  });
  afterEach(async () => {
    await window.context.close();
    expect(window.complaints.filter((text) => !expected?.test(text))).toEqual([]);
  });

  async function open(options?: BrowserContextOptions): Promise<void> {
    window = await openWindow(chromium.browser, options);
    page = window.page;
  }

  const REFUSED = /the server responded with a status of 400/;

  const button = (name: string, tab = page) => tab.getByRole('button', { name, exact: true });

  async function fill(email: string, password = PASSWORD): Promise<void> {
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
  }

  /** The menu says who it is. */
  async function untilSignedInAs(name: string): Promise<void> {
    await page.locator('.ma-more-button').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).getByText(name).waitFor();
    await page.keyboard.press('Escape');
  }

  async function signUp(email: string): Promise<void> {
    await sendSignUp(email);
    await page.locator('.ma-more-button').waitFor();
  }

  async function sendSignUp(email: string): Promise<void> {
    await page.goto(stack.url);
    await createAccount(email);
  }

  /** Without a reload. */
  async function createAccount(email: string): Promise<void> {
    await button('Create an account').click();
    await fill(email);
    await button('Create an account').click();
  }

  async function signIn(email: string, password = PASSWORD): Promise<void> {
    await fill(email, password);
    await button('Sign in').click();
  }

  test('sign up, photos live, a reload, sign out; another user sees nothing of it', async () => {
    await signUp('alice@example.com');
    await untilSignedInAs('alice@example.com');
    await choose(page, photoPaths(photos));
    await untilCards(page, 'completed', photos.length);
    await untilDrawn(page, '.ma-card img', photos.length);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.reload();
    await untilCards(page, 'completed', photos.length);

    await page.locator('.ma-search-field').fill('lake');
    await page.waitForURL('**/?q=lake');
    await pressInMenu(page, 'Sign out');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await cards(page).count()).toBe(0);
    // What they have searched for is nothing to the next person.
    expect(new URL(page.url()).search).toBe('');
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();

    // A link is opened after the sign-in.
    await page.goto(`${stack.url}/?q=nowhere`);
    await signIn('alice@example.com');
    await page.getByText('Nothing was found').waitFor();
    await pressInMenu(page, 'Sign out');

    await signUp('bob@example.com');
    await page.getByText('Drop photos and videos here').waitFor();
    await pressInMenu(page, 'Sign out');
    await signIn('alice@example.com');
    await untilCards(page, 'completed', photos.length);
  });

  longTest(
    'a search in another tab is not there for the next person, who signs in without a reload',
    async () => {
      await signUp('rosa@example.com');
      await choose(page, photoPaths(photos.slice(0, 1)));
      await untilCards(page, 'completed', 1);
      const first = page;
      page = await window.openTab();
      await page.goto(`${stack.url}/?q=nowhere`);
      await page.getByText('Nothing was found').waitFor();
      await pressInMenu(first, 'Sign out');
      await createAccount('sam@example.com');
      await page.getByText('Drop photos and videos here').waitFor();
      expect(new URL(page.url()).search).toBe('');
    },
  );

  test('what was not sent yet is deleted when nobody is signed in', async () => {
    await signUp('carol@example.com');
    await slowDown(page, 20_000);
    await choose(page, await noisyPhotos(3));
    await eventually(async () => (await bytesKept(page)) === 3 || undefined);
    await page.evaluate(() => localStorage.removeItem('media-analysis-session'));
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await eventually(async () => (await bytesKept(page)) === 0 || undefined);
    await slowDown(page, -1);
    await signIn('carol@example.com');
    await page.locator('.ma-more-button').waitFor();
    await page.locator('.ma-upload').waitFor();
    expect(await cards(page).count()).toBe(0);
  });

  longTest("nor does another user's page send it", async () => {
    const session = () => page.evaluate(() => localStorage.getItem('media-analysis-session') ?? '');
    await signUp('dave@example.com');
    const dave = await session();
    await pressInMenu(page, 'Sign out');
    await signUp('erin@example.com');
    const erin = await session();
    await slowDown(page, 20_000);
    await choose(page, await noisyPhotos(3));
    await eventually(async () => (await bytesKept(page)) === 3 || undefined);
    // No page of nobody comes between.
    await page.goto('about:blank');
    const use = (stored: string) => localStorage.setItem('media-analysis-session', stored);
    await page.addInitScript(use, dave);
    await page.goto(stack.url);
    await untilSignedInAs('dave@example.com');
    await eventually(async () => (await bytesKept(page)) === 0 || undefined);
    expect(await cards(page).count()).toBe(0);
    expect(erin).not.toBe(dave);
  });

  longTest('who signs in again finds nothing of what signing out has stopped', async () => {
    await signUp('frank@example.com');
    await slowDown(page, 20_000);
    const refused = { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('x') };
    await choose(page, [...(await noisyPhotos(2)), refused]);
    await cards(page, 'sending').first().waitFor();
    await untilCards(page, 'failed', 1);
    await eventually(async () => (await bytesKept(page)) === 2 || undefined);
    await pressInMenu(page, 'Sign out');
    await signIn('frank@example.com');
    await slowDown(page, -1);
    // By then it has heard of all that other tabs have.
    await choose(page, photoPaths(['02-cat.png']));
    await untilCards(page, 'completed', 1);
    expect(await cards(page).count()).toBe(1);
  });

  longTest('what a closed tab has left is not deleted by the page of an earlier user', async () => {
    await signUp('grace@example.com');
    await choose(page, photoPaths(['02-cat.png']));
    await untilCards(page, 'completed', 1);
    await pressInMenu(page, 'Sign out');
    await createAccount('heidi@example.com');
    await page.locator('.ma-more-button').waitFor();
    const other = await window.openTab();
    await other.goto(stack.url);
    await slowDown(other, 20_000);
    await choose(other, await noisyPhotos(2));
    await eventually(async () => (await bytesKept(other)) === 2 || undefined);
    await cards(page, 'sending').nth(1).waitFor();
    await other.close();
    // Each tab waits for the end of the other.
    const waiting = () =>
      page.evaluate(async () => (await navigator.locks.query()).pending?.length ?? 0);
    await eventually(async () => (await waiting()) === 0 || undefined);
    // As when the browser shows the tab beside the closed one.
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await untilCards(page, 'completed', 2);
  });

  longTest(
    'who signs in next is not asked about the files that another person has shared',
    async () => {
      await signUp('ivan@example.com');
      await page.evaluate(async () => {
        await navigator.serviceWorker.register('/service-worker.js', { type: 'module' });
        await navigator.serviceWorker.ready;
      });
      await page.goto('about:blank');
      await page.setContent(
        `<form action="${stack.url}/share" method="post" enctype="multipart/form-data"><input type="file" name="files"><button>Share</button></form>`,
      );
      await page.locator('input[type=file]').setInputFiles(photoPaths(['02-cat.png']));
      await button('Share').click();
      const question = page.getByText('Upload the shared file?');
      await question.waitFor();
      await pressInMenu(page, 'Sign out');
      await createAccount('judy@example.com');
      await page.getByText('Drop photos and videos here').waitFor();
      // What is read of them is there by then.
      await choose(page, photoPaths(['03-coffee.webp']));
      await untilCards(page, 'completed', 1);
      expect(await question.count()).toBe(0);
      await pressInMenu(page, 'Sign out');
      await signIn('ivan@example.com');
      await question.waitFor();
    },
  );

  longTest('what is wrong is said beside its field, and the field has the focus', async () => {
    expected = REFUSED;
    await page.goto(stack.url);
    await button('Sign in').click();
    await page.getByText('Enter your e-mail address.').waitFor();
    await page.getByText('Enter your password.').waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('name'));
    await soon(async () => expect(await focused()).toBe('email'));

    await signIn('somebody@example.com', 'not my password');
    await page.getByText('The e-mail address or the password is wrong.').waitFor();
    await soon(async () => expect(await focused()).toBe('password'));
    expect(await accessibilityProblems(page)).toEqual([]);

    await button('Create an account').click();
    await fill('somebody@example.com', '12345');
    await button('Create an account').click();
    await page.locator('[data-kind=problem]', { hasText: 'Use at least 6 characters.' }).waitFor();
    await soon(async () => expect(await focused()).toBe('password'));
    expect(await accessibilityProblems(page)).toEqual([]);

    await signUp('somebody@example.com');
    await pressInMenu(page, 'Sign out');
    await button('Create an account').click();
    await fill('somebody@example.com');
    await button('Create an account').click();
    await page.getByText('There is already an account with this address').waitFor();
    await soon(async () => expect(await focused()).toBe('email'));
  });

  longTest('Back leads from a screen to the sign-in, and not away from the page', async () => {
    const heading = (name: string) => page.getByRole('heading', { name, exact: true });
    await page.goto('about:blank');
    await page.goto(stack.url);
    await button('Create an account').click();
    await heading('Create an account').waitFor();
    await page.goBack();
    await heading('Sign in').waitFor();
    expect(page.url()).toBe(`${stack.url}/`);

    await button('Forgot your password?').click();
    await page.getByLabel('E-mail address').fill('nobody@example.com');
    await button('Send the e-mail').click();
    await heading('Check your e-mail').waitFor();
    await page.reload();
    await heading('Sign in').waitFor();
    await button('Forgot your password?').click();
    await button('Back to sign-in').click();
    await heading('Sign in').waitFor();
  });

  longTest('where people may not make accounts, the page says how to get one', async () => {
    await page.route('**/config.json', async (route) => {
      const config = await (await route.fetch()).json();
      await route.fulfill({ json: { ...config, sign_in: { ...config.sign_in, sign_up: false } } });
    });
    await page.goto(stack.url);
    await page.getByText('No account yet? Ask the person who runs this page for one.').waitFor();
    expect(await button('Create an account').count()).toBe(0);
  });

  longTest('password managers know the fields, and the password can be shown', async () => {
    await page.goto(stack.url);
    const password = page.getByLabel('Password', { exact: true });
    const email = page.getByLabel('E-mail address');
    expect(await email.getAttribute('autocomplete')).toBe('username');
    expect(await password.getAttribute('autocomplete')).toBe('current-password');
    expect(await password.getAttribute('type')).toBe('password');
    await button('Show the password').click();
    expect(await password.getAttribute('type')).toBe('text');
    await button('Create an account').click();
    expect(await password.getAttribute('autocomplete')).toBe('new-password');
  });

  longTest('a forgotten password is replaced by the link of a mail, once', async () => {
    expected = REFUSED;
    const email = 'forgetful@example.com';
    await signUp(email);
    await pressInMenu(page, 'Sign out');
    await page.getByLabel('E-mail address').fill(email);
    await button('Forgot your password?').click();
    await button('Send the e-mail').click();
    await page.getByRole('heading', { name: 'Check your e-mail' }).waitFor();
    const [mail] = mails;
    expect(mail).toMatchObject({ to: email, language: 'en' });
    // It does not come: another one can be sent.
    await button('Send a new e-mail').click();
    expect(await page.getByLabel('E-mail address').inputValue()).toBe(email);

    await page.goto(mail?.link ?? '');
    await page.getByLabel('Password', { exact: true }).fill('new password');
    expect(await page.getByLabel('E-mail address').inputValue()).toBe(email);
    expect(await accessibilityProblems(page)).toEqual([]);
    await button('Save and sign in').click();
    await page.locator('.ma-more-button').waitFor();
    expect(new URL(page.url()).search).toBe('');
    await pressInMenu(page, 'Sign out');
    await signIn(email, 'new password');
    await pressInMenu(page, 'Sign out');

    await page.goto(mail?.link ?? '');
    await page.getByText('This link has expired or was already used.').waitFor();
    await button('Send a new e-mail').click();
    await button('Send the e-mail').waitFor();
  });

  test('a token that has ended in mid-stream is renewed, and the stream goes on', async () => {
    await signUp('patient@example.com');
    const streamTokens: (string | undefined)[] = [];
    page.on('request', (request) => {
      if (!request.url().includes('/stream?')) return;
      streamTokens.push(request.headers().authorization);
    });
    // The page renews such a token before each request, and the server believes it for a minute.
    tokenLifetimeS = 30;
    await page.reload();
    await page.locator('.ma-more-button').waitFor();
    const { pids } = stack.units.worker;
    const halt = (signal: 'SIGSTOP' | 'SIGCONT') => {
      for (const pid of pids) process.kill(pid, signal);
    };
    // While the worker stands still, the stream stays open.
    halt('SIGSTOP');
    try {
      await choose(page, photoPaths(['02-cat.png']));
      await page.locator('.ma-batch[data-connection=live]').waitFor();
      expect(streamTokens).toHaveLength(1);
      // Of the same second, two tokens that end at the same time are one and the same.
      tokenLifetimeS = 20;
      // As when the network was away: the client opens the stream again, and its token has ended meanwhile.
      await page.evaluate(() => dispatchEvent(new Event('online')));
      await eventually(async () => new Set(streamTokens).size > 1 || undefined);
      await page.locator('.ma-batch[data-connection=live]').waitFor();
    } finally {
      halt('SIGCONT');
    }
    await untilCards(page, 'completed', 1);
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  longTest(
    'signing out in one tab ends the others; a session that the server ends says so',
    async () => {
      expected = REFUSED;
      await signUp('tabs@example.com');
      const other = await window.openTab();
      await other.goto(stack.url);
      await pressInMenu(other, 'Sign out');
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();

      await signIn('tabs@example.com');
      await other.locator('.ma-more-button').waitFor();
      // A new password ends the sessions that began with the old one.
      await fetchReset('tabs@example.com');
      await page.reload();
      await page.getByText('Your session has ended. Please sign in again.').waitFor();
      await other.getByRole('heading', { name: 'Sign in' }).waitFor();
    },
  );

  /** As from another device. */
  async function fetchReset(email: string): Promise<void> {
    const config = (await (await fetch(`${stack.url}/config.json`)).json()) as {
      sign_in: { api_key: string; identity_url: string };
    };
    const { api_key, identity_url } = config.sign_in;
    const call = (operation: string, body: object) =>
      fetch(`${identity_url}/v1/accounts:${operation}?key=${api_key}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Referer: stack.url },
        body: JSON.stringify(body),
      });
    await call('sendOobCode', { requestType: 'PASSWORD_RESET', email });
    const oobCode = new URL(mails.at(-1)?.link ?? '').searchParams.get('oobCode');
    await call('resetPassword', { oobCode, newPassword: 'from elsewhere' });
  }

  longTest('with Google: the page leaves and comes back, and nothing of it runs here', async () => {
    await page.route('https://accounts.google.com/**', async (route) => {
      const asked = new URL(route.request().url()).searchParams;
      const idToken = await new SignJWT({
        email: 'carol@example.com',
        email_verified: true,
        name: 'Carol 東京',
        nonce: asked.get('nonce'),
      })
        .setProtectedHeader({ alg: 'RS256' })
        .setIssuer('https://accounts.google.com')
        .setSubject('1234567890')
        .setAudience(asked.get('client_id') ?? '')
        .setExpirationTime('1h')
        .sign(google.key);
      const answer = new URLSearchParams({ id_token: idToken, state: asked.get('state') ?? '' });
      await route.fulfill({
        status: 302,
        headers: { Location: `${asked.get('redirect_uri')}#${answer}` },
      });
    });
    await page.goto(stack.url);
    await button('Continue with Google').click();
    await untilSignedInAs('Carol 東京');
    expect(page.url()).toBe(`${stack.url}/`);
    await page.getByText('Drop photos and videos here').waitFor();

    // Back at Google instead of an account chosen.
    await pressInMenu(page, 'Sign out');
    await page.unroute('https://accounts.google.com/**');
    await page.route('https://accounts.google.com/**', async (route) => {
      const state = new URL(route.request().url()).searchParams.get('state') ?? '';
      const answer = new URLSearchParams({ error: 'access_denied', state });
      await route.fulfill({ status: 302, headers: { Location: `${stack.url}/#${answer}` } });
    });
    await button('Continue with Google').click();
    await page.getByText('The sign-in with Google was cancelled.').waitFor();
    expect(new URL(page.url()).hash).toBe('');
  });

  longTest('no network: it is said, and the next try works', async () => {
    expected = /ERR_INTERNET_DISCONNECTED|Failed to fetch/;
    await signUp('offline@example.com');
    await pressInMenu(page, 'Sign out');
    await window.context.setOffline(true);
    await signIn('offline@example.com');
    await page.getByRole('alert').getByText('The sign-in service cannot be reached.').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await window.context.setOffline(false);
    await button('Sign in').click();
    await page.locator('.ma-more-button').waitFor();
  });

  longTest('settings that cannot be read: it is said, with a button to try again', async () => {
    await page.route('**/config.json', (route) => route.fulfill({ body: '{"sign_in":1}' }));
    await page.goto(stack.url);
    await page.getByRole('alert').getByText('The settings of this page').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.unroute('**/config.json');
    await button('Try again').click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  longTest('in Japanese, on a phone, with the keyboard alone', async () => {
    expected = REFUSED;
    await window.context.close();
    await open({ locale: 'ja-JP', viewport: { width: 390, height: 844 }, hasTouch: true });
    await page.goto(stack.url);
    await page.getByRole('heading', { name: 'サインイン' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('ja');
    await page.getByLabel('メールアドレス').focus();
    await page.keyboard.type('hanako@example.com');
    await page.keyboard.press('Tab');
    await page.keyboard.type('wrong password');
    await page.keyboard.press('Enter');
    await page.getByText('メールアドレスかパスワードが正しくありません。').waitFor();
    const isWide = () => document.documentElement.scrollWidth > innerWidth;
    expect(await page.evaluate(isWide)).toBe(false);
    expect(await accessibilityProblems(page)).toEqual([]);
    await button('アカウントを作成').press('Enter');
    await page.getByLabel('パスワード', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('.ma-more-button').waitFor();
    expect(await page.evaluate(isWide)).toBe(false);
    await page.locator('.ma-more-button').click();
    await page
      .getByRole('menuitem', { name: 'サインアウト' })
      .getByText('hanako@example.com')
      .waitFor();
  });
}
