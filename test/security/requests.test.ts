/** Requests that are made from the API's own document get an answer that is in it, and never one that says that we have failed. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { importSchema } from '@media-analysis/shared/imports';
import { createUploadsResponseSchema } from '@media-analysis/shared/large-uploads';
import { openApi } from '@media-analysis/shared/openapi';
import { reanalysisSchema } from '@media-analysis/shared/reanalyses';
import { earlierResultsSchema } from '@media-analysis/shared/results';
import { analyzeMediaResponseSchema } from '@media-analysis/shared/uploads';
import {
  webhookDeliveryListSchema,
  webhookDeliverySchema,
  webhookListSchema,
  webhookWithSecretSchema,
} from '@media-analysis/shared/webhooks';
import fc from 'fast-check';
import { z } from 'zod';
import { met as metOfContract } from '../support/api-contract.ts';
import { longTest } from '../support/long-test.ts';
import { FIRST, type Known, LAST, type MadeRequest, requestsOf } from '../support/requests-of.ts';
import {
  client,
  eventually,
  file,
  form,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    environment: {
      MAX_FILES_PER_DAY: '1000000',
      MAX_ANNOUNCED: '1000000',
      IMPORT_BUCKETS: 'photos',
    },
  });
});
afterAll(() => stack.close());

type User = ReturnType<typeof client>;
type Call = User['call'];

/** What a new owner has: two media, one of them with an earlier result, one in the bin, one whose bytes never come, and a reanalysis. */
async function store(user: User): Promise<Known> {
  const photos = ['02-cat.png', '05-dogs.jpg', '08-lake.jpg'].map(file);
  const { media_ids } = await user.analyze(await Promise.all(photos));
  await user.results(media_ids);
  const [first = '', , binned = ''] = media_ids;
  const post = async (path: string, body: object) =>
    (await user.call(path, { method: 'POST', body: JSON.stringify(body) })).json();
  const files = [{ file_name: 'a.mov', content_type: 'video/quicktime', size: 9 }];
  const { uploads } = createUploadsResponseSchema.parse(
    await post('/api/media/uploads', { files }),
  );
  const { id } = reanalysisSchema.parse(
    await post('/api/reanalyses', { analysis: 'describe', language: 'ja' }),
  );
  await post(`/api/media/${first}/analyses/describe`, {});
  await user.results([first]);
  const listed = await (await user.call(`/api/media/${first}/results`)).json();
  const { results } = earlierResultsSchema.parse(listed);
  await user.call(`/api/media/${binned}`, { method: 'DELETE' });
  const media = [...media_ids, ...uploads.map(({ media_id }) => media_id)];
  const earlier = results.map((each) => each.id);
  return { media, bin: [binned, ...media], reanalyses: [id], 'result of media': earlier };
}

/** Of zod, and of JavaScript: no words for a person. */
const RAW =
  /Invalid (input|option|string|type)|Unrecognized|expected .* received|Too (small|big)|undefined|NaN|\[object/;

/** Of answers so far: ETags and the latest page token by their path, and the latest id by its collection. */
type Seen = Record<'etags' | 'pages' | 'ids', Map<string, readonly string[]>>;

async function judge(call: Call, made: MadeRequest, seen: Seen): Promise<string> {
  const path = made.path
    .replace(`page_token=${LAST}`, () => seen.pages.get(pathOf(made.path))?.[0] ?? '')
    .replace(/^\/api\/(\w+)\/last\b/, (_all, kind) => `/api/${kind}/${seen.ids.get(kind)?.at(-1)}`);
  const [at, kind = ''] = [pathOf(path), path.split('/')[2]];
  const thing = at.split('/').slice(0, 4).join('/');
  const etags = seen.etags.get(thing) ?? [];
  const headers = { ...made.headers };
  for (const name of ['If-Match', 'If-None-Match']) {
    if (headers[name] === LAST) headers[name] = etags.at(-1) ?? '*';
    if (headers[name] === FIRST) headers[name] = etags[0] ?? '*';
  }
  const { method } = made;
  // Five hundred make a page of those that are sent again: none has a next one.
  const body =
    typeof made.body === 'string' ? made.body.replace(`,"page_token":"${LAST}"`, '') : made.body;
  const init = { method, headers, ...(body !== undefined && { body }) };
  const aborted = new AbortController();
  const response = await call(path, { ...init, signal: aborted.signal });
  const { status } = response;
  const type = response.headers.get('content-type') ?? '';
  const text = type.startsWith('text/event-stream') ? '' : await response.text();
  aborted.abort();
  expect(`${status} ${text}`).not.toMatch(/^5/);
  if (status >= 400 && method !== 'HEAD') {
    expect(said(JSON.parse(text).detail, path, body)).not.toMatch(RAW);
  } else if (status < 300 && method !== 'HEAD') {
    const page = /"next_page_token":"([^"]+)"/.exec(text)?.[1];
    if (page) seen.pages.set(at, [`page_token=${page}`]);
    const etag = response.headers.get('etag');
    if (etag) seen.etags.set(thing, [...etags, etag]);
    const id = /"(?:media_)?id":"([^"]+)"/.exec(text)?.[1];
    if (id && status > 200 && at === thing) seen.ids.set(kind.replace('agent', 'media'), [id]);
  }
  return `${method} ${status}`;
}

