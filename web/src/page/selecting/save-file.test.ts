import { expect, test } from '@jest/globals';
import { downloadsOf } from './save-file.ts';

const sized = (...sizes: number[]) => sizes.map((size, n) => ({ id: `${n}`, size }));
const most = { bytes: 10, files: 3 };

test.each([
  [[], []],
  [[4, 6], [['0', '1']]],
  [
    [4, 6, 1],
    [['0', '1'], ['2']],
  ],
  [
    [1, 1, 1, 1],
    [['0', '1', '2'], ['3']],
  ],
  [
    [11, 1],
    [['0'], ['1']],
  ],
])('files of %j bytes', (sizes, parts) => {
  expect(downloadsOf(sized(...sizes), most)).toEqual(parts);
});
