/** What is given back never runs: not on our origin, not by its name, and not for another site. */

import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { plainName } from '@media-analysis/shared/plain-text';
import { createParser } from 'eventsource-parser';
import { type LoneUnit, PROJECT, startLoneUnit } from '../support/lone-unit.ts';
import { client, fetchWhole, file, photo, type Stack, startStack } from '../support/stack.ts';

let stack: Stack;
let api: LoneUnit;
let user: ReturnType<typeof client>;
beforeAll(async () => {
  [stack, api] = await Promise.all([
    startStack({ environment: { SIGNED_URL_TTL_S: '60' } }),
    startLoneUnit('api', { ALLOWED_ORIGINS: 'https://app.example,https://b.example' }),
  ]);
  user = client(stack);
});
afterAll(() => Promise.all([stack.close(), api.close()]));

async function finished(picture: File) {
  const { media_ids } = await user.analyze([picture]);
  const [media] = await user.results(media_ids);
  return media;
}

const SCRIPT = '<script>alert(document.domain)</script>';
/** Of a size, so that it could be drawn. */
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64">${SCRIPT}</svg>`;
const named = (bytes: (string | Buffer<ArrayBuffer>)[], name: string, type: string) =>
  new File(bytes, name, { type });

describe('a page in disguise', () => {
  test.each([
    ['HTML', SCRIPT, 'page.html', 'text/html'],
    ['SVG', SVG, 'a.svg', 'image/svg+xml'],
    ['a PDF', '%PDF-1.7', 'a.pdf', 'application/pdf'],
  ])('%s is refused at once', async (_title, text, name, type) => {
    const body = new FormData();
    body.append('files', named([text], name, type));
    const response = await user.call('/api/agent/analyze-media', { method: 'POST', body });
    expect(response.status).toBe(415);
  });

  test.each([
    ['HTML', SCRIPT],
    ['SVG', SVG],
    ['SVG with a prologue', `<?xml version="1.0"?>${SVG}`],
    ['HTML that begins like a GIF', `GIF89a/*${SCRIPT}*/`],
    [
      'HTML that begins like a JPEG',
      Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.from(SCRIPT)]),
    ],
  ])('%s called a photo is not kept', async (_title, bytes) => {
    const media = await finished(named([bytes], 'photo.png', 'image/png'));
    expect(media).toMatchObject({ status: 'failed', url: null });
    expect((await user.call(`/api/media/${media?.id}/content`)).status).toBe(404);
  });

  test('a photo that is a page as well is served as the photo, and its preview is only pixels', async () => {
    const jpeg = await readFile(photo('05-dogs.jpg'));
    const media = await finished(named([jpeg, SCRIPT], 'dogs.html.jpg', 'image/jpeg'));
    expect(media).toMatchObject({ status: 'completed', content_type: 'image/jpeg' });
    const content = await follow(media?.id, 'content');
    expect(content.headers.get('content-type')).toBe('image/jpeg');
    const preview = await follow(media?.id, 'preview');
    expect(preview.headers.get('content-type')).toBe('image/jpeg');
    expect(await preview.text()).not.toContain('<script>');
  });

  test('the type that a sender claims is not the type that is served', async () => {
    const png = await readFile(photo('02-cat.png'));
    const media = await finished(named([png], 'cat.png', 'text/html'));
    expect((await follow(media?.id, 'content')).headers.get('content-type')).toBe('image/png');
  });
});

async function follow(id: string | undefined, which: string): Promise<Response> {
  const redirect = await user.call(`/api/media/${id}/${which}`);
  expect(redirect.status).toBe(302);
  return fetchWhole(redirect.headers.get('location'));
}

