import { expect, test } from '@jest/globals';
import { parseContentRange } from './content-range.ts';

test.each([
  [undefined, 0, undefined, undefined],
  ['bytes 0-524287/2000000', 0, 524_287, 2_000_000],
  ['bytes 524288-1999999/2000000', 524_288, 1_999_999, 2_000_000],
  ['bytes 0-524287/*', 0, 524_287, undefined],
  ['bytes 5-*/*', 5, undefined, undefined],
  ['bytes 5-*/10', 5, undefined, 10],
  ['bytes */10', undefined, undefined, 10],
  ['bytes */0', undefined, undefined, 0],
  ['bytes */*', undefined, undefined, undefined],
])('%s starts at %s, ends at %s, of %s', (header, start, end, total) => {
  expect(parseContentRange(header)).toEqual({ start, end, total });
});

test.each(['', 'bytes', '0-1/2', 'bytes 0-1', 'bytes 2-1/5', 'bytes 0-5/5', 'bytes -1/2'])(
  '%j is refused',
  (header) => expect(() => parseContentRange(header)).toThrow('Failed to parse'),
);
