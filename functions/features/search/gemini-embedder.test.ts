import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type EmbedRequest, textOf } from '../../../test/support/gemini-embeddings.ts';
import { type Reply, replies, startGemini } from '../../../test/support/gemini-server.ts';
import type { Reservation } from '../spend/daily-spend.ts';
import { GeminiEmbedder } from './gemini-embedder.ts';
import { DIMENSIONS } from './meaning.ts';

let reply: (request: EmbedRequest) => Reply | undefined;
const gemini = await startGemini({ apiKey: 'key', embed: (request) => reply(request) });
afterAll(() => gemini.close());

let now: number;
let spent: [owner: string, reserved: number, settled: number | undefined][];
let isFull: boolean;
let warnings: string[];
beforeEach(() => {
  gemini.reset();
  reply = () => undefined;
  now = 1_000_000;
  spent = [];
  isFull = false;
  warnings = [];
});

async function reserve(owner: string, usd: number): Promise<Reservation> {
  if (isFull) return { kind: 'refused', untilMs: 0, limitUsd: 1, of: 'owner' };
  const entry: (typeof spent)[number] = [owner, usd, undefined];
  spent.push(entry);
  const settle = (usd: number) => {
    entry[2] = usd;
  };
  return { kind: 'reserved', settle };
}

const embedder = () =>
  new GeminiEmbedder({
    apiKey: 'key',
    baseUrl: gemini.url,
    spend: { reserve },
    logger: { warn: (_fields: unknown, message?: string) => void warnings.push(message ?? '') },
    now: () => now,
  });

const cosine = (a: unknown, b: unknown) => {
  if (!Array.isArray(a) || !Array.isArray(b)) throw new Error('no vectors');
  return a.reduce((sum: number, x: number, i) => sum + x * b[i], 0);
};

test('what is searched for and what is said are asked for in their own ways, in as many dimensions as the index has', async () => {
  const one = embedder();
  const dog = await one.embedMedia('a dog', 'alice');
  expect(dog).toHaveLength(DIMENSIONS);
  expect(cosine(await one.embedSearch('wanwan', 'alice'), dog)).toBeGreaterThan(0.6);
  expect(cosine(await one.embedSearch('nyanko', 'alice'), dog)).toBeLessThan(0.3);
  const [said, searched] = gemini.embeddings;
  expect([said, searched].map((each) => each && textOf(each))).toEqual([
    'title: none | text: a dog',
    'task: search result | query: wanwan',
  ]);
  expect(said).toMatchObject({ model: 'gemini-embedding-2', body: { outputDimensionality: 256 } });
});

test('each call is reserved for its owner before it is made, and settled after', async () => {
  reply = () => {
    expect(spent).toEqual([['alice', expect.any(Number), undefined]]);
    return undefined;
  };
  await embedder().embedMedia('a dog on a sofa', 'alice');
  const [[, reserved, settled] = []] = spent;
  expect(reserved).toBeGreaterThan(0);
  expect(reserved).toBeLessThan(0.001);
  expect(settled).toBe(reserved);
});

test('an owner who may spend no more makes no call', async () => {
  isFull = true;
  expect(await embedder().embedMedia('a dog', 'alice')).toBe('limit');
  expect(await embedder().embedSearch('dog', 'alice')).toBeUndefined();
  expect(gemini.embeddings).toEqual([]);
});

describe('a service that does not answer', () => {
  test.each<[string, Reply]>([
    ['is away', replies.unavailable()],
    ['is used up', replies.quotaPerMinute('20s')],
    ['gives too few numbers', { body: { embedding: { values: [1, 2, 3] } } }],
    ['gives no numbers', { body: { embedding: { values: Array(DIMENSIONS).fill('x') } } }],
    ['gives a page', replies.html()],
  ])('%s: nothing is paid, and it is asked again after a pause', async (_, answer) => {
    const one = embedder();
    reply = () => answer;
    expect(await one.embedMedia('a dog', 'alice')).toBe('away');
    expect(spent.map(([, , settled]) => settled)).toEqual([0]);
    expect(warnings).toHaveLength(1);
    reply = () => undefined;
    expect(await one.embedSearch('dog', 'alice')).toBeUndefined();
    expect(gemini.embeddings).toHaveLength(1);
    now += 11_000;
    expect(await one.embedSearch('dog', 'alice')).toHaveLength(DIMENSIONS);
  });
});

test('the pages of a search ask once, for each owner', async () => {
  const one = embedder();
  for (const owner of ['alice', 'alice', 'mallory']) await one.embedSearch('dog', owner);
  expect(gemini.embeddings).toHaveLength(2);
});
