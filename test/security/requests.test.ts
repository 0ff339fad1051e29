/** Requests that are made from the API's own document get an answer that is in it, and never one that says that we have failed. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createUploadsResponseSchema } from '@media-analysis/shared/large-uploads';
import { openApi } from '@media-analysis/shared/openapi';
import { reanalysisSchema } from '@media-analysis/shared/reanalyses';
import { analyzeMediaResponseSchema } from '@media-analysis/shared/uploads';
import {
  webhookDeliveryListSchema,
  webhookWithSecretSchema,
} from '@media-analysis/shared/webhooks';
import fc from 'fast-check';
import { z } from 'zod';
import { longTest } from '../support/long-test.ts';
import { type MadeRequest, requestsOf } from '../support/requests-of.ts';
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
    environment: { MAX_FILES_PER_DAY: '1000000', MAX_ANNOUNCED: '1000000' },
  });
});
afterAll(() => stack.close());

type User = ReturnType<typeof client>;
type Call = User['call'];

/** @returns the ids of what a new owner has: two media, one whose bytes never come, and a reanalysis */
async function store(user: User): Promise<string[]> {
  const { media_ids } = await user.analyze([await file('02-cat.png'), await file('05-dogs.jpg')]);
  await user.results(media_ids);
  const post = async (path: string, body: object) =>
    (await user.call(path, { method: 'POST', body: JSON.stringify(body) })).json();
  const files = [{ file_name: 'a.mov', content_type: 'video/quicktime', size: 9 }];
  const { uploads } = createUploadsResponseSchema.parse(
    await post('/api/media/uploads', { files }),
  );
  const { id } = reanalysisSchema.parse(
    await post('/api/reanalyses', { analysis: 'describe', language: 'ja' }),
  );
  return [...media_ids, ...uploads.map(({ media_id }) => media_id), id];
}

/** Of zod, and of JavaScript: no words for a person. */
const RAW =
  /Invalid (input|option|string|type)|Unrecognized|expected .* received|Too (small|big)|undefined|NaN|\[object/;

async function judge(call: Call, { path, ...init }: MadeRequest): Promise<string> {
  const aborted = new AbortController();
  const response = await call(path, { ...init, signal: aborted.signal });
  const { status } = response;
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const text = isStream ? '' : await response.text();
  aborted.abort();
  expect(`${status} ${text}`).not.toMatch(/^5/);
  if (status >= 400) expect(said(JSON.parse(text).detail, path, init.body)).not.toMatch(RAW);
  return `${init.method} ${status}`;
}

/** What the service says, without the caller's own words in it. */
function said(detail: string, path: string, body: MadeRequest['body']): string {
  const own = `${decodeURIComponent(path.replaceAll('+', ' '))} ${typeof body === 'string' ? body : ''}`;
  return detail.replaceAll(/"[^"]*"/g, (word) => (own.includes(word.slice(1, -1)) ? '' : word));
}

/** As a backend calls that may do all for this owner. @returns its calls, and the ids of what it has */
async function startBackend(owner: string): Promise<{ call: Call; ids: string[] }> {
  const made = await fetch(`${stack.url}/local/keys`, { method: 'POST', body: '{}' });
  const { key } = z.object({ key: z.string() }).parse(await made.json());
  const backend = client(stack, key);
  const call: Call = (path, init) => {
    const headers = { ...(init?.headers as Record<string, string>), 'X-On-Behalf-Of': owner };
    return backend.call(path, { ...init, headers });
  };
  const post = async (path: string, body: FormData | string) =>
    (await call(path, { method: 'POST', body })).json();
  // It answers with an error, so that each delivery stays pending.
  const callback_url = `${stack.url}/local/keys`;
  const hook = webhookWithSecretSchema.parse(
    await post('/api/webhooks', JSON.stringify({ url: callback_url })),
  );
  const photos = form([await file('02-cat.png')], { callback_url });
  const { media_ids } = analyzeMediaResponseSchema.parse(
    await post('/api/agent/analyze-media', photos),
  );
  const delivery = await eventually(async () => {
    const listed = await (await call(`/api/media/${media_ids[0]}/deliveries`)).json();
    return webhookDeliveryListSchema.parse(listed).deliveries[0];
  });
  return { call, ids: [hook.id, ...media_ids, delivery.id] };
}

/** By all that were made so far: a part alone may miss what is rare. */
const met = new Set<string>();

async function tryRequests(numRuns: number, seed: number, isBackend = false): Promise<void> {
  const owner = `owner-${seed}`;
  const user = client(stack, await tokenOf(stack, owner));
  const known = await store(user);
  const { call, ids } = isBackend ? await startBackend(owner) : { call: user.call, ids: [] };
  const requests = requestsOf(openApi(), [...known, ...ids, 'Unknown1']);
  const property = fc.asyncProperty(requests, async (request) => {
    met.add(await judge(call, request));
  });
  await fc.assert(property, { numRuns, seed });
  // They get somewhere.
  for (const each of ['GET 200', 'GET 400', 'GET 404', 'POST 200', 'POST 202', 'POST 400']) {
    expect([...met]).toContain(each);
  }
}

// With this seed, eighty meet each kind of answer.
test('eighty requests', () => tryRequests(80, 1));

test('eighty requests of a backend', () => tryRequests(80, 22, true));

// In parts, as each test has its time.
for (let part = 2; part <= 21; part++) {
  longTest(`ten thousand requests, part ${part - 1} of 20`, () =>
    tryRequests(500, part, part % 2 === 1),
  );
}
