import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { startTimeLimit } from './time-limit.ts';

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

test('leaves nothing behind when the work is over before', () => {
  const limit = startTimeLimit(1_000);
  limit.clear();
  expect(jest.getTimerCount()).toBe(0);
});
