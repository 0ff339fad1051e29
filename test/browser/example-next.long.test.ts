/**
 * The app of Next.js in `examples/`, as a developer gets it: npm installs it in an empty folder, it is built and started, and
 * everything goes through its routes. Next.js is no package of this project, so npm has to reach its registry.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { endWithUs } from '../support/end-with-us.ts';
import { isNpmReachable } from '../support/npm.ts';
import { currentPackages } from '../support/packages.ts';
import {
  eventually,
  file,
  form,
  readEvents,
  type Stack,
  startStack,
  TEN_PHOTOS,
} from '../support/stack.ts';
import { startBrowser, type TestBrowser } from './browser.ts';
import { STORY } from './hooks-story.ts';
import { choose, colourBehind, noisyPhotos, photoPaths, untilCards, untilDrawn } from './page.ts';
import { openWindow } from './window.ts';

const run = promisify(execFile);
const EXAMPLE = fileURLToPath(new URL('../../examples/next/', import.meta.url));
const shell = process.platform === 'win32';

/** Streams that one user may have open. */
const MAX_STREAMS = 4;

const isReachable = isNpmReachable('next');
if (!isReachable) console.warn('Left out: the example with Next.js (npm reaches no registry).');
const it = isReachable ? test : test.skip;

let stack: Stack;
let browser: TestBrowser;
let next: ChildProcess;
let url: string;
let folder: string;
let output = '';

beforeAll(async () => {
  if (!isReachable) return;
  url = `http://localhost:${await freePort()}`;
  const options = { devOrigins: [url], environment: { MAX_STREAMS: String(MAX_STREAMS) } };
  [stack, browser, folder] = await Promise.all([startStack(options), startBrowser(), build()]);
  next = await start(await settings());
});
afterAll(async () => {
  if (!isReachable) return;
  next.kill('SIGKILL');
  await browser.close();
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

/** The service has to know the page's origin before it starts, and the app where the service is. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const environment = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };

/** @returns the folder of the app, installed and built */
async function build(): Promise<string> {
  const packages = await currentPackages();
  const app = await mkdtemp(join(tmpdir(), 'next-'));
  for (const name of await readdir(EXAMPLE)) {
    if (/^(node_modules|\.next|package-lock\.json)$/.test(name)) continue;
    await cp(join(EXAMPLE, name), join(app, name), { recursive: true });
  }
  const manifest = await readFile(join(app, 'package.json'), 'utf8');
  await writeFile(
    join(app, 'package.json'),
    manifest.replaceAll('../../dist/packages', packages.replaceAll('\\', '/')),
  );
  await mkdir(join(app, 'app/story'));
  await writeFile(join(app, 'app/story/page.jsx'), STORY);
  await run('npm', ['install', '--include=dev', '--no-audit', '--no-fund'], { cwd: app, shell });
  await run('npm', ['run', 'build'], { cwd: app, env: environment, shell });
  return app;
}

/** As `examples/README.md` says. */
async function settings(): Promise<Record<string, string>> {
  const post = async (path: string, body: object, key?: string) => {
    const authorization = key && { Authorization: `Bearer ${key}` };
    const headers = { 'Content-Type': 'application/json', ...authorization };
    const init = { method: 'POST', body: JSON.stringify(body), headers };
    return (await (await fetch(stack.url + path, init)).json()) as Record<string, string>;
  };
  const { key = '' } = await post('/local/keys', {});
  const { secret = '' } = await post('/api/webhooks', { url: `${url}/hooks` }, key);
  return { MEDIA_URL: stack.url, MEDIA_KEY: key, MEDIA_SECRET: secret };
}

async function start(env: Record<string, string>): Promise<ChildProcess> {
  const args = [join(folder, 'node_modules/next/dist/bin/next'), 'start', '-p', new URL(url).port];
  const options = { cwd: folder, env: { ...environment, ...env } };
  const child = endWithUs(spawn(process.execPath, args, options));
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`It ended: ${output}`);
    return output.includes('Ready in') || undefined;
  });
  return child;
}

const fromOurPage = { 'Sec-Fetch-Site': 'same-origin' };

