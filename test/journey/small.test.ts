/** The shape `small`: the stream serves the page, and the API is on another origin. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createUploadsResponseSchema } from '@media-analysis/shared/large-uploads';
import { signedUrlSchema } from '@media-analysis/shared/media';
import { client, fetchWhole, file, type Stack, TEN_PHOTOS, tokenOf } from '../support/stack.ts';
import { expectBatch, startSmall } from './small.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startSmall();
});
afterAll(() => stack.close());

const page = (path: string) => fetchWhole(`${stack.url}${path}`);

test('three photos go from upload to analysis, and the stream tells of each', () =>
  expectBatch(stack, TEN_PHOTOS.slice(0, 3)));

describe('the page', () => {
  test('comes from the stream unit with its assets, and says where the API is', async () => {
    const answer = await page('/');
    const html = await answer.text();
    expect(answer.headers.get('content-security-policy')).toContain(stack.apiUrl);
    const assets = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
    expect(assets.length).toBeGreaterThan(1);
    for (const asset of assets) expect((await page(asset)).status).toBe(200);
    expect(await (await page('/config.json')).json()).toEqual({ api_url: stack.apiUrl });
  });

  test('is not at the API, and the API is not at the page', async () => {
    expect((await fetch(`${stack.apiUrl}/`)).status).toBe(404);
    expect((await page('/api/media')).status).toBe(404);
  });

  test('is served by an instance that is full of streams, and takes the place of none', async () => {
    const user = client(stack, await tokenOf(stack, 'alice'));
    // Its bytes never come, so its stream stays open.
    const files = [{ file_name: 'a.mov', content_type: 'video/quicktime', size: 9 }];
    const announced = await user.call('/api/media/uploads', {
      method: 'POST',
      body: JSON.stringify({ files }),
    });
    const { uploads } = createUploadsResponseSchema.parse(await announced.json());
    const [upload] = uploads;
    const path = `/api/media/${upload?.media_id}`;
    const pages = () =>
      Promise.all(['/', '/config.json'].map(async (each) => (await page(each)).status));
    const before = await pages();
    const stream = await user.call(`${path}/stream`);
    expect([...before, stream.status]).toEqual([200, 200, 200]);
    expect(stack.units.stream.pids).toHaveLength(1);
    expect((await user.call(`${path}/stream`)).status).toBe(503);
    expect(await pages()).toEqual([200, 200]);
    // Its stream ends with it.
    await user.call(path, { method: 'DELETE' });
    await stream.text();
  });
});

describe('CORS', () => {
  const preflight = (origin: string) =>
    fetch(`${stack.apiUrl}/api/agent/analyze-media`, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,idempotency-key',
      },
    });

  test('lets the page send all that it sends, and to ask again after two hours at the earliest', async () => {
    const { status, headers } = await preflight(stack.url);
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, stack.url]);
    expect(headers.get('access-control-allow-headers')?.toLowerCase()).toContain('idempotency-key');
    expect(Number(headers.get('access-control-max-age'))).toBeGreaterThanOrEqual(7_200);
    const answer = await fetch(`${stack.apiUrl}/api/media`, { headers: { Origin: stack.url } });
    expect(answer.headers.get('access-control-expose-headers')).toContain('Retry-After');
  });

  test('gives a script the signed address itself, for a redirect to Cloud Storage would lose its origin', async () => {
    const user = client(stack);
    const original = await file('02-cat.png');
    const { media_ids } = await user.analyze([original]);
    await user.watch(media_ids);
    const headers = { Accept: 'application/json', Origin: stack.url };
    const answer = await user.call(`/api/media/${media_ids[0]}/content`, { headers });
    expect(answer.headers.get('access-control-allow-origin')).toBe(stack.url);
    const { url } = signedUrlSchema.parse(await answer.json());
    expect(await (await fetch(url)).arrayBuffer()).toEqual(await original.arrayBuffer());
  });

  test.each(['https://evil.example', 'null', 'http://localhost:1'])(
    'lets %s do nothing',
    async (origin) => {
      const { headers } = await preflight(origin);
      expect(headers.has('access-control-allow-origin')).toBe(false);
      const answer = await fetch(`${stack.apiUrl}/api/media`, { headers: { Origin: origin } });
      expect([answer.status, answer.headers.has('access-control-allow-origin')]).toEqual([
        401,
        false,
      ]);
    },
  );
});
