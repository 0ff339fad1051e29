/**
 * The hooks in an app of their own, drawn on a server and then in StrictMode, with React 18 and 19: whatever becomes of the
 * stream, the token or the tab, they say that the photo is understood.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import { type App, installApp } from '../support/app.ts';
import { client, eventually, tokenOf } from '../support/stack.ts';
import { type Connection, type Connections, startConnections } from './connection.ts';
import { STORY } from './hooks-story.ts';
import { choose, photoPaths } from './page.ts';
import { passTime } from './patience.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const VITE = join(ROOT, 'node_modules/vite/bin/vite.js');
/** The user of a page without a token. */
const USER = 'local';

const SERVER = `
  import { createElement } from 'react';
  import { renderToString } from 'react-dom/server';
  import App from './app.js';
  process.stdout.write(renderToString(createElement(App)));`;

const HYDRATE = `
  import { createElement } from 'react';
  import { hydrateRoot } from 'react-dom/client';
  import '@media-analysis/react/styles.css';
  import App from './app.js';
  globalThis.mismatches = [];
  const onRecoverableError = (error) => globalThis.mismatches.push(String(error));
  hydrateRoot(document.querySelector('#root'), createElement(App), { onRecoverableError });`;

const htmlOf = (drawn: string) => `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><link rel="icon" href="data:," /></head>
  <body><div id="root">${drawn}</div><script type="module" src="/page.js"></script></body>
</html>`;

let connections: Connections;
let connection: Connection;
let complaints: string[];
/** Each time that the app was asked for a new token. */
let renewals: number;
/** True while the token that the app has is refused. */
let hasEnded: () => boolean;

beforeAll(async () => {
  connections = await startConnections();
});
afterAll(() => connections.close());
beforeEach(async () => {
  connection = await connections.open();
  complaints = [];
  renewals = 0;
  hasEnded = () => false;
});
afterEach(() => connection.close());

async function build(app: App): Promise<string> {
  await app.write('app.js', STORY);
  await app.write('server.js', SERVER);
  await app.write('page.js', HYDRATE);
  const drawn = await app.run('server.js');
  await app.write('index.html', htmlOf(drawn));
  // What React finds fault with, it says in development only.
  const args = [VITE, 'build', '--base', '/story/', '--mode', 'development', '--logLevel', 'warn'];
  const env = { ...process.env, NODE_ENV: 'development' };
  await promisify(execFile)(process.execPath, args, { cwd: app.folder, env });
  return drawn;
}

/** The app is on the address of the service, and a photo is being analysed. */
async function startStory({ folder }: App): Promise<void> {
  const { page, proxy, gemini, stack } = connection;
  const token = await tokenOf(stack, USER);
  await page.exposeFunction('giveToken', ({ refresh }: { refresh: boolean }) => {
    if (refresh) renewals++;
    return hasEnded() && renewals === 0 ? 'ended' : token;
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // The browser itself writes down each answer that is an error.
    if (/^(error|warning)$/.test(message.type()) && !message.text().startsWith('Failed to load'))
      complaints.push(message.text());
  });
  await page.route(`${proxy.url}/story/**`, (route) => {
    const path = new URL(route.request().url()).pathname.replace('/story/', '') || 'index.html';
    return route.fulfill({ path: join(folder, 'dist', path) });
  });
  await page.goto(`${proxy.url}/story/`);
  await choose(page, photoPaths(['02-cat.png']));
  await eventually(async () => gemini.requests[0]);
}

const said = async () => JSON.parse((await connection.page.locator('output').textContent()) ?? '');
const untilConnected = (by: string) =>
  eventually(async () => (await said()).connection === by || undefined);
const mediaNow = async (): Promise<Media[]> =>
  (await (await client(connection.stack).call('/api/media')).json()).media;

async function expectUnderstood(): Promise<void> {
  connection.answers.resolve();
  // The watch ends a moment after the last news.
  await untilConnected('idle');
  expect(await said()).toEqual({
    states: ['accepted'],
    status: 'completed',
    connection: 'idle',
    isDone: true,
    isGone: false,
  });
  await connection.page.getByText('All done').waitFor();
  expect(await mediaNow()).toMatchObject([{ status: 'completed', metadata: { order: '1042' } }]);
  expect(await connection.page.evaluate('mismatches')).toEqual([]);
  expect(complaints).toEqual([]);
}

describe.each([19, 18] as const)('with React %i', (react) => {
  let app: App;
  let drawn: string;
  beforeAll(async () => {
    app = await installApp({ react });
    drawn = await build(app);
  });
  afterAll(() => app.close());

  test('a server draws the area for files, and hooks that know of nothing', () => {
    expect(drawn).toContain('Choose files');
    expect(drawn.replaceAll('&quot;', '"')).toContain(
      '{"states":[],"connection":"idle","isDone":false,"isGone":false}',
    );
  });

  test('the stream is cut: it is opened again', async () => {
    const { proxy } = connection;
    proxy.modes.push('reset');
    await startStory(app);
    await eventually(async () => proxy.streams === 2 || undefined);
    await expectUnderstood();
    expect(proxy.polls).toBe(0);
  });

  test('the stream is held back by a proxy: polling takes over', async () => {
    const { proxy, page } = connection;
    proxy.mode = 'buffer';
    await startStory(app);
    await eventually(async () => proxy.streams === 1 || undefined);
    await passTime(page, 3_000);
    await untilConnected('polling');
    await expectUnderstood();
  });

  test.each([403, 404, 503])(
    'the stream is refused by a proxy with %i: polling takes over',
    async (status) => {
      const { proxy } = connection;
      proxy.mode = 'refuse';
      proxy.refusal = status;
      await startStory(app);
      await untilConnected('polling');
      await expectUnderstood();
    },
  );

  test('the token ends in mid-stream: a new one is asked for once', async () => {
    const { proxy } = connection;
    // As the service does it: the stream ends with its token, which is then refused.
    proxy.modes.push('reset');
    hasEnded = () => proxy.streams > 0;
    await startStory(app);
    await eventually(async () => proxy.streams === 3 || undefined);
    await expectUnderstood();
    expect(renewals).toBe(1);
    expect(proxy.polls).toBe(0);
  });

  test('the tab slept for an hour, its stream is dead and its token has ended: it catches up', async () => {
    const { proxy, page, answers } = connection;
    proxy.modes.push('silence');
    // The page's time stands still: a page that is visible, as each in a browser without a screen, cannot be frozen.
    await startStory(app);
    await untilConnected('live');
    answers.resolve();
    await eventually(async () => (await mediaNow())[0]?.status === 'completed' || undefined);
    hasEnded = () => true;
    expect((await said()).isDone).toBe(false);
    await passTime(page, 3_600_000);
    await expectUnderstood();
    expect(renewals).toBe(1);
  });
});