// Each sends photos of its own: the board shows all that the user has.
it.each([
  ['en', 'en-US', TEN_PHOTOS.slice(0, 2), 'Choose files', 'All done'],
  ['ja', 'ja-JP', TEN_PHOTOS.slice(2, 4), 'ファイルを選択', 'すべて完了'],
])(
  'a page that is drawn on the server in %s shows photos live',
  async (language, locale, photos, first, done) => {
    const drawn = await (await fetch(url, { headers: { 'Accept-Language': locale } })).text();
    expect(drawn).toContain(`<html lang="${language}"`);
    expect(drawn).toContain(first);
    const { page, context, complaints } = await openWindow(browser.browser, { locale });
    const streams: string[] = [];
    page.on('response', (response) => {
      const type = response.headers()['content-type'] ?? '';
      if (type.startsWith('text/event-stream')) streams.push(new URL(response.url()).origin);
    });
    await page.goto(url);
    const button = page.locator('.ma-upload [data-kind=primary]');
    await button.waitFor();
    expect(await colourBehind(button)).toBe('rgb(31, 94, 255)');
    await choose(page, photoPaths(photos));
    await page.getByText(done).waitFor();
    await untilDrawn(page, '.ma-card img', language === 'en' ? 2 : 4);
    expect(new Set(streams)).toEqual(new Set([url]));
    expect(complaints).toEqual([]);
    await context.close();
  },
);

it('the webhook of each photo comes, and its signature is checked', async () => {
  for (const name of TEN_PHOTOS.slice(0, 4)) {
    await eventually(async () => output.includes(`${name}: `) || undefined);
  }
  const forged = await fetch(`${url}/hooks`, {
    method: 'POST',
    body: JSON.stringify({ type: 'media.completed', data: { owner_id: 'alice', media_id: 'x' } }),
    headers: {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}`,
    },
  });
  expect(forged.status).toBe(401);
});

it('a file too large for one request goes from the page to the storage', async () => {
  const { page, context, complaints } = await openWindow(browser.browser);
  await page.goto(url);
  const sent = page.waitForRequest((request) => request.method() === 'PUT');
  await choose(page, await noisyPhotos(1, { width: 3000, height: 2400 }));
  expect(new URL((await sent).url()).origin).not.toBe(url);
  await untilCards(page, 'completed', 5);
  expect(complaints).toEqual([]);
  await context.close();
});

/** A stream that never ends: nobody confirms what was quoted. */
async function quote(): Promise<string> {
  const made = await fetch(`${url}/api/reanalyses`, {
    method: 'POST',
    body: JSON.stringify({ analysis: 'describe' }),
    headers: { 'Content-Type': 'application/json', ...fromOurPage },
  });
  expect(made.status).toBe(201);
  const { id } = (await made.json()) as { id: string };
  return `${url}/api/reanalyses/${id}/stream`;
}

it('an event is passed on before the next one is there, and a stream that nobody reads is ended', async () => {
  const address = await quote();
  for (let n = 0; n < 2 * MAX_STREAMS; n++) {
    const left = new AbortController();
    const stream = await eventually(async () => {
      const response = await fetch(address, { signal: left.signal });
      return response.status === 200 ? response : undefined;
    });
    for await (const { event } of readEvents(stream)) {
      expect(event).toBe('reanalysis');
      break;
    }
    left.abort();
  }
});

it('only its own pages may send, and webhooks are not theirs', async () => {
  const send = async (headers: Record<string, string>) => {
    const init = { method: 'POST', body: form([await file('02-cat.png')]), headers };
    return (await fetch(`${url}/api/agent/analyze-media`, init)).status;
  };
  expect(await send({ 'Sec-Fetch-Site': 'cross-site' })).toBe(403);
  expect(await send({})).toBe(403);
  expect(await send(fromOurPage)).toBe(202);
  expect((await fetch(`${url}/api/webhooks`)).status).toBe(404);
});

it('hooks of a page of its own are drawn on the server, and follow a photo to its end', async () => {
  expect(await (await fetch(`${url}/story`)).text()).toContain('&quot;isDone&quot;:false');
  const { page, context, complaints } = await openWindow(browser.browser);
  await page.goto(`${url}/story`);
  await page.locator('.ma-upload [data-kind=primary]').waitFor();
  await choose(page, photoPaths(TEN_PHOTOS.slice(4, 5)));
  await page.getByText('All done').waitFor();
  await page.locator('output').getByText('"status":"completed"').waitFor();
  // Where an instance takes ten seconds to start, a stream is refused, as on Cloud Run, and the hook asks again.
  expect(complaints.filter((each) => !each.includes('429 (Too Many Requests)'))).toEqual([]);
  await context.close();
});