const pathOf = (address: string) => address.split('?')[0] ?? '';

/** What the service says, without the caller's own words in it. */
function said(detail: string, path: string, body: MadeRequest['body']): string {
  const own = `${decodeURIComponent(path.replaceAll('+', ' '))} ${typeof body === 'string' ? body : ''}`;
  return detail.replaceAll(/"[^"]*"/g, (word) => (own.includes(word.slice(1, -1)) ? '' : word));
}

const keys = new Map<string, Promise<string>>();

/** A key with these scopes, the same for all tests: there may be a hundred. */
function keyWith(scopes: string[]): Promise<string> {
  const name = scopes.join();
  const made = keys.get(name) ?? makeKey(scopes);
  keys.set(name, made);
  return made;
}

async function makeKey(scopes: string[]): Promise<string> {
  const body = JSON.stringify({ scopes });
  const made = await fetch(`${stack.url}/local/keys`, { method: 'POST', body });
  return z.object({ key: z.string() }).parse(await made.json()).key;
}

/** How a backend calls, for this owner or for nobody. */
async function backend(owner: string | undefined, ...scopes: string[]): Promise<Call> {
  const { call } = client(stack, await keyWith(scopes));
  return (path, init) => {
    const headers = {
      ...(init?.headers as Record<string, string>),
      ...(owner !== undefined && { 'X-On-Behalf-Of': owner }),
    };
    return call(path, { ...init, headers });
  };
}

/** What a backend has made for this owner: two webhooks, an import, and deliveries of both kinds. */
async function storeOfBackend(call: Call): Promise<Known> {
  const post = async (path: string, body: FormData | string) =>
    (await call(path, { method: 'POST', body })).json();
  // It answers with an error, so that each delivery stays pending.
  const callback_url = `${stack.url}/local/keys`;
  const hooks = [1, 2].map(async () =>
    webhookWithSecretSchema.parse(
      await post('/api/webhooks', JSON.stringify({ url: callback_url })),
    ),
  );
  const webhooks = (await Promise.all(hooks)).map(({ id }) => id);
  const source = { gs: 'gs://photos/none' };
  const begun = importSchema.parse(await post('/api/imports', JSON.stringify({ source })));
  const photos = form([await file('02-cat.png')], { callback_url });
  const { media_ids } = analyzeMediaResponseSchema.parse(
    await post('/api/agent/analyze-media', photos),
  );
  const callback = await eventually(async () => {
    const listed = await (await call(`/api/media/${media_ids[0]}/deliveries`)).json();
    return webhookDeliveryListSchema.parse(listed).deliveries[0];
  });
  const event = webhookDeliverySchema.parse(await post(`/api/webhooks/${webhooks[0]}/test`, ''));
  const deliveries = { 'delivery of media': [callback.id], 'delivery of webhooks': [event.id] };
  return { webhooks, imports: [begun.id], called: media_ids, ...deliveries };
}

const WORKS = ['GET 200', 'GET 400', 'GET 404', 'POST 200', 'POST 202', 'POST 400'];

interface Caller {
  callOf: (owner: string) => Promise<Call>;
  /** By all requests of this caller: a part alone may miss what is rare. */
  meets: string[];
}

