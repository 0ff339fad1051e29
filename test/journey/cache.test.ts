/** Paid for once: what is known of a photo is not asked again, and the receipt says so. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import { type UsageReport, usageReportSchema } from '@media-analysis/shared/usage';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import { type Reply, type RunningGemini, replies, startGemini } from '../support/gemini-server.ts';
import { longTest } from '../support/long-test.ts';
import { STRICT_IN_LONG_RUN } from '../support/mode.ts';
import {
  client,
  eventually,
  file,
  form,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';

type Client = ReturnType<typeof client>;

let gemini: RunningGemini;
let stack: Stack;
let users = 0;

beforeAll(async () => {
  gemini = await startGemini();
  stack = await startStack({
    mode: STRICT_IN_LONG_RUN,
    environment: {
      ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
      GEMINI_API_KEY: 'test',
      GEMINI_BASE_URL: gemini.url,
    },
  });
});
afterAll(async () => {
  await stack.close();
  await gemini.close();
});
afterEach(() => gemini.reset());

/** Somebody whose media and receipts are no other test's. */
const someone = async () => client(stack, await tokenOf(stack, `user-${users++}`));

async function analysed(user: Client, files: File[]): Promise<Media[]> {
  const { media_ids } = await user.analyze(files);
  return (await user.results(media_ids)) as Media[];
}

async function usageOf(user: Client, query = ''): Promise<UsageReport> {
  const response = await user.call(`/api/usage${query}`);
  expect(response.status).toBe(200);
  return usageReportSchema.parse(await response.json());
}

const PAID = { input_tokens: 400, output_tokens: 120, cost_usd: 0.00042, cached: false };
const FREE = { input_tokens: 0, output_tokens: 0, cost_usd: 0, cached: true, attempts: 0 };
const cat = () => file('02-cat.png');

describe('the same photo', () => {
  test('a second time is known already: no call, no cost, its own name', async () => {
    const user = await someone();
    const [first] = await analysed(user, [await cat()]);
    const copy = new File([await cat()], 'copy.png', { type: 'image/png' });
    const [second] = await analysed(user, [copy]);
    expect(gemini.requests).toHaveLength(1);
    expect(first?.usage).toMatchObject({ ...PAID, attempts: 1 });
    expect(second?.usage).toMatchObject(FREE);
    expect(second).toMatchObject({ file_name: 'copy.png', status: 'completed' });
    // Created, stored, claimed, completed; and one more, if it took two seconds to store and the claim was seen.
    expect([4, 5]).toContain(second?.revision);
    expect(second?.analytics).toEqual(first?.analytics);
  });

  longTest('three times in one batch is analysed once', async () => {
    const user = await someone();
    gemini.enqueue(replies.slow(500));
    const media = await analysed(user, [
      await cat(),
      await file('03-coffee.webp'),
      await cat(),
      await cat(),
    ]);
    expect(media.map(({ status }) => status)).toEqual(Array(4).fill('completed'));
    expect(gemini.requests).toHaveLength(2);
    expect(media.map(({ usage }) => usage?.cached).sort()).toEqual([false, false, true, true]);
  });

  test.each<[string, Reply]>([
    ['refused by the model', replies.blockedAnswer()],
    ['refused for our fault', replies.invalidArgument()],
  ])('%s once does not fail the second of the batch', async (_title, reply) => {
    const user = await someone();
    gemini.enqueue({ ...reply, delayMs: 300 });
    const media = await analysed(user, [await cat(), await cat()]);
    expect(media.map(({ status }) => status).sort()).toEqual(['completed', 'failed']);
    expect(gemini.requests).toHaveLength(2);
  });

  test('in another language is another question', async () => {
    const user = await someone();
    await analysed(user, [await cat()]);
    const body = form([await cat()], { language: 'ja' });
    const response = await user.call('/api/agent/analyze-media', { method: 'POST', body });
    const { media_ids } = (await response.json()) as { media_ids: string[] };
    expect(await user.results(media_ids)).toMatchObject([{ usage: PAID }]);
    expect(gemini.requests).toHaveLength(2);
  });

  test('whose other analysis was asked for in another language has no description in it', async () => {
    const user = await someone();
    const [first] = await analysed(user, [await cat()]);
    await user.call(`/api/media/${first?.id}/analyses/alt-text`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ language: 'ja' }),
    });
    await user.results([first?.id ?? '']);
    const body = form([await cat()], { language: 'ja', analyses: 'describe,alt-text' });
    const response = await user.call('/api/agent/analyze-media', { method: 'POST', body });
    const { media_ids } = (await response.json()) as { media_ids: string[] };
    const [second] = (await user.results(media_ids)) as Media[];
    expect(second).toMatchObject({ status: 'completed', usage: { cost_usd: PAID.cost_usd } });
    // The answer in Japanese is there already.
    expect(second?.analyses?.['alt-text']).toMatchObject({ usage: FREE });
    expect(gemini.requests).toHaveLength(3);
  });

  test('of somebody else is analysed: nobody learns what others have', async () => {
    const [one, other] = [await someone(), await someone()];
    await analysed(one, [await cat()]);
    expect(await analysed(other, [await cat()])).toMatchObject([{ usage: PAID }]);
    expect(gemini.requests).toHaveLength(2);
  });

  test('whose last copy was deleted is not known any more', async () => {
    const user = await someone();
    const [first, second] = [
      ...(await analysed(user, [await cat()])),
      ...(await analysed(user, [await cat()])),
    ];
    await user.call(`/api/media/${first?.id}`, { method: 'DELETE' });
    const [third] = await analysed(user, [await cat()]);
    expect(third?.usage).toMatchObject(FREE);
    for (const media of [second, third]) {
      await user.call(`/api/media/${media?.id}`, { method: 'DELETE' });
    }
    expect(await analysed(user, [await cat()])).toMatchObject([{ usage: PAID }]);
  });
});

