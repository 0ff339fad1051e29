import { expect, test } from '@jest/globals';
import { withoutSei } from './sei.ts';

const SECRET = Buffer.from('35.6586 N');

/** A unit after its length. */
const unit = (lengthBytes: number, head: number, body: Buffer) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(1 + body.length);
  return Buffer.concat([length.subarray(4 - lengthBytes), Buffer.from([head]), body]);
};

const description = (at: number, lengthBytes: number) => {
  const bytes = Buffer.alloc(23);
  bytes[at] = 0xfc | (lengthBytes - 1);
  return bytes;
};

test.each([
  ['avc1.64001f', 4, 6, 5, 4],
  ['avc1.64001f', 4, 6, 5, 2],
  ['hvc1.1.6.L93', 21, 39 << 1, 19 << 1, 4],
  ['hev1.1.6.L93', 21, 40 << 1, 19 << 1, 4],
])('of a frame of %s only the picture stays', (codec, at, sei, slice, lengthBytes) => {
  const picture = unit(lengthBytes, slice, Buffer.from('picture'));
  const frame = Buffer.concat([unit(lengthBytes, sei, SECRET), picture, picture]);
  const bare = withoutSei(frame, { codec, description: description(at, lengthBytes) });
  expect(bare).toEqual(Buffer.concat([picture, picture]));
});

test('a frame of another coding is left as it is', () => {
  const frame = Buffer.from('anything');
  expect(withoutSei(frame, { codec: 'vp09.00.10.08' })).toBe(frame);
  expect(withoutSei(frame, { codec: 'av01.0.04M.08', description: Buffer.alloc(4) })).toBe(frame);
});

test('a unit that is shorter than its length ends at the end of the data', () => {
  const frame = Buffer.concat([Buffer.from([0, 0, 1, 0, 5]), Buffer.from('cut')]);
  expect(withoutSei(frame, { codec: 'avc1.64001f', description: description(4, 4) })).toEqual(
    frame,
  );
});
