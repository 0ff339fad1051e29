import { expect, test } from '@jest/globals';
import { cut } from './stored-batch.ts';

const ended = (count: number) => Array.from({ length: count }, (_, n) => `m${n}`);

test('the order of 500 media that have ended is kept for the next page, and of more none of it', () => {
  expect(cut(ended(500))).toEqual(ended(500));
  expect(cut(ended(501))).toEqual([]);
});

test('what the bar counts keeps its order, however much it is', () => {
  const counted = ended(600).map((id) => `*${id}`);
  expect(cut(counted)).toEqual(counted);
  expect(cut([...counted, ...ended(501)])).toEqual(counted);
});