describe('the receipt', () => {
  test('of a failed media tells what was paid all the same, and its retry adds to it', async () => {
    const user = await someone();
    // One answer that cannot be used, and then a refusal.
    gemini.enqueue(replies.wrongSchema(), replies.invalidArgument());
    const [failed] = await analysed(user, [await cat()]);
    expect(failed).toMatchObject({ status: 'failed', usage: { ...PAID, attempts: 2 } });
    await user.call(`/api/media/${failed?.id}/retry`, { method: 'POST' });
    const [media] = await user.results([failed?.id ?? '']);
    expect(media?.usage).toMatchObject({ attempts: 3, input_tokens: 800, cost_usd: 0.00084 });
  });

  test('of the month is the sum over the caller’s media, by model, deleted ones included', async () => {
    const user = await someone();
    expect(await usageOf(user)).toMatchObject({ items: 0, cost_usd: 0, models: [] });
    const [first] = await analysed(user, [await cat()]);
    await analysed(user, [await cat(), await file('03-coffee.webp')]);
    const sums = { items: 3, cached: 1, input_tokens: 800, output_tokens: 240, cost_usd: 0.00084 };
    const month = new Date().toISOString().slice(0, 7);
    const expected = { month, ...sums, models: [{ model: `googleai/${EXAMPLE_GEMINI}`, ...sums }] };
    expect(await usageOf(user)).toEqual(expected);
    await user.call(`/api/media/${first?.id}`, { method: 'DELETE' });
    expect(await usageOf(user)).toEqual(expected);
    expect(await usageOf(user, '?month=2020-02')).toMatchObject({ items: 0, models: [] });
  });

  test('of a month that is none is refused', async () => {
    const response = await (await someone()).call('/api/usage?month=2026-13');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'invalid_request' });
  });

  test('of somebody else cannot be asked for', async () => {
    const user = await someone();
    const [first] = await analysed(user, [await cat()]);
    await analysed(user, [await file('03-coffee.webp')]);
    await user.call(`/api/media/${first?.id}`, { method: 'DELETE' });
    expect(await usageOf(user)).toMatchObject({ items: 2 });
    expect(await usageOf(await someone())).toMatchObject({ items: 0, models: [] });
  });
});

test('two copies of the same content that were delivered at the same instant are both completed, by one call', async () => {
  const user = await someone();
  gemini.enqueue(replies.slow(400));
  const { media_ids } = await user.analyze([await cat(), await cat()]);
  // Besides the deliveries of the queue, as many of ours as there can be.
  const deliveries = media_ids.flatMap((media_id) => {
    return [1, 2, 3].map(() => stack.callWorker('/tasks/analyze-media', { media_id, attempt: 1 }));
  });
  for (const { status } of await Promise.all(deliveries)) expect([204, 503]).toContain(status);
  const media = await eventually(async () => {
    const all = await user.results(media_ids);
    return all.every((each) => each?.status === 'completed') ? all : undefined;
  });
  expect(media.map((each) => each?.usage?.attempts).sort()).toEqual([0, 1]);
});
