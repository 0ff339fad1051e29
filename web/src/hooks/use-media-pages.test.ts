import { expect, test } from '@jest/globals';
import { mergeResults } from './use-media-pages.ts';

test.each<[string, string, string, boolean, string]>([
  ['what is new stands where it was found', 'abc', 'xaybcz', false, 'xaybcz'],
  ['what is not found any more goes', 'abcd', 'acd', false, 'acd'],
  ['what stays keeps its order', 'abcd', 'dxcba', false, 'abcdx'],
  ['what new ones have pushed off the page stays at the end', 'abcd', 'xyab', true, 'xyabcd'],
  ['all else goes if there is no other page', 'abcd', 'xyab', false, 'xyab'],
  ['nothing is left', 'abc', '', false, ''],
  ['it is the first', '', 'ab', false, 'ab'],
  ['another page stands at the end', 'ab', 'abcd', true, 'abcd'],
])('%s', (_, before, now, hasMore, expected) => {
  expect(mergeResults([...before], [...now], hasMore).join('')).toBe(expected);
});
