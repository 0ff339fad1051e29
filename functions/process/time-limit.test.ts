import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { startTimeLimit, untilAborted } from './time-limit.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('aborts its signal when the time is over', () => {
  const { signal } = startTimeLimit(1_000);
  jest.advanceTimersByTime(999);
  expect(signal.aborted).toBe(false);
  jest.advanceTimersByTime(1);
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
});

test('never ends what has no limit', () => {
  const { signal } = startTimeLimit(Number.POSITIVE_INFINITY);
  jest.advanceTimersByTime(86_400_000);
  expect(signal.aborted).toBe(false);
});

test('leaves nothing behind when the work is over before', () => {
  const limit = startTimeLimit(1_000);
  limit.clear();
  expect(jest.getTimerCount()).toBe(0);
});

describe('a wait until an abort', () => {
  const never = new Promise<never>(() => undefined);

  test('ends with the work, and leaves nothing at the signal', async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(Promise.resolve('done'), signal)).toBe('done');
    await expect(untilAborted(Promise.reject(new Error('failed')), signal)).rejects.toThrow(
      'failed',
    );
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('ends at the abort, with its reason, although the work does not end', async () => {
    const controller = new AbortController();
    const waiting = untilAborted(never, controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  test('does not begin after the abort', async () => {
    await expect(untilAborted(never, AbortSignal.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    );
  });
});
