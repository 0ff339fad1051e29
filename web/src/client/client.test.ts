import { expect, test } from '@jest/globals';
import type { EarlierResult } from '@media-analysis/shared/results';
import type { UsageReport } from '@media-analysis/shared/usage';
import { createMediaClient, type MediaClientOptions } from './client.ts';
import { MediaClientError } from './errors.ts';
import { libraryOf } from './library.ts';
import { analysisInfo, FakeClock, media } from './testing.ts';

const REPORT: UsageReport = {
  month: '2026-11',
  items: 3,
  cached: 1,
  input_tokens: 800,
  output_tokens: 240,
  cost_usd: 0.00084,
  models: [],
};

function clientThatGets(answer: unknown) {
  const asked: string[] = [];
  const fetch = async (url: RequestInfo | URL) => {
    asked.push(String(url));
    return Response.json(answer);
  };
  return { asked, client: createMediaClient({ baseUrl: 'https://api.example/', fetch }) };
}

test('usage asks for the named month, or for the current one', async () => {
  const { asked, client } = clientThatGets(REPORT);
  expect(await client.usage({ month: '2026-11' })).toEqual(REPORT);
  await client.usage();
  expect(asked).toEqual([
    'https://api.example/api/usage?month=2026-11',
    'https://api.example/api/usage',
  ]);
});

test('a web page in place of the service is called another server', async () => {
  const fetch = async () =>
    new Response('<!doctype html>', { headers: { 'Content-Type': 'text/html' } });
  await expect(createMediaClient({ fetch }).get('a')).rejects.toThrow(/^Another server answers/);
});

test('asks for a signed address as JSON, because a script on another origin cannot follow the redirect', async () => {
  const accepted: unknown[] = [];
  const fetch = async (_url: RequestInfo | URL, { headers }: RequestInit = {}) => {
    accepted.push(new Headers(headers).get('Accept'));
    return Response.json({ url: 'https://storage.example/signed' });
  };
  const client = createMediaClient({ getToken: () => 'token', fetch });
  expect(await client.resolveUrl('a', 'preview')).toBe('https://storage.example/signed');
  expect(accepted).toEqual(['application/json']);
});

test('the address of each picture', () => {
  const client = createMediaClient();
  const renditions = ['preview', 'small', 'binned', 'content', 'download'] as const;
  expect(renditions.map((rendition) => client.plainUrl('a b', rendition))).toEqual([
    '/api/media/a%20b/preview',
    '/api/media/a%20b/preview?size=small',
    '/api/bin/a%20b/preview?size=small',
    '/api/media/a%20b/content',
    '/api/media/a%20b/content?download=true',
  ]);
});

test('asks for the stream at its own address, and for all else at the API’s', async () => {
  const asked: string[] = [];
  const fetch = async (url: RequestInfo | URL) => {
    asked.push(String(url));
    return String(url).includes('/stream')
      ? new Response(null, { status: 204 })
      : Response.json({ media: [] });
  };
  const options = { baseUrl: 'https://api.example', streamUrl: 'https://stream.example/', fetch };
  const updates = createMediaClient(options).watch(['a']);
  expect(await updates.next()).toMatchObject({ value: { type: 'problem', media_id: 'a' } });
  expect(asked).toEqual([
    'https://stream.example/api/agent/analyze-media/stream?ids=a',
    'https://api.example/api/media?ids=a',
  ]);
});

test('a service key acts for the user who is named, also where the stream and files go', async () => {
  const asked: unknown[] = [];
  const fetch = async (url: RequestInfo | URL, { headers }: RequestInit = {}) => {
    const { authorization, 'x-on-behalf-of': user } = Object.fromEntries(new Headers(headers));
    asked.push([String(url).split('?')[0], authorization, user]);
    return String(url).includes('/stream')
      ? Response.json({ code: 'not_found', detail: '', request_id: 'r' }, { status: 404 })
      : Response.json({ media_ids: ['a'], media: [media('a')], rejected: [] });
  };
  const client = createMediaClient({ fetch, serviceKey: 'mk_1', onBehalfOf: 'alice' });
  await client.analyze([new File(['x'], 'a.jpg', { type: 'image/jpeg' })]);
  await client.watch(['a']).next();
  await client.onBehalfOf('bob').list();
  expect(asked).toEqual([
    ['/api/agent/analyze-media', 'Bearer mk_1', 'alice'],
    ['/api/agent/analyze-media/stream', 'Bearer mk_1', 'alice'],
    ['/api/media', 'Bearer mk_1', 'bob'],
  ]);
});

