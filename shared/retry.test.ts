import { describe, expect, test } from '@jest/globals';
import { abortableSleep, retry } from './retry.ts';

/** A clock that records each delay instead of waiting. */
function clock({ random = 1 }: { random?: number } = {}) {
  const delays: number[] = [];
  let time = 0;
  return {
    delays,
    now: () => time,
    random: () => random,
    sleep: async (ms: number) => {
      delays.push(ms);
      time += ms;
    },
  };
}

/** Fails `failures` times, then succeeds. */
function flaky(failures: number, error: unknown = new Error('not yet')) {
  const calls: number[] = [];
  const fn = async (call: number) => {
    calls.push(call);
    if (calls.length <= failures) throw error;
    return 'done';
  };
  return { fn, calls };
}

describe('retry', () => {
  test('success is not retried', async () => {
    const { fn, calls } = flaky(0);
    const time = clock();
    expect(await retry(fn, time)).toBe('done');
    expect(calls).toEqual([1]);
    expect(time.delays).toEqual([]);
  });

  test('one failure then success makes two calls', async () => {
    const { fn, calls } = flaky(1);
    const time = clock();
    expect(await retry(fn, time)).toBe('done');
    expect(calls).toEqual([1, 2]);
    expect(time.delays).toEqual([1_000]);
  });

  test('the fourth failure is final: 3 retries after 1, 2 and 4 s', async () => {
    const failure = new Error('still not');
    const { fn, calls } = flaky(9, failure);
    const time = clock();
    await expect(retry(fn, time)).rejects.toBe(failure);
    expect(calls).toEqual([1, 2, 3, 4]);
    expect(time.delays).toEqual([1_000, 2_000, 4_000]);
  });

  test('backoff stops growing at 10 s', async () => {
    const time = clock();
    await expect(retry(flaky(9).fn, { ...time, retries: 6 })).rejects.toThrow();
    expect(time.delays).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  test('jitter takes away at most half of the delay and never adds to it', async () => {
    const time = clock({ random: 0 });
    await expect(retry(flaky(9).fn, time)).rejects.toThrow();
    expect(time.delays).toEqual([500, 1_000, 2_000]);
  });

  test('an error that is not retryable is thrown after one call', async () => {
    const { fn, calls } = flaky(1, new Error('bad photo'));
    await expect(retry(fn, { ...clock(), isRetryable: () => false })).rejects.toThrow('bad photo');
    expect(calls).toEqual([1]);
  });

  test('a longer wait that the server asked for wins over the backoff', async () => {
    const time = clock();
    await retry(flaky(1).fn, { ...time, retryAfterMs: () => 30_000 });
    expect(time.delays).toEqual([30_000]);
  });

  test.each([
    ['a day', 24 * 3_600_000, 3_600_000],
    ['no end', Number.POSITIVE_INFINITY, 3_600_000],
    ['a time ago', -5_000, 1_000],
    ['no number', Number.NaN, 1_000],
  ])('a server that asks for %s is given an hour at most', async (_title, asked, waited) => {
    const time = clock();
    await retry(flaky(1).fn, { ...time, retryAfterMs: () => asked });
    expect(time.delays).toEqual([waited]);
  });

  test('a shorter wait than the backoff does not shorten it', async () => {
    const time = clock();
    await retry(flaky(1).fn, { ...time, retryAfterMs: () => 10 });
    expect(time.delays).toEqual([1_000]);
  });

  test('without time for the wait before the deadline the error is thrown at once', async () => {
    const time = clock();
    const { fn, calls } = flaky(9);
    await expect(retry(fn, { ...time, deadline: 2_500 })).rejects.toThrow('not yet');
    expect(calls).toEqual([1, 2]);
  });

  test('an abort before the first call prevents every call', async () => {
    const { fn, calls } = flaky(0);
    const signal = AbortSignal.abort(new Error('cancelled'));
    await expect(retry(fn, { signal })).rejects.toThrow('cancelled');
    expect(calls).toEqual([]);
  });

  test('an abort during a wait ends the retry at once with the reason', async () => {
    const { fn, calls } = flaky(9);
    const controller = new AbortController();
    const running = retry(fn, {
      signal: controller.signal,
      onRetry: () => controller.abort(new Error('cancelled')),
    });
    await expect(running).rejects.toThrow('cancelled');
    expect(calls).toEqual([1]);
  });

  test('an abort during a call throws the reason, not the error of the call', async () => {
    const controller = new AbortController();
    const running = retry(
      async () => {
        controller.abort(new Error('cancelled'));
        throw new Error('socket closed');
      },
      { signal: controller.signal },
    );
    await expect(running).rejects.toThrow('cancelled');
  });

  test('onRetry is called before each wait', async () => {
    const told: unknown[] = [];
    const onRetry = (_error: unknown, number: number, delay: number) => told.push([number, delay]);
    await retry(flaky(2).fn, { ...clock(), onRetry });
    expect(told).toEqual([
      [1, 1_000],
      [2, 2_000],
    ]);
  });
});

test('an abortable sleep leaves no listener behind', async () => {
  const controller = new AbortController();
  await abortableSleep(1, controller.signal);
  const sleeping = abortableSleep(60_000, controller.signal);
  controller.abort(new Error('woken'));
  await expect(sleeping).rejects.toThrow('woken');
});
