import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { toAppError } from '@media-analysis/shared/errors';
import { isPagePath, sendPage } from './page.ts';

const STORAGE = 'http://127.0.0.1:9199';

let folder: string;
let server: Server;
let base: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'page-'));
  const root = pathToFileURL(`${folder}/`);
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    sendPage(request, response, pathname, { storageOrigin: STORAGE }, root).catch(
      (error: unknown) => {
        response.writeHead(500).end(toAppError(error).code);
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

test('a page that is not built says how to build it', async () => {
  const response = await fetch(base);
  expect(response.status).toBe(503);
  expect(await response.text()).toContain('npm run web:build');
});

test('the page is revalidated each time, its assets are cached for ever', async () => {
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'assets', 'index-abc.js'), '1');
  const [page, script] = await Promise.all([fetch(base), fetch(`${base}/assets/index-abc.js`)]);
  expect(Object.fromEntries(page.headers)).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  });
  expect(Object.fromEntries(script.headers)).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': expect.stringContaining('immutable'),
  });
});

test('only scripts of its own run, and pictures come only from itself and from storage', async () => {
  const policy = (await fetch(base)).headers.get('content-security-policy');
  expect(policy?.split('; ')).toEqual(
    expect.arrayContaining([
      "default-src 'none'",
      "script-src 'self'",
      `img-src 'self' blob: ${STORAGE}`,
      "frame-ancestors 'none'",
    ]),
  );
  expect(policy).not.toContain('unsafe');
});

test('HEAD is answered without a body; other methods and missing files are errors', async () => {
  const head = await fetch(base, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
    200,
    '15',
    '',
  ]);
  expect(await (await fetch(base, { method: 'POST' })).text()).toBe('method_not_allowed');
  expect(await (await fetch(`${base}/assets/gone.js`)).text()).toBe('not_found');
});

test.each([
  ['/', true],
  ['/assets/index-Ab_1.js', true],
  ['/index.html', false],
  ['/assets/', false],
  ['/assets/../package.json', false],
  ['/assets/..%2fpackage.json', false],
  ['/assets/.env', false],
  ['/assets/a/b.js', false],
  ['/api/media', false],
])('%s belongs to the page: %s', (path, expected) => {
  expect(isPagePath(path)).toBe(expected);
});