test('a service key that is missing, in a page, or for nobody is refused at once', () => {
  const serviceKey = 'mk_1';
  const create = (options: MediaClientOptions) => () => createMediaClient(options);
  expect(create({ serviceKey: undefined })).toThrow('serviceKey is empty');
  expect(create({ onBehalfOf: 'alice' })).toThrow('serviceKey is empty');
  expect(create({ serviceKey, getToken: () => 'x' })).toThrow('not both');
  expect(create({ serviceKey, onBehalfOf: 'two words' })).toThrow('onBehalfOf');
  expect(() => createMediaClient({ serviceKey }).onBehalfOf('')).toThrow('onBehalfOf');
  Object.assign(globalThis, { document: {} });
  try {
    expect(create({ serviceKey })).toThrow('keep it on a server');
  } finally {
    Reflect.deleteProperty(globalThis, 'document');
  }
});

test('an app that cannot renew its token gets an error of this client, with the reason', async () => {
  const cause = new Error('auth/user-token-expired');
  const getToken = () => Promise.reject(cause);
  const client = createMediaClient({ getToken, fetch: async () => Response.json({}) });
  const error: unknown = await client.get('a').catch((each: unknown) => each);
  expect(error).toBeInstanceOf(MediaClientError);
  expect(error).toMatchObject({ code: 'unauthenticated', cause });
});

test('asks for an analysis without a body, or with what it needs to know', async () => {
  const asked: unknown[] = [];
  const fetch = async (url: RequestInfo | URL, { method, headers, body }: RequestInit = {}) => {
    asked.push([method, String(url), new Headers(headers).get('Content-Type'), body]);
    return Response.json(media('a b', { status: 'pending' }), { status: 202 });
  };
  const client = createMediaClient({ fetch });
  expect(await client.ask('a b', 'receipt')).toMatchObject({ status: 'pending' });
  await client.ask('a b', 'ask', { input: { question: 'Why?' } });
  expect(asked).toEqual([
    ['POST', '/api/media/a%20b/analyses/receipt', null, undefined],
    ['POST', '/api/media/a%20b/analyses/ask', 'application/json', '{"input":{"question":"Why?"}}'],
  ]);
});

test('the compiler knows what an analysis has to know', () => {
  const { client } = clientThatGets({});
  const wrong = [
    // @ts-expect-error: a question is missing
    () => client.ask('a', 'ask'),
    // @ts-expect-error: and it is a text
    () => client.ask('a', 'ask', { input: { question: 1 } }),
    // @ts-expect-error: nobody asks a receipt anything
    () => client.ask('a', 'receipt', { input: { question: 'Why?' } }),
  ];
  const right = [
    () => client.ask('a', 'receipt', { language: 'ja' }),
    () => client.ask('a', 'one-that-came-later', { input: { number: 1 } }),
  ];
  expect([...wrong, ...right]).toHaveLength(5);
});

test('lists the analyses, and throws if the answer is no list', async () => {
  const { asked, client } = clientThatGets({ analyses: [analysisInfo()] });
  expect(await client.analyses()).toEqual([analysisInfo()]);
  expect(asked).toEqual(['https://api.example/api/analyses']);
  await expect(clientThatGets({}).client.analyses()).rejects.toThrow('cannot be read');
});

test.each([null, 'a list', { media: [null] }, { media: ['a'] }, { media: {} }])(
  'a list of media that cannot be read is an error: %j',
  async (answer) => {
    await expect(clientThatGets(answer).client.list()).rejects.toThrow('cannot be read');
  },
);

