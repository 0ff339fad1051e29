/** How often a media may be asked about, over all of its deliveries. */
import { describe, expect, test } from '@jest/globals';
import { AppError } from '@media-analysis/shared/errors';
import { mediaRecord } from '../../test/support/media.ts';
import { type Analyzer, ServiceWaitError } from '../analysis/index.ts';
import type { MediaFacts } from '../inspect/index.ts';
import type { Lease } from '../media/lease.ts';
import { createAnalyzeMedia } from './analyze-media.ts';
import type { WorkerDeps } from './delivery.ts';
import { payFor } from './paid-calls.ts';

const FACTS = { kind: 'video' } as unknown as MediaFacts;

/** A lease whose media was asked about `earlier` times, and what its next write says. */
function leaseAfter(earlier: number) {
  const next = { paid_calls: earlier };
  const lease = {
    record: mediaRecord({ paid_calls: earlier + 1, facts: FACTS }),
    copies: [],
    earlierPaidCalls: earlier,
    addToNextWrite: (fields: { paid_calls: number }) => Object.assign(next, fields),
    addToLastWrite: (fields: { paid_calls: number }) => Object.assign(next, fields),
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

test('a call that costs a little more than the limit of a day is not said to cost as much', async () => {
  const { lease } = leaseAfter(0);
  const reserve = async () => ({ kind: 'impossible' as const, limitUsd: 0.294 });
  const { pay } = payFor(lease, { maxPaidCalls: 8, spend: { reserve } });
  await expect(pay(0.2941)).rejects.toMatchObject({
    code: 'analysis_too_costly',
    message: expect.stringContaining('could cost $0.30, more than the $0.29 that may be spent'),
  });
});

describe('an analysis whose only call was not answered', () => {
  const objects = { readMedia: async () => undefined } as unknown as WorkerDeps['objects'];
  // There is no earlier result to be kept.
  const media = { results: { keeping: async () => undefined } };
  const deps = { media, objects, now: () => 0 } as unknown as WorkerDeps;

  /** @returns how often the media counts as asked about, after an analysis that ended with `error` */
  async function paidCallsAfter(error: Error): Promise<number> {
    const { lease, next } = leaseAfter(2);
    const analyzer: Analyzer = {
      asking: () => analyzer,
      analyze: async (_input, { pay }) => {
        (await pay?.(0.01))?.(0.01, false);
        throw error;
      },
    } as Partial<Analyzer> as Analyzer;
    const work = createAnalyzeMedia(deps, analyzer, { maxPaidCalls: 8, spend });
    const limits = { signal: AbortSignal.any([]), deadline: 1_000 };
    await expect(work(lease, limits)).rejects.toBe(error);
    return next.paid_calls;
  }

  test('does not count while the model is away', async () => {
    expect(await paidCallsAfter(new ServiceWaitError('analysis_timeout', 0))).toBe(2);
  });

  test('counts if the file may be the reason', async () => {
    expect(await paidCallsAfter(new AppError('analysis_timeout', 'Too long.'))).toBe(3);
  });
});
