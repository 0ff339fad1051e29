/** The limit on paid calls for a media, over all of its deliveries. */
import { describe, expect, test } from '@jest/globals';
import { mediaRecord } from '../../../test/support/media.ts';
import { type Analyzer, ServiceWaitError } from '../../analysis/index.ts';
import { type Delivery, Moments } from '../../core/media/moments.ts';
import { createAnalyzeMedia } from '../../core/work/analyze-media.ts';
import type { Lease } from '../../core/work/lease.ts';
import type { WorkerDeps } from '../../core/work/work.ts';
import type { MediaFacts } from '../../inspect/index.ts';
import { payFor } from './paid-calls.ts';

const FACTS = { kind: 'video' } as unknown as MediaFacts;

/** A lease on a media with `earlier` calls, and the content of its next write. */
function leaseAfter(earlier: number, paid_calls_before = 0) {
  const next = { paid_calls: earlier };
  const lease = {
    before: mediaRecord({ paid_calls: earlier }),
    record: mediaRecord({ paid_calls: earlier + 1, paid_calls_before, facts: FACTS }),
    copies: [],
    addToNextWrite: (fields: { paid_calls: number }) => Object.assign(next, fields),
    addToLastWrite: (fields: { paid_calls: number }) => Object.assign(next, fields),
    write: async () => {},
  };
  return { lease: lease as unknown as Lease, next };
}

const spend = {
  reserve: async () => ({ kind: 'reserved' as const, settle: () => {} }),
};

const limits = { maxPaidCalls: 8, spend };

test('a call without an end counts as one with an answer does', async () => {
  const { lease, next } = leaseAfter(3);
  const { pay } = payFor(lease, limits, true);
  for (let call = 0; call < 3; call++) (await pay(0.01))(0.01);
  expect(next.paid_calls).toBe(6);
});

test('a call that was refused does not count', async () => {
  const { lease, next } = leaseAfter(0);
  const { pay } = payFor(lease, limits, true);
  (await pay(0.01))(undefined);
  expect(next.paid_calls).toBe(0);
});

test.each([
  [
    'in calls without an end',
    2,
    'analysis_timeout',
    /was asked 6 times and did not come to the end/,
  ],
  ['before the attempt began', 8, 'analysis_too_costly', /was asked 8 times .* tomorrow/],
])(
  'the limit that is reached %s ends the attempt in words of its own',
  async (_what, before, code, words) => {
    const { lease } = leaseAfter(8, before);
    const { pay } = payFor(lease, limits, true);
    const message = expect.stringMatching(words);
    await expect(pay(0.01)).rejects.toMatchObject({ code, message });
  },
);

test('a call that costs a little more than the limit of a day is not said to cost as much', async () => {
  const { lease } = leaseAfter(0);
  const reserve = async () => ({ kind: 'impossible' as const, limitUsd: 0.294 });
  const { pay } = payFor(lease, { maxPaidCalls: 8, spend: { reserve } }, true);
  await expect(pay(0.2941)).rejects.toMatchObject({
    code: 'analysis_too_costly',
    message: expect.stringContaining('could cost $0.30, more than the $0.29 that may be spent'),
  });
});

describe('an analysis', () => {
  const objects = { readMedia: async () => undefined } as unknown as WorkerDeps['objects'];
  const paid = {
    name: 'paid',
    asking: async (delivery: Delivery) => payFor(delivery, limits, true),
  };
  const moments = new Moments([paid]);
  const deps = { objects, moments, now: () => 0 } as unknown as WorkerDeps;

  /** @returns the counted calls, and the answer to the analyzer, after a call that ended with `error` */
  async function after(error: Error, record: object = {}) {
    const { lease, next } = leaseAfter(3);
    Object.assign(lease.record, record);
    let callsBefore: number | undefined;
    const analyzer: Analyzer = {
      asking: () => analyzer,
      analyze: async (_input, options) => {
        callsBefore = options.callsBefore;
        (await options.pay?.(0.01))?.(0.01);
        throw error;
      },
    } as Partial<Analyzer> as Analyzer;
    const work = createAnalyzeMedia(deps, analyzer);
    await expect(work(lease, { signal: AbortSignal.any([]), deadline: 1_000 })).rejects.toBe(error);
    return { paid_calls: next.paid_calls, callsBefore };
  }

  test('whose model did not answer in time counts as asked about, although the media waits for the service', async () => {
    const error = new ServiceWaitError('analysis_timeout', 0);
    expect(await after(error)).toMatchObject({ paid_calls: 4 });
  });

  test('knows what earlier deliveries of its attempt may have paid for, and not what earlier attempts have', async () => {
    const error = new ServiceWaitError('analysis_timeout', 0);
    expect(await after(error, { paid_calls_before: 2 })).toMatchObject({ callsBefore: 1 });
  });
});
