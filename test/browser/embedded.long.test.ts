/**
 * `MediaAnalysis` in apps: made from nothing but the files that are published and the README's lines, built by Vite, on an origin
 * of their own, with React 18 and 19, and drawn on a server first.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type App, installApp } from '../support/app.ts';
import { type Stack, startStack, TEN_PHOTOS, tokenOf } from '../support/stack.ts';
import { startBrowser, type TestBrowser } from './browser.ts';
import { choose, colourBehind, photoPaths, untilCards, untilDrawn } from './page.ts';
import { openWindow } from './window.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const VITE = join(ROOT, 'node_modules/vite/bin/vite.js');
const API = 'http://localhost:8080';

const readme = readFileSync(join(ROOT, 'web/README.md'), 'utf8');
const [FIVE_LINES = '', PARTS = ''] = [...readme.matchAll(/```tsx\n([\s\S]*?)```/g)].map(
  ([, code]) => code,
);

/** Draws it in the browser over what the server has drawn, and notes what React says of it. */
const hydrate = (token: string, properties = '') => `
  import { MediaAnalysis } from '@media-analysis/react';
  import { hydrateRoot } from 'react-dom/client';
  import '@media-analysis/react/styles.css';
  globalThis.mismatches = [];
  const onRecoverableError = (error) => globalThis.mismatches.push(String(error));
  const all = <MediaAnalysis baseUrl="${API}" getToken={() => '${token}'} ${properties} />;
  hydrateRoot(document.querySelector('#root'), all, { onRecoverableError });`;

const SERVER = `
  import { createElement } from 'react';
  import { renderToString } from 'react-dom/server';
  import { MediaAnalysis } from '@media-analysis/react';
  const [, , language] = process.argv;
  process.stdout.write(renderToString(createElement(MediaAnalysis, { language })));`;

/** Its API and its token are in the address of the page. */
const PROBE = `
  import { MediaAnalysis } from '@media-analysis/react';
  import { createRoot } from 'react-dom/client';
  import '@media-analysis/react/styles.css';
  const query = new URLSearchParams(location.search);
  const getToken = query.has('token') ? () => query.get('token') : undefined;
  createRoot(document.querySelector('#root')).render(<MediaAnalysis baseUrl={query.get('api')} getToken={getToken} />);`;

const DRAW = `
  import { createRoot } from 'react-dom/client';
  createRoot(document.querySelector('#root')).render(<App />);`;

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

const htmlOf = (name: string, body = '') => `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><link rel="icon" href="data:," /></head>
  <body><div id="root">${body}</div><script type="module" src="/${name}.tsx"></script></body>
</html>`;

const REACTS = [19, 18] as const;
type React = (typeof REACTS)[number];

let stack: Stack;
let browser: TestBrowser;
const apps = new Map<React, App>();
const servers: Server[] = [];
const urls = new Map<React, string>();

beforeAll(async () => {
  for (const react of REACTS) urls.set(react, await serve(react));
  [stack, browser] = await Promise.all([
    startStack({ environment: { ALLOWED_ORIGINS: [...urls.values()].join(',') } }),
    startBrowser(),
  ]);
  for (const react of REACTS) {
    const app = await installApp({ react });
    apps.set(react, app);
    await buildPages(app, react);
  }
});
afterAll(async () => {
  await browser.close();
  await stack.close();
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  for (const app of apps.values()) await app.close();
});

