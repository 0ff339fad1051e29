/** Vectors that Gemini makes: found by what no table of ours knows, paid for, and never in the way of a media. */
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { mediaListSchema } from '@media-analysis/shared/search';
import { MEDIA_COLLECTION } from '../../functions/core/media/record.ts';
import { findableOf } from '../../functions/features/search/findable.ts';
import { type EmbedRequest, textOf } from '../support/gemini-embeddings.ts';
import { type Reply, type RunningGemini, replies, startGemini } from '../support/gemini-server.ts';
import { analyticsOf } from '../support/library.ts';
import {
  client,
  databaseOf,
  eventually,
  file,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';

const BY = 'googleai/gemini-embedding-2';

let stack: Stack;
let gemini: RunningGemini;
let db: Firestore;
let reply: (request: EmbedRequest) => Reply | undefined;

beforeAll(async () => {
  gemini = await startGemini({ apiKey: 'key', embed: (request) => reply(request) });
  stack = await startStack({
    environment: {
      EMBEDDING_MODEL: BY,
      GEMINI_API_KEY: 'key',
      GEMINI_BASE_URL: gemini.url,
      MAX_OWNER_USD_PER_DAY: '1',
    },
  });
  db = databaseOf(stack);
});
afterAll(async () => {
  await db.terminate();
  await stack.close();
  await gemini.close();
});
beforeEach(() => {
  reply = () => undefined;
  gemini.reset();
});

const userOf = async (name: string) => client(stack, await tokenOf(stack, name));
type User = Awaited<ReturnType<typeof userOf>>;

async function found(user: User, query: Record<string, string>): Promise<string[]> {
  const response = await user.call(`/api/media?${new URLSearchParams(query)}`);
  return mediaListSchema.parse(await response.json()).media.map(({ id }) => id);
}

async function send(user: User, name: string): Promise<string> {
  const { media_ids } = await user.analyze([await file(name)]);
  const [media] = await user.results(media_ids);
  expect(media?.status).toBe('completed');
  return media_ids[0] ?? '';
}

const ref = (id: string) => db.collection(MEDIA_COLLECTION).doc(id);
const madeBy = async (id: string) => (await ref(id).get()).get('meaning_by');
const untilMadeBy = (id: string, by: string) =>
  eventually(async () => (await madeBy(id)) === by || undefined);

/** What a model that looks at pictures would say, and a sweep that gives it its vector. */
async function describe(id: string, title: string): Promise<void> {
  const analytics = analyticsOf({ title });
  const media = { file_name: 'a.jpg', content_type: 'image/jpeg', analytics };
  await ref(id).update({ analytics, ...findableOf(media) });
  await stack.callWorker('/tasks/sweep');
}

test('a photo gets its vector when it is done; a search by a word that only Gemini knows finds it', async () => {
  const alice = await userOf('alice');
  const id = await send(alice, '05-dogs.jpg');
  await untilMadeBy(id, BY);
  expect((await alice.get(id)).status).toBe('completed');
  await describe(id, 'A dog');
  await untilMadeBy(id, BY);
  // Where a search has to wait for long, it goes on by words.
  await eventually(async () => (await found(alice, { q: 'wanwan' })).includes(id) || undefined);
  expect(await found(alice, { q: 'nyanko' })).toEqual([]);
  expect(await found(await userOf('mallory'), { q: 'wanwan' })).toEqual([]);
  expect(gemini.requests).toEqual([]);
});

test('what it costs is on the day of the owner and of the project', async () => {
  const days = async () => (await db.collection('daily_spend').get()).docs;
  const before = await days();
  const bob = await userOf('bob');
  const id = await send(bob, '08-lake.jpg');
  await untilMadeBy(id, BY);
  // Nothing was recognised, so there is nothing to compare.
  expect(await days()).toHaveLength(before.length);
  await describe(id, 'A lake');
  await untilMadeBy(id, BY);
  const docs = await days();
  expect(docs.length).toBeGreaterThan(before.length);
  const held = docs.map((doc) => doc.get('held_micro_usd') + doc.get('spent_micro_usd'));
  expect(Math.min(...held)).toBeGreaterThan(0);
});

test('an outage fails no photo: words find it, and a sweep brings its vector', async () => {
  reply = () => replies.unavailable();
  const carol = await userOf('carol');
  const id = await send(carol, '02-cat.png');
  await describe(id, 'A cat');
  expect(await madeBy(id)).toMatch(/^local/);
  expect(await found(carol, { q: 'cat' })).toEqual([id]);
  expect(await found(carol, { q: 'nyanko' })).toEqual([]);
  reply = () => undefined;
  // After a failed call there is a pause.
  await eventually(async () => {
    await stack.callWorker('/tasks/sweep');
    return (await madeBy(id)) === BY || undefined;
  });
  await eventually(async () => (await found(carol, { q: 'nyanko' })).includes(id) || undefined);
  expect(gemini.embeddings.map(textOf).join('\n')).not.toContain('cat.png');
});