describe('a link to stored bytes', () => {
  test('leads to another origin, for a short while, and is not kept by a cache', async () => {
    const media = await finished(await file('02-cat.png'));
    const response = await user.call(`/api/media/${media?.id}/content`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const link = new URL(response.headers.get('location') ?? '');
    expect(link.origin).not.toBe(new URL(stack.url).origin);
    expect(Number(link.searchParams.get('X-Goog-Expires'))).toBeLessThanOrEqual(60);
  });

  test('is worth nothing once a letter of it is changed', async () => {
    const [mine, other] = [
      await finished(await file('02-cat.png')),
      await finished(await file('03-coffee.webp')),
    ];
    const link = (await user.call(`/api/media/${mine?.id}/content`)).headers.get('location') ?? '';
    expect((await fetchWhole(link)).status).toBe(200);
    expect((await fetch(link.replace(mine?.id ?? '', other?.id ?? ''))).status).toBe(403);
    const longer = link.replace(/X-Goog-Expires=\d+/, 'X-Goog-Expires=600000');
    expect((await fetch(longer)).status).toBe(403);
  });
});

test.each(['/api/media', '/api/media/none', '/api/nothing'])(
  'no answer is taken for anything but its type, nor kept: %s',
  async (path) => {
    const { headers } = await user.call(path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toMatch(/^application\/(problem\+)?json/);
  },
);

describe('a file name', () => {
  const NAMES = [
    'a\r\nSet-Cookie: evil=1\r\n\r\n<script>.png',
    'a";filename="evil.html.png',
    'a\n\nevent: done\ndata: {}\n\n.png',
    'a\u2028data: evil\u2029.png',
    '../../../etc/passwd\u0000.png',
    '=cmd|calc!A1.png',
  ];

  test.each(NAMES)('%j adds no header', async (name) => {
    const media = await finished(named([await readFile(photo('02-cat.png'))], name, 'image/png'));
    const { headers } = await follow(media?.id, 'content');
    expect(headers.get('set-cookie')).toBeNull();
    const disposition = headers.get('content-disposition') ?? '';
    expect(disposition).toMatch(
      /^inline; filename="[\x20-\x21\x23-\x24\x26-\x5b\x5d-\x7e]*"; filename\*=UTF-8''[\w%!#$&+.^`|~-]*$/,
    );
    expect(decodeURIComponent(disposition.split("UTF-8''")[1] ?? '')).toBe(plainName(name));
  });

  test.each(NAMES)('%j adds no event to a stream', async (name) => {
    const picture = named([await readFile(photo('02-cat.png'))], name, 'image/png');
    const { media_ids } = await user.analyze([picture]);
    const response = await user.call(`/api/media/${media_ids[0]}/stream`);
    const text = await response.text();
    const events: { event?: string | undefined; data: string }[] = [];
    createParser({ onEvent: (event) => events.push(event) }).feed(text);
    expect(events.filter(({ event }) => event === 'done')).toHaveLength(1);
    for (const { event, data } of events) {
      if (event === undefined)
        expect(JSON.parse(data)).toMatchObject({ file_name: plainName(name) });
    }
  });
});

describe('a page of another site', () => {
  const ask = async (origin: string, method = 'GET') => {
    const token = await api.identity.sign({ sub: 'alice', audience: PROJECT });
    return fetch(`${api.url}/api/media?limit=0`, {
      method,
      headers: {
        Origin: origin,
        ...(method === 'OPTIONS'
          ? { 'Access-Control-Request-Method': 'POST' }
          : { Authorization: `Bearer ${token}` }),
      },
    });
  };

  test('may read if the operator allows its origin', async () => {
    for (const method of ['GET', 'OPTIONS']) {
      const { headers } = await ask('https://app.example', method);
      expect(headers.get('access-control-allow-origin')).toBe('https://app.example');
      expect(headers.get('access-control-allow-credentials')).toBe('true');
      expect(headers.get('vary')).toBe('Origin');
    }
  });

  test.each([
    'https://evil.example',
    'https://app.example.evil.example',
    'http://app.example',
    'https://app.example:444',
    'null',
  ])('may not otherwise: %s', async (origin) => {
    for (const method of ['GET', 'OPTIONS']) {
      const { headers } = await ask(origin, method);
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('access-control-allow-credentials')).toBeNull();
      expect(headers.get('vary')).toBe('Origin');
    }
  });
});

describe('the local gateway', () => {
  /** `fetch` does not let its caller say who the host is; a page behind a name of its own can. */
  const statusFor = (headers: Record<string, string>, path = '/api/media') =>
    new Promise<number | undefined>((resolve, reject) => {
      const { port } = new URL(stack.url);
      const call = request({ host: '127.0.0.1', port, path, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      call.on('error', reject).end();
    });
  const own = () => new URL(stack.url).host;

  test('lets its own page act as the local user', async () => {
    expect(await statusFor({ Host: own() })).toBe(200);
    expect(await statusFor({ Host: own(), Origin: stack.url })).toBe(200);
  });

  test('refuses an address that is none', async () => {
    expect(await statusFor({ Host: own() }, 'http://[/api/media')).toBe(400);
    expect(await statusFor({ Host: own() }, '/\\[/api/media')).toBe(404);
  });

  test.each([
    ['a page of another site', { Origin: 'https://evil.example' }],
    ['a page without an origin of its own', { Origin: 'null' }],
    ['a page of another port', { Origin: 'http://localhost:1' }],
    ['a name that was pointed here', { Host: 'evil.example' }],
    ['a name that begins like ours', { Host: 'localhost.evil.example' }],
  ])('lends its token not to %s', async (_title, headers) => {
    expect(await statusFor({ Host: own(), ...headers })).toBe(401);
  });
});