test('a list says how it goes on', async () => {
  const list = { media: [], next_page_token: 'x' };
  expect(await clientThatGets(list).client.search({ q: 'dgo' })).toEqual(list);
});

test('usage throws if the answer is no report', async () => {
  const { client } = clientThatGets({ page: 'Please sign in' });
  await expect(client.usage()).rejects.toBeInstanceOf(MediaClientError);
});

test('an error of the server has the id of its request, by which the operator finds it in the log', async () => {
  const problem = { code: 'internal', detail: 'Internal error.', request_id: '4bf92f35' };
  const fetch = async () => Response.json(problem, { status: 500 });
  await expect(createMediaClient({ fetch }).get('a')).rejects.toMatchObject({
    code: 'internal',
    requestId: '4bf92f35',
  });
});

test('a request without an answer ends after half a minute, with an error for a person', async () => {
  const clock = new FakeClock();
  const fetch = (_url: RequestInfo | URL, init?: RequestInit) =>
    new Promise<Response>((_, reject) => {
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
    });
  const retrying = createMediaClient({ fetch, clock }).retry('a');
  let isOver = false;
  retrying
    .catch(() => undefined)
    .finally(() => {
      isOver = true;
    });
  await clock.advance(29_999);
  expect(isOver).toBe(false);
  await clock.advance(1);
  await expect(retrying).rejects.toMatchObject({
    name: 'MediaClientError',
    code: 'unavailable',
    message: expect.stringContaining('cannot be reached'),
  });
});

const EARLIER: EarlierResult = {
  id: 'e1',
  analysis: 'receipt',
  input: {},
  output: { merchant: 'Corner Shop' },
  analytics: null,
  language: 'en',
  model: 'local/vision',
  version: 'receipt-1f0a2b3c',
  usage: null,
  made_at: '2026-01-01T00:00:00.000Z',
};

test('asks for the earlier results of one analysis, and brings one back', async () => {
  const earlier = clientThatGets({ results: [EARLIER] });
  expect(await earlier.client.earlierResults('a', { analysis: 'receipt' })).toEqual([EARLIER]);
  await earlier.client.earlierResults('a');
  expect(earlier.asked).toEqual([
    'https://api.example/api/media/a/results?analysis=receipt',
    'https://api.example/api/media/a/results',
  ]);
  const restored = clientThatGets(media('a'));
  expect(await restored.client.restore('a', 'e/1')).toEqual(media('a'));
  expect(restored.asked).toEqual(['https://api.example/api/media/a/results/e%2F1/restore']);
  const { client } = clientThatGets({ results: {} });
  await expect(client.earlierResults('a')).rejects.toThrow(MediaClientError);
});

test('a search names what is wanted and nothing else; a list is a search for everything', async () => {
  const { asked, client } = clientThatGets({ media: [] });
  await client.search({ q: '駅前 犬', people: 0, kind: undefined }, { limit: 5, pageToken: 'x' });
  await client.list();
  expect(asked).toEqual([
    `https://api.example/api/media?${new URLSearchParams('limit=5&q=駅前 犬&people=0&page_token=x')}`,
    'https://api.example/api/media?limit=24',
  ]);
});

test('a write may ask that a media is still as it was read', async () => {
  const sent: [string, string | null][] = [];
  const fetch = async (_url: RequestInfo | URL, { method = 'GET', headers }: RequestInit = {}) => {
    sent.push([method, new Headers(headers).get('If-Match')]);
    return Response.json(media('a'), { headers: { ETag: `"${sent.length}"` } });
  };
  const client = createMediaClient({ fetch });
  const ifUnchanged = await client.get('a');
  const edited = await libraryOf(client).edit('a', { title: 'Ours' }, { ifUnchanged });
  await client.remove('a', { ifUnchanged: edited });
  await client.remove('a');
  expect(sent).toEqual([
    ['GET', null],
    ['PATCH', '"1"'],
    ['DELETE', '"2"'],
    ['DELETE', null],
  ]);
  await expect(client.remove('a', { ifUnchanged: { ...edited } })).rejects.toThrow(/client.get/);
  expect(sent).toHaveLength(4);
});
