/** The bill cannot surprise: what one media, one owner and a day may cost, through the real door. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
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

test('an answer that never fits is paid for eight times a day, over all deliveries and attempts', async () => {
  bill.answerWith(replies.wrongSchema());
  const carol = await bill.as('carol');
  const { media_ids } = await carol.analyze([await file('02-cat.png')]);
  const [media] = await settled(carol, media_ids);
  expect(media).toMatchObject({
    status: 'failed',
    error_code: 'analysis_too_costly',
    usage: { attempts: 8 },
  });
  expect(media?.error_message).toContain('asked 8 times');
  expect(bill.gemini.requests).toHaveLength(8);
  const retry = await carol.call(`/api/media/${media?.id}/retry`, { method: 'POST' });
  expect(retry.status).toBe(409);
  expect(await retry.json()).toMatchObject({ detail: expect.stringContaining('tomorrow') });
  expect(bill.gemini.requests).toHaveLength(8);
});

test('what an earlier attempt has used up counts in the next one', async () => {
  const { gemini } = bill;
  const dave = await bill.as('dave');
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

test('ten copies of one photo are paid for once', () => expectCopiesPaidOnce(bill, 10));

// The last one: its photos ask again and again.
test('twenty photos at once never cost more than a dollar, if that is the limit; the rest wait, and say why', () =>
  // Six are paid for.
  expectOneDollarAtMost(bill, { photos: 20, waiting: 14 }));
