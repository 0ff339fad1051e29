/** As many photos as one request may have: what they may cost, through the real door. */
import { afterAll, afterEach, beforeAll, test } from '@jest/globals';
import { type Bill, expectCopiesPaidOnce, expectOneDollarAtMost, startBill } from './bill.ts';

let bill: Bill;
beforeAll(async () => {
  bill = await startBill();
});
afterEach(() => bill.reset());
afterAll(() => bill.close());

test('a hundred copies of one photo are paid for once', () => expectCopiesPaidOnce(bill, 100));

// The last one: its photos ask again and again.
test('a hundred photos at once never cost more than a dollar, if that is the limit; the rest wait, and say why', () =>
  // Those that wait for the limit give their places to others, which find the same: three times as many as there are places.
  expectOneDollarAtMost(bill, { photos: 100, waiting: 30 }));
