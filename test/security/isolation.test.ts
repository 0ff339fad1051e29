/** What is one owner's is nobody else's: by no route, no stream, no list and no key. */
import http from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import { createApiRoutes } from '../../functions/api/handler.ts';
import { createStreamService } from '../../functions/stream/handler.ts';
import { needing } from '../support/needing.ts';
import {
  client,
  file,
  form,
  readEvents,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';

const it = needing('signals');

let stack: Stack;
let alice: ReturnType<typeof client>;
let mallory: ReturnType<typeof client>;
let id: string;
let before: Media;

beforeAll(async () => {
  stack = await startStack();
  alice = client(stack, await tokenOf(stack, 'alice'));
  mallory = client(stack, await tokenOf(stack, 'mallory'));
  const { media_ids } = await alice.analyze([await file('02-cat.png')], {
    'Idempotency-Key': 'shared key',
  });
  id = media_ids[0] ?? '';
  await alice.results([id]);
  before = await alice.get(id);
});
afterAll(() => stack.close());

interface Attempt {
  query?: string;
  headers?: Record<string, string>;
  /** Instead of a form with a picture. */
  json?: object;
  /** What the stranger gets. */
  status: number;
}

/** One for each route that the units know. */
const ATTEMPTS: Record<string, Attempt> = {
  'POST /api/agent/analyze-media': { headers: { 'Idempotency-Key': 'shared key' }, status: 202 },
  'POST /api/media': { status: 202 },
  'POST /api/media/uploads': {
    json: { files: [{ file_name: 'strange.mov', content_type: 'video/quicktime', size: 9 }] },
    status: 201,
  },
  'POST /api/media/:id/uploaded': { status: 404 },
  'GET /api/media': { query: '?ids=ID', status: 200 },
  'GET /api/media/:id': { status: 404 },
  'GET /api/media/:id/content': { status: 404 },
  'GET /api/media/:id/preview': { status: 404 },
  'GET /api/media/:id/stream': { status: 404 },
  'GET /api/agent/analyze-media/stream': { query: '?ids=ID', status: 404 },
  'POST /api/media/:id/retry': { status: 404 },
  'DELETE /api/media/:id': { status: 404 },
  'GET /api/usage': { status: 200 },
};

test('every route is in the table below', () => {
  const never = () => Promise.reject(new Error('not called'));
  const api = createApiRoutes({ authenticate: never, services: never, signedUrlTtlMs: 1 });
  const stream = createStreamService({ authenticate: never, hub: never } as never);
  stream.close();
  const known = [...api, ...stream.routes].map(({ method, path }) => `${method} ${path}`);
  expect(known.toSorted()).toEqual(Object.keys(ATTEMPTS).toSorted());
});

test.each(Object.entries(ATTEMPTS))('%s tells a stranger nothing', async (route, attempt) => {
  const { json, status } = attempt;
  const [method = '', path = ''] = route.split(' ');
  const address = `${path}${attempt.query ?? ''}`.replace(/:id|ID/, id);
  const uploads = method === 'POST' && !path.includes(':id');
  const picture = new File([new Uint8Array(9)], 'strange.png', { type: 'image/png' });
  const response = await mallory.call(address, {
    method,
    headers: attempt.headers ?? {},
    ...(uploads && { body: json ? JSON.stringify(json) : form([picture]) }),
  });
  expect(response.status).toBe(status);
  const text = await response.text();
  // The id is the stranger's own word; everything else about the media is not.
  if (uploads) expect(text).not.toContain(id);
  expect(text).not.toContain('02-cat.png');
  expect(await alice.get(id)).toEqual(before);
});

test('a list holds only what is its owner’s', async () => {
  const listed = async (who: typeof alice) =>
    ((await (await who.call('/api/media?limit=100')).json()) as { media: Media[] }).media;
  expect((await listed(alice)).map((media) => media.id)).toEqual([id]);
  expect((await listed(mallory)).map((media) => media.id)).not.toContain(id);
});

test('a page token of another owner opens no page of theirs', async () => {
  await alice.analyze([await file('05-dogs.jpg')]);
  const page = await (await alice.call('/api/media?limit=1')).json();
  const { next_page_token } = page as { next_page_token: string };
  expect(next_page_token).toEqual(expect.any(String));
  const response = await mallory.call(`/api/media?page_token=${next_page_token}`);
  expect(await response.text()).not.toContain(id);
});

test('a stream of own and foreign media streams the own ones', async () => {
  const own = await mallory.analyze([await file('03-coffee.webp')]);
  const events = await mallory.watch([...own.media_ids, id]);
  expect(events).toContainEqual(
    expect.objectContaining({ event: 'problem', data: { media_id: id, code: 'not_found' } }),
  );
  const states = events.filter(({ event }) => event === undefined);
  expect(states.every(({ data }) => (data as Media).id === own.media_ids[0])).toBe(true);
});

it('a stranger who watches what its owner watches already hears nothing of it', async () => {
  const { pid = 0 } = stack.units.worker;
  // As long as nobody works, nothing is finished, and no stream ends.
  process.kill(pid, 'SIGSTOP');
  try {
    const { media_ids } = await alice.analyze([await file('07-cityscape.jpg')]);
    const leave = new AbortController();
    const path = `/api/agent/analyze-media/stream?ids=${media_ids}`;
    const hers = await alice.call(path, { signal: leave.signal });
    expect(hers.status).toBe(200);
    expect((await mallory.call(path)).status).toBe(404);
    leave.abort();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});

test('a stranger who watches an id that is unknown hears nothing when its owner begins to', async () => {
  const { media_ids } = await alice.analyze([await file('06-osprey.jpg')]);
  const own = await mallory.analyze([await file('08-lake.jpg')]);
  // Both watch the same id on the same instance at the same time.
  const ids = `${media_ids},${own.media_ids}`;
  const [hers, theirs] = await Promise.all(
    [alice, mallory].map(async (who) => {
      const response = await who.call(`/api/agent/analyze-media/stream?ids=${ids}`);
      const seen = new Set<string>();
      for await (const { event, data } of readEvents(response)) {
        if (event === undefined) seen.add((data as Media).id);
      }
      return [...seen];
    }),
  );
  expect(hers).toEqual(media_ids);
  expect(theirs).toEqual(own.media_ids);
});

test.each([
  ['steps up', '../../media/ID'],
  ['encoded steps up', '..%2f..%2fmedia%2fID'],
  ['an encoded step up', '%2e%2e/ID'],
  ['an end that is none', 'ID%00'],
  ['a step there and back', 'ID/../ID'],
  ['a reserved name', '__ID__'],
  ['a dot', '.'],
  ['a very long name', 'a'.repeat(5_000)],
])('an id that is a path leads nowhere: %s', async (_title, text) => {
  const evil = text.replace('ID', id);
  for (const end of ['', '/content', '/stream']) {
    const { status } = await mallory.call(`/api/media/${evil}${end}`);
    expect([400, 404, 405, 431]).toContain(status);
  }
});

test.each([
  ['another host name', { Host: 'evil.example' }],
  ['a page of another site', { Origin: 'https://evil.example' }],
])('the local issuer signs nobody in for %s', async (_title, headers) => {
  const { port } = new URL(stack.url);
  const status = await new Promise((resolve, reject) => {
    const request = http.request(
      { port, path: '/local/token', method: 'POST', headers },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    );
    request.on('error', reject);
    request.end('{"sub":"alice"}');
  });
  expect(status).toBe(404);
});
