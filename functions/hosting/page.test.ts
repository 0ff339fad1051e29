/** The page as a unit serves it: through the unit's own router, from a folder as `npm run build` makes it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copyPage } from '../../deploy/page.ts';
import { createRouter } from '../http/router.ts';
import { createLogger } from '../process/log.ts';
import { isPagePath, pageHeaders, pageRoutes } from './page.ts';

const STORAGE = 'https://storage.example';
const API = 'https://api.example';
const CONFIG = { api_url: API };
const HTML = `<!doctype html>${'<p>page</p>'.repeat(50)}`;
const SCRIPT = 'console.log("page");'.repeat(100);

let folder: string;
let built: string;
let server: Server;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'page-'));
  built = join(folder, 'built');
  mkdirSync(join(built, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.js'), 'secret');
  writeFileSync(join(built, 'index.html'), HTML);
  writeFileSync(join(built, 'assets', 'index-abc.js'), SCRIPT);
  writeFileSync(join(built, 'assets', 'tiny-abc.css'), 'a{}');
  writeFileSync(join(built, 'assets', 'icon-1.png'), 'PNG'.repeat(1_000));
  writeFileSync(join(built, 'assets', 'late-abc.js'), SCRIPT);
  writeFileSync(join(built, 'manifest.webmanifest'), '{}');
  writeFileSync(join(built, 'service-worker.js'), SCRIPT);
  writeFileSync(join(built, 'third-party-notices.txt'), '# Licenses');
  writeFileSync(join(built, 'llms.txt'), '# media-analysis');
  await copyPage(built, join(folder, 'page'));
  for (const ending of ['br', 'gz'])
    rmSync(join(folder, 'page', 'assets', `late-abc.js.${ending}`));
  const options = { folder: join(folder, 'page'), config: CONFIG, storageOrigin: STORAGE };
  const handle = createRouter({
    routes: pageRoutes(options),
    logger: createLogger('test', 'silent'),
    project: 'p',
    allowedOrigins: [],
  });
  server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** Sends a path and headers as they are; `fetch` would change both. */
async function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = get({ port, path, headers, method, agent: false }, resolve);
    request.once('error', reject);
  });
  return { status: answer.statusCode, headers: answer.headers, body: await buffer(answer) };
}

test.each([
  ['/manifest.webmanifest', 'application/manifest+json', 'no-cache'],
  ['/service-worker.js', 'text/javascript; charset=utf-8', 'no-cache'],
  ['/third-party-notices.txt', 'text/plain; charset=utf-8', 'no-cache'],
  ['/llms.txt', 'text/plain; charset=utf-8', 'no-cache'],
  ['/assets/icon-1.png', 'image/png', 'public, max-age=31536000, immutable'],
])('%s lies beside the page: %s, %s', async (path, type, cache) => {
  const { status, headers } = await ask(path);
  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'content-type': type, 'cache-control': cache });
});

test('the page is asked for each time, its assets are kept for ever', async () => {
  const [page, script] = await Promise.all([ask('/'), ask('/assets/index-abc.js')]);
  expect(page.body.toString()).toBe(HTML);
  expect(page.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
  });
  expect(script.body.toString()).toBe(SCRIPT);
  expect(script.headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': expect.stringContaining('immutable'),
  });
});

test('the settings of the page are what the operator has set, and asked for each time', async () => {
  const { headers, body } = await ask('/config.json');
  expect(JSON.parse(body.toString())).toEqual(CONFIG);
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  });
});

test.each([
  ['br, gzip', 'br', brotliDecompressSync],
  ['gzip, deflate', 'gzip', gunzipSync],
  ['gzip;q=1.0, br;q=0', 'gzip', gunzipSync],
  ['GZIP', 'gzip', gunzipSync],
])('a browser that accepts %s gets %s', async (accepted, encoding, decode) => {
  const { headers, body } = await ask('/assets/index-abc.js', { 'Accept-Encoding': accepted });
  expect(headers['content-encoding']).toBe(encoding);
  expect(headers.vary).toContain('Accept-Encoding');
  expect(body.length).toBeLessThan(SCRIPT.length / 2);
  expect(decode(body).toString()).toBe(SCRIPT);
});

test('a script without compressed copies is compressed for each answer, and a picture never is', async () => {
  const accepting = { 'Accept-Encoding': 'br, gzip' };
  const { headers, body } = await ask('/assets/late-abc.js', accepting);
  expect(headers['content-encoding']).toBe('gzip');
  expect(headers['content-length']).toBe(String(body.length));
  expect(gunzipSync(body).toString()).toBe(SCRIPT);
  const known = await ask('/assets/late-abc.js', {
    ...accepting,
    'If-None-Match': headers.etag ?? '',
  });
  expect(known.status).toBe(304);
  const picture = await ask('/assets/icon-1.png', accepting);
  expect(picture.headers['content-encoding']).toBeUndefined();
});

