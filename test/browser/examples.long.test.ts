/** The pages in `examples/`, with the packages as apps install them, on origins of their own that `npm start` is told of. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type App, installApp } from '../support/app.ts';
import { endWithUs } from '../support/end-with-us.ts';
import { currentPackages } from '../support/packages.ts';
import { eventually, type Stack, startStack, TEN_PHOTOS } from '../support/stack.ts';
import { startBrowser, type TestBrowser } from './browser.ts';
import { choose, photoPaths, untilDrawn } from './page.ts';
import { openWindow } from './window.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const VITE = join(ROOT, 'node_modules/vite/bin/vite.js');
const EXAMPLES = { html: ['index.html'], 'vite-react': ['index.html', 'main.jsx'] };
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };

let stack: Stack;
let browser: TestBrowser;
let vite: ChildProcess | undefined;
let viteUrl: string;
let server: Server;
let htmlUrl: string;
const apps: App[] = [];

beforeAll(async () => {
  server = createServer();
  htmlUrl = `http://localhost:${await listen(server)}`;
  viteUrl = `http://localhost:${await freePort()}`;
  [stack, browser] = await Promise.all([
    startStack({ devOrigins: [htmlUrl, viteUrl] }),
    startBrowser(),
  ]);
  serve(await install('html'));
  vite = await startVite(await install('vite-react'));
});
afterAll(async () => {
  vite?.kill('SIGKILL');
  server.closeAllConnections();
  server.close();
  await browser.close();
  await stack.close();
  for (const app of apps) await app.close();
});

async function listen(server: Server): Promise<number> {
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** The page's origin has to be named before the stack starts, and Vite needs the address of the stack. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** Its sources beside the packages. @returns the folder */
async function install(name: keyof typeof EXAMPLES): Promise<string> {
  const app = await installApp();
  apps.push(app);
  for (const source of EXAMPLES[name]) {
    const text = readFileSync(join(ROOT, 'examples', name, source), 'utf8');
    await app.write(source, text.replaceAll('http://localhost:8080', stack.url));
  }
  return app.folder;
}

/** Hands out what is in the folder, as any server of files does. */
function serve(folder: string): void {
  server.on('request', async ({ url = '/' }, response) => {
    const { pathname } = new URL(url, htmlUrl);
    const path = join(folder, normalize(pathname === '/' ? 'index.html' : pathname));
    const body = await readFile(path).catch(() => undefined);
    response.writeHead(body ? 200 : 404, { 'Content-Type': TYPES[extname(path)] ?? 'text/plain' });
    response.end(body);
  });
}

/** `npm run dev` of the example, on another port. */
async function startVite(cwd: string): Promise<ChildProcess> {
  const args = [VITE, '--port', new URL(viteUrl).port, '--strictPort'];
  const child = endWithUs(spawn(process.execPath, args, { cwd }));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`It ended: ${output}`);
    return output.includes('ready in') || undefined;
  });
  return child;
}

test.each(Object.keys(EXAMPLES))('%s names the packages that are packed', async (name) => {
  const packed = readdirSync(await currentPackages());
  const { dependencies } = JSON.parse(
    readFileSync(join(ROOT, 'examples', name, 'package.json'), 'utf8'),
  ) as { dependencies: Record<string, string> };
  const named = Object.values(dependencies).flatMap(
    (version) => /^file:\.\.\/\.\.\/dist\/packages\/(.*)/.exec(version)?.[1] ?? [],
  );
  expect(named.length).toBeGreaterThan(0);
  expect(packed).toEqual(expect.arrayContaining(named));
});

// First, as it shows all that the user of this machine has.
test('a Vite app with the component sends photos and shows them', async () => {
  const { page, context, complaints } = await openWindow(browser.browser);
  await page.goto(viteUrl);
  await page.getByText('Drop photos and videos here').waitFor();
  await choose(page, photoPaths(TEN_PHOTOS.slice(2, 4)));
  await page.getByText('All done').waitFor();
  await untilDrawn(page, '.ma-card img', 2);
  expect(complaints).toEqual([]);
  await context.close();
});

test('a page of plain HTML sends photos, shows them live, and says which file is not taken', async () => {
  const { page, context, complaints } = await openWindow(browser.browser);
  await page.goto(htmlUrl);
  const none = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no photo') };
  await page.getByLabel('Photos').setInputFiles(none);
  await page.getByRole('status').getByText('notes.txt').waitFor();
  await page.getByLabel('Photos').setInputFiles(photoPaths(TEN_PHOTOS.slice(0, 2)));
  await untilDrawn(page, 'li img', 2);
  expect((await page.getByRole('listitem').allTextContents()).toSorted()).toEqual([
    expect.stringMatching(/^01-astronaut\.png: A photo/),
    expect.stringMatching(/^02-cat\.png: A photo/),
  ]);
  expect(await page.getByRole('status').textContent()).toBe('');
  expect(complaints).toEqual([]);
  await context.close();
});