const CALLERS = {
  user: {
    callOf: async (owner) => client(stack, await tokenOf(stack, owner)).call,
    meets: WORKS,
  },
  backend: {
    callOf: (owner) => backend(owner, 'read', 'write', 'admin'),
    meets: WORKS,
  },
  'key that may read': {
    callOf: (owner) => backend(owner, 'read'),
    meets: ['GET 200', 'GET 404', 'HEAD 200', 'POST 200', 'POST 403', 'PATCH 403'],
  },
  'key that may write': {
    callOf: (owner) => backend(owner, 'write'),
    meets: ['GET 403', 'HEAD 403', 'POST 202', 'POST 403'],
  },
  'key that may have webhooks': {
    callOf: (owner) => backend(owner, 'admin'),
    meets: ['GET 200', 'GET 403', 'POST 202', 'POST 403'],
  },
  'key without a user': {
    callOf: () => backend(undefined, 'read', 'write', 'admin'),
    meets: ['GET 200', 'GET 304', 'GET 400', 'HEAD 400', 'POST 400', 'PATCH 400'],
  },
  stranger: {
    callOf: async () => client(stack).call,
    meets: ['GET 200', 'GET 401', 'HEAD 401', 'POST 401', 'PATCH 401'],
  },
} satisfies Record<string, Caller>;

type Kind = keyof typeof CALLERS;

/** By caller. */
const met = new Map<Kind, Set<string>>();

/** There may be a hundred, of all owners together. */
async function removeWebhooks(): Promise<void> {
  const call = await backend(undefined, 'admin');
  const listed = await (await call('/api/webhooks?limit=100')).json();
  for (const { id } of webhookListSchema.parse(listed).webhooks) {
    await call(`/api/webhooks/${id}`, { method: 'DELETE' });
  }
}

async function tryRequests(kind: Kind, numRuns: number, seed: number): Promise<void> {
  await removeWebhooks();
  const owner = `owner-${seed}`;
  const { media, ...own } = await store(client(stack, await tokenOf(stack, owner)));
  const { called = [], ...more } =
    kind === 'user' ? {} : await storeOfBackend(await CALLERS.backend.callOf(owner));
  const known: Known = { ...own, ...more, media: [...(media ?? []), ...called] };
  const call = await CALLERS[kind].callOf(owner);
  const requests = requestsOf(openApi(), known, `${stack.url}/local/keys`);
  const metNow = met.get(kind) ?? new Set();
  met.set(kind, metNow);
  const seen: Seen = { etags: new Map(), pages: new Map(), ids: new Map(Object.entries(known)) };
  const property = fc.asyncProperty(requests, async (request) => {
    metNow.add(await judge(call, request, seen));
  });
  await fc.assert(property, { numRuns, seed });
}

/** They get somewhere. */
function expectMet(kind: Kind): void {
  for (const each of CALLERS[kind].meets) expect([...(met.get(kind) ?? [])]).toContain(each);
}

// With these seeds, eighty meet each kind of answer.
test.each<[Kind, number]>([
  ['user', 52],
  ['backend', 42],
])('eighty requests of a %s', async (kind, seed) => {
  await tryRequests(kind, 80, seed);
  expectMet(kind);
});

/** Of each caller. */
const { REQUESTS = '1500' } = process.env;
const PART = 500;

// In parts, as each test has its time.
for (const [at, kind] of (Object.keys(CALLERS) as Kind[]).entries()) {
  const parts = Math.ceil(Number(REQUESTS) / PART);
  for (let part = 1; part <= parts; part++) {
    longTest(`requests of a ${kind}, part ${part} of ${parts}`, async () => {
      await tryRequests(kind, PART, 1_000 * at + part + 1);
      if (part === parts) expectMet(kind);
    });
  }
}

longTest('they have met conditions, changes, test events and types', () => {
  const changed = ['editMedia', 'editWebhook'].flatMap((name) => [
    `${name} 200`,
    `${name} precondition_failed`,
    `${name} not_json`,
  ]);
  const sent = ['testWebhook 202', 'resend 202', 'resendMany 202', 'restoreResult 200'];
  const wanted = ['getMedia 304', 'getWebhook 304', ...changed, ...sent];
  expect(wanted.filter((each) => !metOfContract.has(each))).toEqual([]);
});
