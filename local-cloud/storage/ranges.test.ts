import { expect, test } from '@jest/globals';
import { parseRange } from './ranges.ts';

test.each([
  ['bytes=0-0', 0, 0],
  ['bytes=2-5', 2, 5],
  ['bytes=2-', 2, 9],
  ['bytes=2-9', 2, 9],
  ['bytes=2-10', 2, 9],
  ['bytes=-1', 9, 9],
  ['bytes=-10', 0, 9],
  ['bytes=-11', 0, 9],
])('of ten bytes, %s is %d to %d', (header, start, end) => {
  expect(parseRange(header, 10)).toEqual({ start, end });
});

test.each([undefined, '', 'bytes=-', 'bytes=5-2', 'bytes=0-1,3-4', 'lines=0-1', 'bytes=a-b'])(
  '%j asks for everything',
  (header) => expect(parseRange(header, 10)).toBeUndefined(),
);

test.each([
  ['bytes=10-', 10],
  ['bytes=10-12', 10],
  ['bytes=-0', 10],
  ['bytes=0-', 0],
  ['bytes=-1', 0],
])('%s of %d bytes cannot be satisfied', (header, size) => {
  expect(() => parseRange(header, size)).toThrow('cannot be satisfied');
});
