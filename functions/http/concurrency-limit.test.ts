import { expect, test } from '@jest/globals';
import { ConcurrencyLimit } from './concurrency-limit.ts';

const code = (open: () => unknown) => {
  try {
    open();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return undefined;
};

test('an owner who has all of his places leaves the others theirs', () => {
  const limit = new ConcurrencyLimit({ each: 2 }, 'uploads');
  const release = limit.acquire('a');
  limit.acquire('a');
  expect(code(() => limit.acquire('a'))).toBe('rate_limited');
  limit.acquire('b');
  release();
  limit.acquire('a');
});

test('many owners together leave places free for other requests, and take them again', () => {
  const limit = new ConcurrencyLimit({ each: 2, all: 3 }, 'uploads');
  const releases = ['a', 'b', 'c'].map((owner) => limit.acquire(owner));
  expect(code(() => limit.acquire('d'))).toBe('unavailable');
  releases[0]?.();
  limit.acquire('d');
  expect(code(() => limit.acquire('a'))).toBe('unavailable');
});
