import { expect, test } from '@jest/globals';
import { forEachConcurrently } from './concurrency.ts';

test('four are at work, and the next one begins when one of them has ended', async () => {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const all = forEachConcurrently([0, 1, 2, 3, 4, 5], (n) => {
    begun.push(n);
    return new Promise((resolve) => {
      ends[n] = resolve;
    });
  });
  expect(begun).toEqual([0, 1, 2, 3]);
  ends[2]?.();
  await new Promise(setImmediate);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  ends[0]?.();
  await new Promise(setImmediate);
  for (const end of ends) end();
  await all;
  expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
});

test('one that fails keeps no other back, and is told of at the end', async () => {
  const done: number[] = [];
  const all = forEachConcurrently([0, 1, 2, 3, 4, 5, 6], async (n) => {
    if (n % 3 === 0) throw new Error(`no. ${n}`);
    done.push(n);
  });
  await expect(all).rejects.toThrow('no. 0');
  expect(done).toEqual([1, 2, 4, 5]);
});
