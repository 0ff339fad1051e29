import { expect, test } from '@jest/globals';
import { isSameFile } from './is-same-file.ts';

const MIB = 1024 * 1024;

/** @param at Where a byte is another one. */
function video(size: number, at?: number, name = 'a.mov'): File {
  const bytes = new Uint8Array(size);
  if (at !== undefined) bytes[at] = 1;
  return new File([bytes], name);
}

test.each([
  [10, undefined, true],
  [10, 9, false],
  [3 * MIB, 2 * MIB, false],
  [9 * MIB, undefined, true],
  [9 * MIB, 0, false],
  [9 * MIB, 4.5 * MIB, false],
  [9 * MIB, 9 * MIB - 1, false],
])('of %i bytes, with another one at %p', async (size, at, isSame) => {
  expect(await isSameFile(video(size), video(size, at))).toBe(isSame);
});

test('another name or size is another file', async () => {
  expect(await isSameFile(video(10), video(10, undefined, 'b.mov'))).toBe(false);
  expect(await isSameFile(video(10), video(11))).toBe(false);
});

test('a large video is not read whole', async () => {
  const read: number[] = [];
  const { arrayBuffer } = Blob.prototype;
  Blob.prototype.arrayBuffer = function () {
    read.push(this.size);
    return arrayBuffer.call(this);
  };
  try {
    await isSameFile(video(20 * MIB), video(20 * MIB));
  } finally {
    Blob.prototype.arrayBuffer = arrayBuffer;
  }
  expect(read).toEqual([3 * MIB, 3 * MIB]);
});
