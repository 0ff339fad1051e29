/** What is one owner's is nobody else's: by no route, no stream, no list and no key. */
import http from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import { type Reanalysis, reanalysisSchema } from '@media-analysis/shared/reanalyses';
import { earlierResultsSchema } from '@media-analysis/shared/results';
import { routesOf } from '../../deploy/check/routes.ts';
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
/** An earlier result of that media, and a reanalysis of its owner. */
let result: string;
let run: Reanalysis;

beforeAll(async () => {
  stack = await startStack();
  alice = client(stack, await tokenOf(stack, 'alice'));
  mallory = client(stack, await tokenOf(stack, 'mallory'));
  const { media_ids } = await alice.analyze([await file('02-cat.png')], {
    'Idempotency-Key': 'shared key',
  });
  id = media_ids[0] ?? '';
  await alice.results([id]);
  await alice.call(`/api/media/${id}/analyses/describe`, { method: 'POST' });
  await alice.results([id]);
  before = await alice.get(id);
  const kept = await (await alice.call(`/api/media/${id}/results`)).json();
  result = earlierResultsSchema.parse(kept).results[0]?.id ?? '';
  const body = JSON.stringify({ analysis: 'describe' });
  const headers = { 'Idempotency-Key': 'key of a quote' };
  const quoted = await alice.call('/api/reanalyses', { method: 'POST', body, headers });
  run = reanalysisSchema.parse(await quoted.json());
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

const { api, stream } = routesOf();
/** Each route of the units that people call. */
const ROUTES = [...api, ...stream].map(({ method, path }) => ({
  route: `${method} ${path}`,
  method,
  path,
  namesMedia: path.includes('/:'),
}));

/** One for each route. */
const ATTEMPTS: Record<string, Attempt> = {
  'POST /api/agent/analyze-media': { headers: { 'Idempotency-Key': 'shared key' }, status: 202 },
  'POST /api/media': { status: 202 },
  'POST /api/media/uploads': {
    json: { files: [{ file_name: 'strange.mov', content_type: 'video/quicktime', size: 9 }] },
    status: 201,
  },
  'POST /api/media/uploads/close': {
    headers: { 'Idempotency-Key': 'shared key' },
    json: {},
    status: 200,
  },
  'POST /api/media/:id/uploaded': { status: 404 },
  'GET /api/media': { query: '?ids=ID', status: 200 },
  'GET /api/media/:id': { status: 404 },
  'GET /api/media/:id/content': { status: 404 },
  'GET /api/media/:id/preview': { status: 404 },
  'GET /api/media/:id/stream': { status: 404 },
  'GET /api/media/stream': { status: 200 },
  'GET /api/agent/analyze-media/stream': { query: '?ids=ID', status: 404 },
  'POST /api/media/:id/frames': { status: 404 },
  'GET /api/media/:id/frames': { status: 404 },
  'POST /api/media/:id/retry': { status: 404 },
  'POST /api/media/:id/analyses/:name': { status: 404 },
  'GET /api/analyses': { status: 200 },
  'DELETE /api/media/:id': { status: 404 },
  'PATCH /api/media/:id': { json: { title: 'strange' }, status: 404 },
  'POST /api/media/:id/restore': { status: 404 },
  'POST /api/media/delete': { json: { ids: ['ID'] }, status: 200 },
  'POST /api/media/restore': { json: { ids: ['ID'] }, status: 200 },
  'GET /api/bin': { status: 200 },
  'GET /api/bin/:id/preview': { status: 404 },
  'GET /api/media/months': { status: 200 },
  'GET /api/media/export': { status: 200 },
  'POST /api/media/export': { json: { ids: ['ID'] }, status: 200 },
  'POST /api/media/download': { json: { ids: ['ID'] }, status: 404 },
  'GET /api/media/:id/results': { status: 404 },
  'POST /api/media/:id/results/:result/restore': { status: 404 },
  'GET /api/media/:id/deliveries': { status: 404 },
  'POST /api/media/:id/deliveries/:delivery/resend': { status: 404 },
  'POST /api/reanalyses': {
    headers: { 'Idempotency-Key': 'key of a quote' },
    json: { analysis: 'describe' },
    status: 201,
  },
  'GET /api/reanalyses': { status: 200 },
  'GET /api/reanalyses/:id': { status: 404 },
  'POST /api/reanalyses/:id/confirm': { status: 404 },
  'POST /api/reanalyses/:id/pause': { status: 404 },
  'POST /api/reanalyses/:id/resume': { status: 404 },
  'POST /api/reanalyses/:id/cancel': { status: 404 },
  'GET /api/reanalyses/:id/stream': { status: 404 },
  // Begun by service keys alone: test/journey/imports.test.ts has their own isolation.
  'POST /api/imports': { json: { source: { gs: 'gs://strange/' } }, status: 403 },
  'GET /api/imports': { status: 200 },
  'GET /api/imports/:id': { status: 404 },
  'POST /api/imports/:id/pause': { status: 404 },
  'POST /api/imports/:id/resume': { status: 404 },
  'POST /api/imports/:id/cancel': { status: 404 },
  'GET /api/usage': { status: 200 },
  // For service keys alone: test/journey/webhooks.test.ts has their own isolation.
  'POST /api/webhooks': { json: { url: 'https://strange.example/' }, status: 401 },
  'GET /api/webhooks': { status: 401 },
  'GET /api/webhooks/:id': { status: 401 },
  'PATCH /api/webhooks/:id': { json: { url: 'https://strange.example/' }, status: 401 },
  'DELETE /api/webhooks/:id': { status: 401 },
  'POST /api/webhooks/:id/test': { status: 401 },
  'POST /api/webhooks/:id/rotate': { status: 401 },
  'POST /api/webhooks/:id/enable': { status: 401 },
  'GET /api/webhooks/:id/deliveries': { status: 401 },
  'POST /api/webhooks/:id/deliveries/resend': {
    json: { from: '2026-01-01T00:00:00Z' },
    status: 401,
  },
  'POST /api/webhooks/:id/deliveries/:delivery/resend': { status: 401 },
};

test('every route is in the table above, and one whose path names a media does not find it', () => {
  expect(ROUTES.map(({ route }) => route).toSorted()).toEqual(Object.keys(ATTEMPTS).toSorted());
  const named = ROUTES.filter(
    ({ namesMedia, path }) => namesMedia && !path.startsWith('/api/webhooks'),
  );
  expect(named.filter(({ route }) => ATTEMPTS[route]?.status !== 404)).toEqual([]);
});

type Listed = (typeof ROUTES)[number];

/** Calls a route for the media, or with something new. */
function attempt(who: typeof alice, { route, method, path, namesMedia }: Listed, more = {}) {
  const { query = '', headers, json } = ATTEMPTS[route] ?? {};
  const picture = new File([new Uint8Array(9)], 'strange.png', { type: 'image/png' });
  const said = json && JSON.stringify(json).replace('"ID"', `"${id}"`);
  const isNew = method === 'POST' && !namesMedia;
  const named = path.startsWith('/api/reanalyses') ? run.id : id;
  const asked = `${path}${query}`
    .replace(':name', 'describe')
    .replace(':result', result)
    .replace(/:\w+|ID/, named);
  return who.call(asked, {
    method,
    headers: { ...headers, ...more },
    ...(said ? { body: said } : isNew && { body: form([picture]) }),
  });
}

/** It has no end: it has a test of its own. */
const ENDLESS = 'GET /api/media/stream';

test.each(ROUTES.filter(({ route }) => route !== ENDLESS))(
  '$route tells a stranger nothing',
  async (route) => {
    const response = await attempt(mallory, route);
    expect(response.status).toBe(ATTEMPTS[route.route]?.status);
    const text = await response.text();
    // The id is the stranger's own word; everything else about the media is not.
    const isNamed = route.namesMedia || JSON.stringify(ATTEMPTS[route.route]).includes('ID');
    if (route.method === 'POST' && !isNamed) expect(text).not.toContain(id);
    if (!route.namesMedia) expect(text).not.toContain(run.id);
    expect(text).not.toContain('02-cat.png');
    expect(await alice.get(id)).toEqual(before);
    expect(await (await alice.call(`/api/reanalyses/${run.id}`)).json()).toEqual(run);
  },
);

async function listed(who: typeof alice): Promise<Media[]> {
  const response = await who.call('/api/media?limit=100');
  return ((await response.json()) as { media: Media[] }).media;
}

describe('a page of another site', () => {
  const writing = ROUTES.filter(({ method }) => method !== 'GET');

  test.each(writing)('changes nothing by $route, with or without a cookie', async (route) => {
    const nobody = client(stack);
    const before = await listed(alice);
    const Origin = 'https://evil.example';
    const Cookie = `__session=${await tokenOf(stack, 'alice')}`;
    for (const headers of [{ Origin }, { Origin, Cookie }]) {
      expect((await attempt(nobody, route, headers)).status).toBe(401);
    }
    expect(await listed(alice)).toEqual(before);
  });
});

test('a list holds only what is its owner’s', async () => {
  expect((await listed(alice)).map((media) => media.id)).toEqual([id]);
  expect((await listed(mallory)).map((media) => media.id)).not.toContain(id);
});

test('two owners who give media the same id find only their own by it', async () => {
  const sent = [alice, mallory].map(async (who) => {
    const body = form([await file('08-lake.jpg')], { external_id: 'order 1' });
    const answer = await who.call('/api/media', { method: 'POST', body });
    return ((await answer.json()) as { media_id: string }).media_id;
  });
  const own = await Promise.all(sent);
  for (const [n, who] of [alice, mallory].entries()) {
    for (const path of ['', '/export']) {
      const query = path === '' ? '' : '&format=json';
      const response = await who.call(`/api/media${path}?external_id=order+1${query}`);
      const { media } = (await response.json()) as { media: Media[] };
      expect(media.map((each) => each.id)).toEqual([own[n]]);
    }
    const months = await who.call('/api/media/months?external_id=order+1');
    expect(await months.json()).toMatchObject({ months: [{ count: 1 }] });
  }
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

test("a stranger's library tells of no media of another owner, new, old, deleted or back", async () => {
  const leave = new AbortController();
  const since = new Date(Date.now() - 1_800_000).toISOString();
  const path = `/api/media/stream?since=${since}`;
  // Its owner watches too, on the same instance.
  const [hers, theirs] = await Promise.all(
    [alice, mallory].map((who) => who.call(path, { signal: leave.signal })),
  );
  const { media_ids } = await alice.analyze([await file('05-dogs.jpg')]);
  await alice.results(media_ids);
  const title = JSON.stringify({ title: 'secret' });
  await alice.call(`/api/media/${media_ids}`, { method: 'PATCH', body: title });
  await alice.call(`/api/media/${media_ids}`, { method: 'DELETE' });
  await alice.call(`/api/media/${media_ids}/restore`, { method: 'POST' });
  const own = await mallory.analyze([await file('03-coffee.webp')]);
  const ofAlice = [...media_ids, id];
  const [last = ''] = own.media_ids;
  /** What a stream tells of until it tells of one of these. */
  const toldUntil = async (response: Response | undefined, ends: readonly string[]) => {
    const told: string[] = [];
    for await (const { event, data } of readEvents(response as Response)) {
      if (event === 'since') continue;
      const { id, media_id = id } = data as Media & { media_id?: string };
      told.push(media_id);
      if (ends.includes(media_id)) break;
    }
    return told;
  };
  expect(await toldUntil(theirs, [last, ...ofAlice])).toContain(last);
  expect(await toldUntil(hers, [last, ...media_ids])).toContain(media_ids[0]);
  leave.abort();
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
    const path = `/api/media/${evil}${end}`;
    // Her own library.
    if (new URL(path, stack.url).pathname === '/api/media/stream') continue;
    const { status } = await mallory.call(path);
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
