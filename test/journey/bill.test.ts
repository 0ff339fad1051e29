/** The bill cannot surprise: what one media, one owner and a day may cost, through the real door. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import { STRICT } from '../../local/front/modes.ts';
import { makePicture } from '../faults/user.ts';
import { type Reply, type RunningGemini, replies, startGemini } from '../support/gemini-server.ts';
import { client, eventually, file, type Stack, startStack, tokenOf } from '../support/stack.ts';

/** Six of its longest answers cost nearly a dollar. */
const MODEL = 'googleai/gemini-3.5-flash';
/** 16,384 tokens at $9 a million. */
const ANSWER_USD = 0.147456;
const DAY_MS = 24 * 3600 * 1_000;

let gemini: RunningGemini;
let stack: Stack;
let answer: Reply = {};
beforeAll(async () => {
  gemini = await startGemini({ respond: () => answer });
  stack = await startStack({
    mode: STRICT,
    environment: {
      ANALYSIS_MODEL: MODEL,
      GEMINI_API_KEY: 'test',
      GEMINI_BASE_URL: gemini.url,
      MAX_OWNER_USD_PER_DAY: '1',
    },
  });
});
afterEach(() => {
  gemini.reset();
  answer = {};
});
afterAll(async () => {
  await stack.close();
  await gemini.close();
});

const as = async (name: string) => client(stack, await tokenOf(stack, name));

async function mediaOf(user: ReturnType<typeof client>, ids: string[]): Promise<Media[]> {
  const response = await user.call(`/api/media?ids=${ids}`);
  return ((await response.json()) as { media: Media[] }).media;
}

async function settled(user: ReturnType<typeof client>, ids: string[]): Promise<Media[]> {
  return (await user.results(ids)) as Media[];
}

test('an answer that never fits is paid for eight times, over all deliveries and attempts', async () => {
  answer = replies.wrongSchema();
  const carol = await as('carol');
  const { media_ids } = await carol.analyze([await file('02-cat.png')]);
  const [media] = await settled(carol, media_ids);
  expect(media).toMatchObject({
    status: 'failed',
    error_code: 'analysis_too_costly',
    usage: { attempts: 8 },
  });
  expect(media?.error_message).toContain('asked 8 times');
  expect(gemini.requests).toHaveLength(8);
  const retry = await carol.call(`/api/media/${media?.id}/retry`, { method: 'POST' });
  expect(retry.status).toBe(409);
  expect(gemini.requests).toHaveLength(8);
});

test('what an earlier attempt has used up counts in the next one', async () => {
  const dave = await as('dave');
  // A failure that its owner may retry, after two calls that were answered.
  const failing = () => gemini.enqueue(replies.wrongSchema(), replies.cutOff(), replies.cutOff());
  failing();
  const { media_ids } = await dave.analyze([await file('02-cat.png')]);
  const [id] = media_ids;
  const codes: unknown[] = [];
  for (;;) {
    const [media] = (await dave.results(media_ids)) as Media[];
    codes.push(media?.error_code);
    if (media?.error_code !== 'analysis_cut_off') break;
    failing();
    expect((await dave.call(`/api/media/${id}/retry`, { method: 'POST' })).status).toBe(202);
  }
  expect(codes).toEqual(['analysis_cut_off', 'analysis_cut_off', 'analysis_too_costly']);
  expect(gemini.requests).toHaveLength(8);
});

test('a hundred copies of one photo are paid for once', async () => {
  answer = { delayMs: 300 };
  const erin = await as('erin');
  const cat = await file('02-cat.png');
  const { media_ids } = await erin.analyze(Array.from({ length: 100 }, () => cat));
  const media = await settled(erin, media_ids);
  expect(media.map(({ status }) => status)).toEqual(Array(100).fill('completed'));
  expect(gemini.requests).toHaveLength(1);
  expect(media.filter(({ usage }) => usage?.cached === false)).toHaveLength(1);
});

// The last one: its photos ask again and again.
test('a hundred photos at once never cost more than a dollar, if that is the limit; the rest wait, and say why', async () => {
  const pictures = await Promise.all(Array.from({ length: 100 }, (_, n) => makePicture(14, n)));
  // Each answer is as long as it may be.
  answer = replies.usage({ candidatesTokenCount: 16_384, thoughtsTokenCount: 0 });
  const alice = await as('alice');
  const { media_ids } = await alice.analyze(pictures.map(({ file }) => file));
  // Those that wait for the limit give their places to others, which find the same: three times as many as there are places.
  const waits = new Map<string, Media>();
  const media = await eventually(async () => {
    // The most expensive calls that fit.
    expect(gemini.requests.length).toBeLessThanOrEqual(1 / ANSWER_USD);
    const media = await mediaOf(alice, media_ids);
    for (const each of media) {
      if (each.wait_code === 'analysis_spend_cap') waits.set(each.id, each);
    }
    return waits.size >= 30 ? media : undefined;
  });
  const paid = media.reduce((sum, { usage }) => sum + (usage?.cost_usd ?? 0), 0);
  expect(paid).toBeLessThanOrEqual(1);
  expect(paid).toBeGreaterThan(0.5);
  expect(gemini.requests.length).toBeLessThanOrEqual(1 / ANSWER_USD);
  expect(media.filter(({ status }) => status === 'failed')).toEqual([]);
  const midnight = Math.ceil(Date.now() / DAY_MS) * DAY_MS;
  for (const { url, retry_at } of waits.values()) {
    expect(url).not.toBeNull();
    expect(Date.parse(retry_at ?? '')).toBeLessThanOrEqual(midnight + 10 * 60_000);
  }
  // Another owner has a dollar of their own.
  answer = {};
  const bob = await as('bob');
  const [other] = await settled(bob, (await bob.analyze([await file('02-cat.png')])).media_ids);
  expect(other).toMatchObject({ status: 'completed', usage: { attempts: 1 } });
});
