/** How often a media may be asked about, over all of its deliveries. */
import { expect, test } from '@jest/globals';
import type { Lease } from '../media/lease.ts';
import { payFor } from './paid-calls.ts';

/** A lease whose media was asked about `earlier` times, and what its next write says. */
function leaseAfter(earlier: number) {
  const next = { paid_calls: earlier };
  const lease = {
    record: { file_name: 'a.jpg', owner_id: 'alice', paid_calls: earlier + 1 },
    earlierPaidCalls: earlier,
    addToNextWrite: (fields: { paid_calls: number }) => Object.assign(next, fields),
    write: async () => {},
  };
  return { lease: lease as unknown as Lease, next };
}

const spend = {
  reserve: async () => ({ kind: 'reserved' as const, settle: () => {} }),
};

test('calls without an answer do not count when the service was away, and those with one do', async () => {
  const { lease, next } = leaseAfter(3);
  const { pay, forgetUnanswered } = payFor(lease, { maxPaidCalls: 8, spend });
  (await pay(0.01))(0.01, true);
  (await pay(0.01))(0.01, false);
  (await pay(0.01))(0.01, false);
  expect(next.paid_calls).toBe(6);
  forgetUnanswered();
  expect(next.paid_calls).toBe(4);
  forgetUnanswered();
  expect(next.paid_calls).toBe(4);
});

test('calls without an answer count while other calls are answered', async () => {
  const { lease, next } = leaseAfter(7);
  const { pay } = payFor(lease, { maxPaidCalls: 8, spend });
  (await pay(0.01))(0.01, false);
  expect(next.paid_calls).toBe(8);
  await expect(pay(0.01)).rejects.toMatchObject({ code: 'analysis_too_costly' });
});

test('a call that was refused does not count', async () => {
  const { lease, next } = leaseAfter(0);
  const { pay } = payFor(lease, { maxPaidCalls: 8, spend });
  (await pay(0.01))(undefined, false);
  expect(next.paid_calls).toBe(0);
});
