import { describe, expect, test } from '@jest/globals';
import { nextShare, throttled } from './congestion.ts';

const limits = { maxDispatchesPerSecond: 500, maxBurstSize: 100, maxConcurrentDispatches: 1_000 };

/** The share after these responses, starting from the full rate. */
function shareAfter(...statuses: (number | undefined)[]): number {
  return statuses.reduce<number>((share, status) => nextShare(share, status, limits), 1);
}

describe('congestion control', () => {
  test.each([429, 503])('%d halves the rate of the queue', (status) => {
    expect(shareAfter(status)).toBe(0.5);
    expect(shareAfter(status, status)).toBe(0.25);
  });

  test.each([400, 404, 500, undefined])('%s does not change it', (status) => {
    expect(shareAfter(status)).toBe(1);
    expect(shareAfter(429, status)).toBe(0.5);
  });

  test('successes bring back the full rate and not more', () => {
    expect(shareAfter(429, 200)).toBeCloseTo(0.6);
    expect(shareAfter(429, ...Array(20).fill(200))).toBe(1);
  });

  test('a queue whose target refuses everything still tries once a second', () => {
    const share = shareAfter(...Array(50).fill(503));
    expect(throttled(limits, share)).toEqual({ rate: 1, burst: 1 });
  });

  test('a queue slower than that is not made faster', () => {
    const slow = { ...limits, maxDispatchesPerSecond: 0.2 };
    expect(nextShare(1, 429, slow)).toBe(1);
  });
});