/** Serves what was built of an app. @returns its origin, which the API has to allow before there is an app */
async function serve(react: React): Promise<string> {
  const server = createServer(async ({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const built = join(apps.get(react)?.folder ?? '', 'dist');
    const path = join(built, normalize(pathname === '/' ? 'index.html' : pathname));
    const body = await readFile(path).catch(() => undefined);
    response.writeHead(body ? 200 : 404, { 'Content-Type': TYPES[extname(path)] ?? 'text/plain' });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function buildPages(app: App, react: React): Promise<void> {
  const token = await tokenOf(stack, `sender-${react}`);
  const reader = await tokenOf(stack, `reader-${react}`);
  await app.write('server.js', SERVER);
  const signIn = "const auth = { currentUser: { getIdToken: async () => 'expired' } };";
  await app.write('dark.css', ':root { color-scheme: dark; }');
  const pages: [name: string, source: string, drawn?: string][] = [
    // The local stack takes a page of another origin for its own user only with a token.
    ['index', FIVE_LINES.replace(' />', ` getToken={() => '${token}'} />`)],
    ['parts', `${signIn}${PARTS.replace('https://media.example.com', API)}${DRAW}`],
    ['probe', PROBE],
    ['dark', `import './dark.css';${PROBE}`],
    ['hydrate', hydrate(reader), await app.run('server.js')],
    ['hydrate-ja', hydrate(reader, 'language="ja"'), await app.run('server.js', 'ja')],
  ];
  for (const [name, source, drawn] of pages) {
    await app.write(`${name}.tsx`, source.replaceAll(API, stack.url));
    await app.write(`${name}.html`, htmlOf(name, drawn));
  }
  const rolldownOptions = { input: pages.map(([name]) => `${name}.html`) };
  await app.write(
    'vite.config.js',
    `export default ${JSON.stringify({ build: { rolldownOptions } })}`,
  );
  // What React finds fault with, it says in development only.
  const args = [VITE, 'build', '--mode', 'development', '--logLevel', 'warn'];
  await run(process.execPath, args, {
    cwd: app.folder,
    env: { ...process.env, NODE_ENV: 'development' },
  });
}

const drawnIn = (page: string) => /<div id="root">(.*)<\/div>/s.exec(page)?.[1] ?? '';

describe.each(REACTS)('with React %i', (react) => {
  const url = (path: string) => `${urls.get(react)}/${path}`;

  test("the README's five lines make an app that analyses photos, and leave its address and title alone", async () => {
    const { page, context, complaints } = await openWindow(browser.browser);
    await page.goto(url(''));
    await page.getByText('Drop photos and videos here').waitFor();
    await choose(page, photoPaths(TEN_PHOTOS.slice(0, 3)));
    await untilCards(page, 'completed', 3);
    await page.getByText('All done').waitFor();
    await untilDrawn(page, '.ma-card img', 3);
    await page.getByRole('button', { name: /^Open/ }).first().click();
    await page.getByRole('dialog').waitFor();
    expect([page.url(), await page.title()]).toEqual([url(''), '']);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
    await context.close();
  });

  test.each([
    ['hydrate.html', 'Choose files'],
    ['hydrate-ja.html', 'ファイルを選択'],
  ])('%s begins in a Japanese browser with what the server has drawn', async (path, first) => {
    expect(drawnIn(await (await fetch(url(path))).text())).toContain(first);
    const { page, context, complaints } = await openWindow(browser.browser, { locale: 'ja-JP' });
    // What the browser remembers, the server does not know.
    await page.addInitScript(() => localStorage.setItem('media-analysis-batch ', '["*gone"]'));
    await page.goto(url(path));
    await page.getByText('写真や動画をここにドロップ').waitFor();
    expect(await page.evaluate('mismatches')).toEqual([]);
    // The browser itself writes each 404 into its console.
    expect(complaints.filter((each) => !each.includes('404'))).toEqual([]);
    await context.close();
  });

  test('of no batch nothing is said, and a card says that its sender is not signed in', async () => {
    const { page, context } = await openWindow(browser.browser);
    await page.goto(url('parts.html'));
    await page.getByRole('button', { name: 'Choose files' }).waitFor();
    expect(await page.locator('.ma-batch').count()).toBe(0);
    await choose(page, photoPaths(TEN_PHOTOS.slice(0, 1)));
    await untilCards(page, 'failed', 1);
    await page.locator('.ma-card').getByText('Please sign in').waitFor();
    await page.locator('.ma-batch').getByText('1 failed').waitFor();
    await context.close();
  });
});

test('still needed: Vite rewrites light-dark()', async () => {
  const assets = join(apps.get(19)?.folder ?? '', 'dist/assets');
  const names = (await readdir(assets)).filter((name) => name.endsWith('.css'));
  const styles = await Promise.all(names.map((name) => readFile(join(assets, name), 'utf8')));
  expect(styles.join()).toContain('var(--lightningcss-light');
});

test.each([
  ['says nothing of colours', 'probe.html', 'rgb(31, 94, 255)'],
  ['is dark', 'dark.html', 'rgb(126, 166, 255)'],
])('it has its colours in an app that %s', async (_, path, accent) => {
  const { page, context } = await openWindow(browser.browser);
  await page.goto(`${urls.get(19)}/${path}?api=${stack.url}`);
  const button = page.getByRole('button', { name: 'Choose files' });
  await button.waitFor();
  expect(await colourBehind(button)).toBe(accent);
  await context.close();
});

test.each([
  ['a token that the API refuses', () => `api=${stack.url}&token=expired`, 'Please sign in'],
  ['a server that cannot be reached', () => 'api=http://127.0.0.1:9', 'cannot be reached'],
])('%s is seen', async (_, query, text) => {
  const { page, context } = await openWindow(browser.browser);
  await page.goto(`${urls.get(19)}/probe.html?${query()}`);
  await page.getByRole('alert').getByText(text).waitFor();
  await context.close();
});

test('so is an origin that the API does not allow', async () => {
  const { page, context } = await openWindow(browser.browser);
  const other = urls.get(19)?.replace('127.0.0.1', 'localhost');
  await page.goto(`${other}/probe.html?api=${stack.url}`);
  await page.getByRole('alert').getByText('cannot be reached').waitFor();
  await context.close();
});
