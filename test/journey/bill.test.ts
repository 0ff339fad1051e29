/** The bill cannot surprise: what one media, one owner and a day may cost, through the real door. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { replies } from '../support/gemini-server.ts';
import { file } from '../support/stack.ts';
import {
  type Bill,
  expectCopiesPaidOnce,
  expectOneDollarAtMost,
  settled,
  startBill,
} from './bill.ts';

let bill: Bill;
beforeAll(async () => {
  bill = await startBill();
});
afterEach(() => bill.reset());
afterAll(() => bill.close());

const retry = (owner: Awaited<ReturnType<Bill['as']>>, id: unknown) =>
  owner.call(`/api/media/${id}/retry`, { method: 'POST' });

test('an answer that cannot be used is asked for twice, over all deliveries; the media says why, and may be tried again eight times a day', async () => {
  bill.answerWith(replies.wrongSchema());
  const carol = await bill.as('carol');
  const { media_ids } = await carol.analyze([await file('02-cat.png')]);
  const [id] = media_ids;
  for (const calls of [2, 4, 6, 8]) {
    const [media] = await settled(carol, media_ids);
    expect(media).toMatchObject({
      status: 'failed',
      error_code: 'analysis_invalid_output',
      error_message: expect.stringMatching(/cannot be used: .*asked twice/),
      usage: { attempts: calls, cost_usd: expect.any(Number) },
    });
    expect(bill.gemini.requests).toHaveLength(calls);
    expect((await retry(carol, id)).status).toBe(202);
  }
  const [last] = await settled(carol, media_ids);
  expect(last).toMatchObject({ status: 'failed', error_code: 'analysis_too_costly' });
  expect(last?.error_message).toContain('asked 8 times');
  const refused = await retry(carol, id);
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('tomorrow') });
  expect(bill.gemini.requests).toHaveLength(8);
});

test('an analysis whose answers cannot be used fails alone, after two calls of its own, with what they cost', async () => {
  const dave = await bill.as('dave');
  const { media_ids } = await dave.analyze([await file('02-cat.png')]);
  await settled(dave, media_ids);
  bill.answerWith(replies.wrongSchema());
  const path = `/api/media/${media_ids[0]}/analyses/alt-text`;
  expect((await dave.call(path, { method: 'POST' })).status).toBe(202);
  const [media] = await settled(dave, media_ids);
  expect(media).toMatchObject({
    status: 'completed',
    analyses: {
      'alt-text': {
        status: 'failed',
        error_code: 'analysis_invalid_output',
        usage: { attempts: 2, cost_usd: expect.any(Number) },
      },
    },
  });
  expect(bill.gemini.requests).toHaveLength(3);
});

test('ten copies of one photo are paid for once', () => expectCopiesPaidOnce(bill, 10));

// The last one: its photos ask again and again.
test('twenty photos at once never cost more than a dollar, if that is the limit; the rest wait, and say why', () =>
  // Six are paid for.
  expectOneDollarAtMost(bill, { photos: 20, waiting: 14 }));
