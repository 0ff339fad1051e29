/** What `npm start` serves is compressed where it is text, but for events: each leaves at once. */
import { get, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { shelve } from '../support/library.ts';
import { currentPage } from '../support/page.ts';
import { databaseOf, type Stack, startStack, tokenOf } from '../support/stack.ts';

let stack: Stack;
let authorization: string;
let ids: string[];

beforeAll(async () => {
  [stack] = await Promise.all([startStack(), currentPage()]);
  const db = databaseOf(stack);
  ids = await shelve(
    db,
    'alice',
    Array.from({ length: 40 }, (_, n) => ({ title: `Photo ${n}` })),
  );
  await db.terminate();
  authorization = `Bearer ${await tokenOf(stack, 'alice')}`;
});
afterAll(() => stack.close());

/** As it is on the wire: `fetch` would decompress it. */
function ask(path: string, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(new URL(path, stack.url), { headers: { authorization, ...headers } }, resolve).once(
      'error',
      reject,
    );
  });
}

async function script(): Promise<string> {
  const page = await (await fetch(stack.url)).text();
  return /\/assets\/index-[^"]*\.js/.exec(page)?.[0] ?? '';
}

test.each([
  ['the list of a library', async () => '/api/media?limit=40', 5],
  ['the first script of the page', script, 2.5],
])(
  '%s comes compressed to whoever accepts it, and as it is to others',
  async (_, pathOf, times) => {
    const path = await pathOf();
    const [small, plain] = await Promise.all([
      ask(path, { 'accept-encoding': 'gzip, deflate' }),
      ask(path, {}),
    ]);
    const [packed, whole] = await Promise.all([buffer(small), buffer(plain)]);
    expect([small.statusCode, small.headers['content-encoding']]).toEqual([200, 'gzip']);
    expect(Number(small.headers['content-length'])).toBe(packed.length);
    expect(gunzipSync(packed).equals(whole)).toBe(true);
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(packed.length).toBeLessThan(whole.length / times);
  },
);

test('what fits into one packet is sent as it is', async () => {
  for (const path of ['/config.json', '/api/media?limit=0']) {
    const { headers } = await ask(path, { 'accept-encoding': 'gzip' });
    expect([path, headers['content-encoding']]).toEqual([path, undefined]);
  }
});

test('an event is not compressed, and comes while its stream is open', async () => {
  const path = `/api/agent/analyze-media/stream?ids=${ids[0]}`;
  const stream = await ask(path, { 'accept-encoding': 'gzip', accept: 'text/event-stream' });
  expect(stream.headers).toMatchObject({
    'content-type': expect.stringContaining('text/event-stream'),
  });
  expect(stream.headers['content-encoding']).toBeUndefined();
  for await (const chunk of stream) if (String(chunk).includes(ids[0] ?? '')) break;
});
