/** Calls that are paid for are on the record, whatever else is written at the same time, and whoever dies. */
import type { DocumentReference } from '@google-cloud/firestore';
import { expect, test } from '@jest/globals';
import type { Pay } from '../../../functions/analysis/index.ts';
import { Moments } from '../../../functions/core/media/moments.ts';
import { claim } from '../../../functions/core/work/claim.ts';
import type { Lease } from '../../../functions/core/work/lease.ts';
import { spendMoments } from '../../../functions/features/spend/moments.ts';
import { payFor } from '../../../functions/features/spend/paid-calls.ts';
import { openFirestore } from '../../support/firestore.ts';
import { mediaRecord, NOW } from '../../support/media.ts';

const LEASE_MS = 30_000;
const MAX_PAID_CALLS = 8;
const spend = { reserve: async () => ({ kind: 'reserved' as const, settle: () => {} }) };
const limits = { maxPaidCalls: MAX_PAID_CALLS, spend };

const { collection, db } = await openFirestore();
const moments = new Moments([spendMoments({ firestore: db, now: () => clock, paid: limits })]);
let clock = NOW;

async function create(): Promise<DocumentReference> {
  const ref = collection().doc('m1');
  await ref.create(mediaRecord({ status: 'uploading', object: 'o', staging_object: null }));
  return ref;
}

const paidCallsOf = async (ref: DocumentReference) => (await ref.get()).get('paid_calls');

interface Delivery {
  lease: Lease;
  pay: Pay;
}

/** A delivery. Its writes go through `update`. */
async function begin(
  ref: DocumentReference,
  around: (update: () => Promise<unknown>) => Promise<unknown> = (update) => update(),
): Promise<Delivery> {
  const target = new Proxy(ref, {
    get: (real, name) => {
      if (name === 'update') {
        return (...args: Parameters<DocumentReference['update']>) =>
          around(() => real.update(...args));
      }
      const value: unknown = Reflect.get(real, name);
      return typeof value === 'function' ? value.bind(real) : value;
    },
  });
  const task = { media_id: 'm1', attempt: 1 };
  const options = { leaseMs: LEASE_MS, maxDeliveries: 99, now: () => clock, moments };
  const { lease } = await claim(target, 'analyze', task, options);
  if (!lease) throw new Error('not claimed');
  return { lease, pay: payFor(lease, limits, true).pay };
}

/** A delivery whose progress is on its way to Firestore when `call` is made, and arrives after it. Then the delivery dies. */
async function dieAfter(
  ref: DocumentReference,
  call: (delivery: Delivery) => Promise<unknown>,
): Promise<void> {
  const gate = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  let isSlow = false;
  const delivery = await begin(ref, async (update) => {
    if (!isSlow) return update();
    isSlow = false;
    await gate.promise;
    return update().finally(arrived.resolve);
  });
  isSlow = true;
  clock += 5_000;
  delivery.lease.progress(0.6 + (clock - NOW) / 1e9);
  const made = call(delivery);
  // A first call does not wait for a write.
  await Promise.race([made, new Promise((resolve) => setImmediate(resolve))]);
  gate.resolve();
  await Promise.all([made, arrived.promise]);
  delivery.lease.abandon();
  clock += LEASE_MS;
}

test('a call is not forgotten by a write that was on its way when it began', async () => {
  const ref = await create();
  await dieAfter(ref, ({ pay }) => pay(0.01));
  expect(await paidCallsOf(ref)).toBe(1);
});

test('a call after one that was free is not forgotten either', async () => {
  const ref = await create();
  await dieAfter(ref, async ({ pay }) => {
    (await pay(0.01))(undefined);
    await pay(0.01);
  });
  expect(await paidCallsOf(ref)).toBe(1);
});

test('deliveries that die during a call make no more calls than a media may have', async () => {
  const ref = await create();
  let calls = 0;
  for (let delivery = 0; delivery < MAX_PAID_CALLS + 4; delivery++) {
    await dieAfter(ref, async ({ pay }) => {
      await pay(0.01).then(
        () => calls++,
        () => undefined,
      );
    });
  }
  expect(calls).toBe(MAX_PAID_CALLS);
});

test('calls without an end are counted over all deliveries, and end in a reason', async () => {
  const ref = await create();
  for (let delivery = 0; delivery < 2; delivery++) {
    const { lease, pay } = await begin(ref);
    for (let call = 0; call < 4; call++) (await pay(0.01))(0.01);
    await lease.release({});
  }
  const { pay, lease } = await begin(ref);
  await expect(pay(0.01)).rejects.toMatchObject({
    code: 'analysis_timeout',
    message: expect.stringContaining('asked 8 times and did not come to the end of an answer'),
  });
  await lease.release({});
  expect(await paidCallsOf(ref)).toBe(MAX_PAID_CALLS);
});

test('the last write takes back what cost nothing', async () => {
  const ref = await create();
  const free = await begin(ref);
  (await free.pay(0.01))(undefined);
  await free.lease.release({});
  expect(await paidCallsOf(ref)).toBe(0);
  const none = await begin(ref);
  clock += 5_000;
  none.lease.progress(0.7);
  await none.lease.release({});
  expect(await paidCallsOf(ref)).toBe(0);
  const two = await begin(ref);
  (await two.pay(0.01))(0.001);
  (await two.pay(0.01))(0.001);
  expect(await paidCallsOf(ref)).toBe(2);
  await two.lease.release({});
  expect(await paidCallsOf(ref)).toBe(2);
});
