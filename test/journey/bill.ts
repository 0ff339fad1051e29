/** What `bill.test.ts` and `bill.long.test.ts` share: a dear model, owners with a dollar a day, and many photos at once. */
import { expect } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import { makePicture } from '../faults/user.ts';
import { type Reply, replies, startGemini } from '../support/gemini-server.ts';
import { STRICT_IN_LONG_RUN } from '../support/mode.ts';
import { client, eventually, file, startStack, tokenOf } from '../support/stack.ts';

/** Six of its longest answers cost nearly a dollar. */
const MODEL = 'googleai/gemini-3.5-flash';
/** 16,384 tokens at $9 a million. */
const ANSWER_USD = 0.147456;
const DAY_MS = 24 * 3600 * 1_000;

export type Bill = Awaited<ReturnType<typeof startBill>>;

export async function startBill() {
  let answer: Reply = {};
  const gemini = await startGemini({ respond: () => answer });
  const stack = await startStack({
    mode: STRICT_IN_LONG_RUN,
    environment: {
      ANALYSIS_MODEL: MODEL,
      GEMINI_API_KEY: 'test',
      GEMINI_BASE_URL: gemini.url,
      MAX_OWNER_USD_PER_DAY: '1',
    },
  });
  return {
    gemini,
    as: async (name: string) => client(stack, await tokenOf(stack, name)),
    /** From now on, for what is not in the queue of `gemini`. */
    answerWith(reply: Reply): void {
      answer = reply;
    },
    reset(): void {
      gemini.reset();
      answer = {};
    },
    async close(): Promise<void> {
      await stack.close();
      await gemini.close();
    },
  };
}

export async function settled(user: ReturnType<typeof client>, ids: string[]): Promise<Media[]> {
  return (await user.results(ids)) as Media[];
}

async function mediaOf(user: ReturnType<typeof client>, ids: string[]): Promise<Media[]> {
  const response = await user.call(`/api/media?ids=${ids}`);
  return ((await response.json()) as { media: Media[] }).media;
}

export async function expectCopiesPaidOnce(bill: Bill, copies: number): Promise<void> {
  bill.answerWith({ delayMs: 300 });
  const erin = await bill.as('erin');
  const cat = await file('02-cat.png');
  const { media_ids } = await erin.analyze(Array.from({ length: copies }, () => cat));
  const media = await settled(erin, media_ids);
  expect(media.map(({ status }) => status)).toEqual(Array(copies).fill('completed'));
  expect(bill.gemini.requests).toHaveLength(1);
  expect(media.filter(({ usage }) => usage?.cached === false)).toHaveLength(1);
}

/** Call it last: its photos ask again and again. At least `waiting` of them have to wait for the limit. */
export async function expectOneDollarAtMost(
  { gemini, as, answerWith }: Bill,
  { photos, waiting }: { photos: number; waiting: number },
): Promise<void> {
  const pictures = await Promise.all(Array.from({ length: photos }, (_, n) => makePicture(14, n)));
  // Each answer is as long as it may be.
  answerWith(replies.usage({ candidatesTokenCount: 16_384, thoughtsTokenCount: 0 }));
  const alice = await as('alice');
  const { media_ids } = await alice.analyze(pictures.map(({ file }) => file));
  const waits = new Map<string, Media>();
  const media = await eventually(async () => {
    // The most expensive calls that fit.
    expect(gemini.requests.length).toBeLessThanOrEqual(1 / ANSWER_USD);
    const media = await mediaOf(alice, media_ids);
    for (const each of media) {
      if (each.wait_code === 'analysis_spend_cap') waits.set(each.id, each);
    }
    return waits.size >= waiting ? media : undefined;
  });
  const paid = media.reduce((sum, { usage }) => sum + (usage?.cost_usd ?? 0), 0);
  expect(paid).toBeLessThanOrEqual(1);
  expect(paid).toBeGreaterThan(0.5);
  expect(gemini.requests.length).toBeLessThanOrEqual(1 / ANSWER_USD);
  expect(media.filter(({ status }) => status === 'failed')).toEqual([]);
  const midnight = Math.ceil(Date.now() / DAY_MS) * DAY_MS;
  for (const { url, retry_at, wait_limit } of waits.values()) {
    expect(url).not.toBeNull();
    expect(wait_limit).toEqual({ usd: 1, of: 'owner' });
    expect(Date.parse(retry_at ?? '')).toBeLessThanOrEqual(midnight + 10 * 60_000);
  }
  // Another owner has a dollar of their own.
  answerWith({});
  const bob = await as('bob');
  const [other] = await settled(bob, (await bob.analyze([await file('02-cat.png')])).media_ids);
  expect(other).toMatchObject({ status: 'completed', usage: { attempts: 1 } });
}