test.each(['', 'identity', 'deflate', 'br;q=0', 'brotli'])(
  'a browser that accepts "%s" gets the file as it is, and so does one whose file would not get smaller',
  async (accepted) => {
    const script = await ask('/assets/index-abc.js', { 'Accept-Encoding': accepted });
    const style = await ask('/assets/tiny-abc.css', { 'Accept-Encoding': 'br, gzip' });
    expect([script.headers['content-encoding'], script.body.toString()]).toEqual([
      undefined,
      SCRIPT,
    ]);
    expect([style.headers['content-encoding'], style.body.toString()]).toEqual([undefined, 'a{}']);
  },
);

test('what a browser has already is not sent again, unless its content is another', async () => {
  const { headers } = await ask('/');
  const { etag = '' } = headers;
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await ask('/', { 'If-None-Match': known });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    expect(again.headers).toMatchObject({ etag, 'cache-control': 'no-cache' });
  }
  // A new build has the same length and the same time.
  writeFileSync(join(folder, 'page', 'index.html'), HTML.replace('page', 'Page'));
  expect((await ask('/', { 'If-None-Match': etag })).status).toBe(200);
  writeFileSync(join(folder, 'page', 'index.html'), HTML);
  const compressed = await ask('/', { 'Accept-Encoding': 'br' });
  expect(compressed.headers.etag).not.toBe(etag);
});

test('what is shared where no service worker takes it leads to the page, which says so', async () => {
  expect(isPagePath('/share')).toBe(true);
  const { status, headers } = await ask('/share', { 'Content-Length': '0' }, 'POST');
  expect([status, headers.location]).toEqual([303, '/?shared=failed']);
  expect(headers).toMatchObject({ 'cache-control': 'no-store' });
});

test('HEAD is answered without a body, and other methods with those that are allowed', async () => {
  const head = await ask('/', {}, 'HEAD');
  expect([head.status, head.headers['content-length'], head.body.length]).toEqual([
    200,
    String(HTML.length),
    0,
  ]);
  for (const path of ['/', '/assets/index-abc.js', '/config.json']) {
    const { status, headers } = await ask(path, {}, 'POST');
    expect([path, status, headers.allow]).toEqual([path, 405, 'GET, HEAD']);
  }
});

test.each([
  '/index.html',
  '/assets/',
  '/assets/gone.js',
  '/assets/../../secret.js',
  '/assets/..%2f..%2fsecret.js',
  '/assets/%2e%2e%2f%2e%2e%2fsecret.js',
  '/assets/..%5c..%5csecret.js',
  '//assets/../../secret.js',
  '/secret.js',
  '/assets/.env',
  '/assets/index-abc.js%00',
  '/assets/a/b.js',
])('%s is not found, and no cache keeps that', async (path) => {
  const { status, headers, body } = await ask(path);
  expect([status, headers['cache-control']]).toEqual([404, 'no-store']);
  expect(body.toString()).not.toContain('secret;');
});

test('a page that is not built says how to build it', async () => {
  const routes = pageRoutes({ folder: '/nowhere', config: {}, storageOrigin: STORAGE });
  const [index] = routes;
  const call = { request: { headers: {} } } as Parameters<NonNullable<typeof index>['handle']>[0];
  await expect(index?.handle(call)).rejects.toThrow('npm run web:build');
});

test('the paths of the page are known by their names', () => {
  const beside = [
    '/manifest.webmanifest',
    '/service-worker.js',
    '/third-party-notices.txt',
    '/llms.txt',
  ];
  const own = ['/', '/config.json', '/share', ...beside, '/assets/a.js'];
  const others = ['/index.html', '/shared', '/api/media', '/health'];
  expect([...own, ...others].filter(isPagePath)).toEqual(own);
});

describe('the policy', () => {
  const policyOf = (config: Parameters<typeof pageHeaders>[0]['config']) =>
    pageHeaders({ config, storageOrigin: STORAGE })['Content-Security-Policy']?.split('; ');

  test('lets only scripts of the page run, and pictures come only from itself, API and storage', async () => {
    const { headers } = await ask('/');
    expect(headers['content-security-policy']?.toString().split('; ')).toEqual(policyOf(CONFIG));
    expect(policyOf(CONFIG)).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        `img-src 'self' blob: ${API} ${STORAGE}`,
        `media-src 'self' blob: ${API} ${STORAGE}`,
        `connect-src 'self' ${API} ${STORAGE}`,
        "frame-ancestors 'none'",
      ]),
    );
    expect(headers['content-security-policy']).not.toMatch(/unsafe|[{}]/);
    expect(headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
    });
  });

  test('names no other address where all is on one origin', () => {
    expect(policyOf({})).toContain(`connect-src 'self' ${STORAGE}`);
  });

  test('names the origins of the addresses, and where people sign in', () => {
    const sign_in = {
      api_key: 'key',
      sign_up: false,
      identity_url: 'https://accounts.example/identity',
      token_url: 'https://accounts.example/tokens',
    };
    expect(policyOf({ stream_url: 'https://stream.example/below', sign_in })).toContain(
      `connect-src 'self' https://stream.example ${STORAGE} https://accounts.example`,
    );
  });
});
