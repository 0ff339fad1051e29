/** Requests that are made from the API's own document get an answer that is in it, and never one that says that we have failed. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createUploadsResponseSchema } from '@media-analysis/shared/api';
import { openApi } from '@media-analysis/shared/openapi';
import { reanalysisSchema } from '@media-analysis/shared/reanalyses';
import fc from 'fast-check';
import { longTest } from '../support/long-test.ts';
import { type MadeRequest, requestsOf } from '../support/requests-of.ts';
import { client, file, type Stack, startStack, tokenOf } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    environment: { MAX_FILES_PER_DAY: '1000000', MAX_ANNOUNCED: '1000000' },
  });
});
afterAll(() => stack.close());

type User = ReturnType<typeof client>;

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

async function judge(user: User, { path, ...init }: MadeRequest): Promise<string> {
  const aborted = new AbortController();
  const response = await user.call(path, { ...init, signal: aborted.signal });
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

async function tryRequests(numRuns: number, seed: number): Promise<void> {
  const user = client(stack, await tokenOf(stack, `owner-${seed}`));
  const requests = requestsOf(openApi(), [...(await store(user)), 'Unknown1']);
  const met = new Set<string>();
  const property = fc.asyncProperty(requests, async (request) => {
    met.add(await judge(user, request));
  });
  await fc.assert(property, { numRuns, seed });
  // They get somewhere.
  for (const each of ['GET 200', 'GET 400', 'GET 404', 'POST 200', 'POST 202', 'POST 400']) {
    expect([...met]).toContain(each);
  }
}

test('three hundred requests', () => tryRequests(300, 1));

// In parts, as each test has its time.
for (let part = 2; part <= 21; part++) {
  longTest(`ten thousand requests, part ${part - 1} of 20`, () => tryRequests(500, part));
}
