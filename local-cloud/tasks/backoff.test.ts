import { describe, expect, test } from '@jest/globals';
import { backoffMs, isExhausted } from './backoff.ts';
import type { RetryConfig } from './model.ts';

const config: RetryConfig = {
  maxAttempts: 100,
  maxRetryDurationMs: 0,
  minBackoffMs: 10_000,
  maxBackoffMs: 300_000,
  maxDoublings: 3,
};

describe('backoff', () => {
  test('doubles max_doublings times, then grows linearly, then stays at the maximum', () => {
    // The example of the API reference.
    const seconds = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => backoffMs(config, n) / 1_000);
    expect(seconds).toEqual([10, 20, 40, 80, 160, 240, 300, 300]);
  });

  test('the first retry of a queue with defaults comes after 0.1 s', () => {
    const defaults = { ...config, minBackoffMs: 100, maxBackoffMs: 3_600_000, maxDoublings: 16 };
    expect([1, 2, 3].map((n) => backoffMs(defaults, n))).toEqual([100, 200, 400]);
    expect(backoffMs(defaults, 17)).toBe(3_600_000);
  });

  test('stays a finite number after very many failures', () => {
    expect(backoffMs({ ...config, maxDoublings: 1e6 }, 1e5)).toBe(300_000);
    expect(backoffMs({ ...config, minBackoffMs: 0, maxDoublings: 1e6 }, 1e5)).toBe(0);
  });
});

describe('giving up', () => {
  const s = 1e6;
  const day = 86_400 * s;
  test.each([
    ['one attempt short of the limit', { maxAttempts: 3 }, 2, 0, false],
    ['at the limit of attempts', { maxAttempts: 3 }, 3, 0, true],
    ['unlimited attempts', { maxAttempts: -1 }, 1e6, day, false],
    [
      'attempts used up, time left',
      { maxAttempts: 3, maxRetryDurationMs: 60_000 },
      3,
      59 * s,
      false,
    ],
    [
      'time used up, attempts left',
      { maxAttempts: 3, maxRetryDurationMs: 60_000 },
      2,
      61 * s,
      false,
    ],
    ['attempts and time used up', { maxAttempts: 3, maxRetryDurationMs: 60_000 }, 3, 60 * s, true],
    [
      'unlimited attempts, time used up',
      { maxAttempts: -1, maxRetryDurationMs: 60_000 },
      1,
      60 * s,
      true,
    ],
    ['a task of 31 days', { maxAttempts: -1 }, 1, 31 * day, true],
  ])('%s: %j, %d attempts', (_title, limits, attempts, nowUs, expected) => {
    const history = { attempts, createUs: 0, firstDispatchUs: 0 };
    expect(isExhausted({ ...config, ...limits }, history, nowUs, nowUs + s)).toBe(expected);
  });
});
