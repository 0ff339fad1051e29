import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TokenBucket } from './token-bucket.ts';

/** Dispatches as soon as the bucket allows it, from 0 to `untilMs`. Returns the times. */
function dispatchTimes(bucket: TokenBucket, untilMs: number): number[] {
  const times: number[] = [];
  for (let now = 0; now <= untilMs; ) {
    const wait = bucket.waitMs(now);
    if (wait === 0) {
      bucket.take();
      times.push(now);
    }
    now += wait;
  }
  return times;
}

describe('token bucket', () => {
  test('allows a burst at once and the rest at the rate', () => {
    expect(dispatchTimes(new TokenBucket(10, 3, 0), 350)).toEqual([0, 0, 0, 100, 200, 300]);
  });

  test('collects no more than its capacity while idle', () => {
    const bucket = new TokenBucket(10, 3, 0);
    dispatchTimes(bucket, 0);
    const afterAnHour = 3_600_000;
    for (let n = 0; n < 3; n++) {
      expect(bucket.waitMs(afterAnHour)).toBe(0);
      bucket.take();
    }
    expect(bucket.waitMs(afterAnHour)).toBeGreaterThan(0);
  });

  test('never allows more than the burst and the tokens since', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 500, noNaN: true }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 0, max: 5_000 }),
        (rate, capacity, untilMs) => {
          const { length } = dispatchTimes(new TokenBucket(rate, capacity, 0), untilMs);
          expect(length).toBeLessThanOrEqual(capacity + (untilMs / 1_000) * rate + 1e-3);
        },
      ),
    );
  });

  test('loses tokens above a smaller capacity', () => {
    const bucket = new TokenBucket(10, 100, 0);
    bucket.configure(1, 1, 0);
    expect(dispatchTimes(bucket, 1_500)).toEqual([0, 1_000]);
  });

  test('a clock that is set back removes no tokens', () => {
    const bucket = new TokenBucket(10, 1, 10_000);
    expect(bucket.waitMs(5_000)).toBe(0);
  });
});
