import { crc32, deflateSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import sharp from 'sharp';
import { withoutPackedTexts } from './png.ts';

const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
const png = await sharp({
  create: { width: 40, height: 30, channels: 3, background: '#000000', noise },
})
  .png()
  .toBuffer();
/** The position after the signature and the header. */
const BODY_AT = 8 + 25;

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

const packed = deflateSync(Buffer.from('words'));
const zTXt = chunk('zTXt', Buffer.concat([Buffer.from('Title\0\0'), packed]));
const iTXt = chunk('iTXt', Buffer.concat([Buffer.from('Title\0\x01\0\0\0'), packed]));
const plain = chunk('tEXt', Buffer.from('Title\0plain'));
const withExtra = (...extra: Buffer[]) =>
  Buffer.concat([png.subarray(0, BODY_AT), ...extra, png.subarray(BODY_AT)]);

test('packed texts are removed at any place, and the rest stays byte for byte', () => {
  expect(withoutPackedTexts(withExtra(zTXt, plain, iTXt, zTXt))).toEqual(withExtra(plain));
  expect(withoutPackedTexts(Buffer.concat([png, iTXt]))).toEqual(png);
});

test('a file without packed texts is not copied', () => {
  for (const bytes of [png, Buffer.from('GIF89a zTXt'), Buffer.alloc(0)]) {
    expect(withoutPackedTexts(bytes)).toBe(bytes);
  }
});

test('the picture is the same, and so is its EXIF', async () => {
  const exif = { IFD0: { Make: 'Camera' } };
  const bytes = await sharp(png).withExif(exif).png().toBuffer();
  const withTexts = Buffer.concat([
    bytes.subarray(0, BODY_AT),
    zTXt,
    iTXt,
    bytes.subarray(BODY_AT),
  ]);
  expect((await sharp(withTexts).metadata()).comments).toHaveLength(2);
  const clean = withoutPackedTexts(withTexts);
  const metadata = await sharp(clean).metadata();
  expect(metadata.comments ?? []).toEqual([]);
  expect(metadata.exif?.includes('Camera')).toBe(true);
  expect(await sharp(clean).raw().toBuffer()).toEqual(await sharp(bytes).raw().toBuffer());
});

test.each([0, 3, 8, 11, 12, 20])('a text that is cut off after %d bytes is no error', (length) => {
  const cut = Buffer.concat([png.subarray(0, BODY_AT), zTXt.subarray(0, length)]);
  const clean = withoutPackedTexts(cut);
  expect(clean.length).toBeLessThanOrEqual(cut.length);
  expect(clean.subarray(0, BODY_AT)).toEqual(png.subarray(0, BODY_AT));
});

test('a length beyond the end of the file ends the search', () => {
  const endless = Buffer.concat([
    png.subarray(0, BODY_AT),
    Buffer.from('ffffffff', 'hex'),
    Buffer.from('zTXt0000'),
  ]);
  expect(withoutPackedTexts(endless)).toEqual(png.subarray(0, BODY_AT));
});
