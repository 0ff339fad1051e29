import { readFile } from 'node:fs/promises';
import { expect, jest, test } from '@jest/globals';
import sharp from 'sharp';
import { BOMBS, box, full, type HeifItem, heif } from '../../test/support/bombs.ts';
import { heifPixels } from './heif-pixels.ts';
import { inspectMedia } from './index.ts';

const size = (width: number, height: number) => {
  const sides = Buffer.alloc(8);
  sides.writeUInt32BE(width);
  sides.writeUInt32BE(height, 4);
  return full('ispe', 0, sides);
};
const item = (kind: string, property: number, madeOf: number[] = []): HeifItem => ({
  kind,
  data: Buffer.alloc(0),
  properties: [property],
  madeOf,
});
const bomb = (name: string) => BOMBS.find((each) => each.name === name)?.bytes() ?? Buffer.alloc(0);

const phonePhoto = () => readFile(new URL('../../test/photos/21-cat-iphone.heic', import.meta.url));
const somePicture = () => {
  const create = { width: 300, height: 200, channels: 4 as const, background: '#33669980' };
  return sharp({ create }).avif().toBuffer();
};

test('a photo of a phone has the pixels before its crop', async () => {
  const photo = await phonePhoto();
  expect(heifPixels(photo)).toEqual({ largest: 452 * 300, decoded: 452 * 300 });
});

test('an AVIF has its own pixels', async () => {
  expect(heifPixels(await somePicture())).toEqual({ largest: 60_000, decoded: 60_000 });
});

test('tiles beyond the edge are decoded, too', () => {
  const tiles = Array.from({ length: 16 * 12 }, (_, i) => i + 2);
  const photo = heif(
    'heic',
    [size(8_064, 6_048), size(512, 512)],
    [item('grid', 1, tiles), ...tiles.map(() => item('hvc1', 2))],
  );
  expect(heifPixels(photo)).toEqual({ largest: 8_064 * 6_048, decoded: 192 * 512 * 512 });
});

test('tiles of tiles count as often as they are decoded', () => {
  const items = [item('grid', 1, [2, 2, 2]), item('grid', 1, [3, 3, 3]), item('hvc1', 2)];
  const picture = heif('heic', [size(8, 8), size(10, 10)], items);
  expect(heifPixels(picture)).toEqual({ largest: 100, decoded: 900 });
});

test('a picture that is made of itself comes to an end', () => {
  const picture = heif('heic', [size(8, 8)], [item('grid', 1, [1, 2]), item('grid', 1, [1])]);
  expect(heifPixels(picture).largest).toBe(64);
});

test.each([
  ['no file at all', Buffer.from('hello')],
  ['a box without content', box('meta')],
  ['no properties', full('meta', 0)],
  [
    'a box that claims to be longer than its file',
    bomb('78 megapixels cut to 64 × 64.heic').subarray(0, 2_000),
  ],
])('%s has no pixels', (_, bytes) => {
  expect(heifPixels(bytes)).toEqual({ largest: 0, decoded: 0 });
});

test.each(['78 megapixels cut to 64 × 64.heic', '268 megapixels cut to 64 × 64.avif'])(
  '%s are refused before they are decoded',
  async (name) => {
    const code = 'media_too_complex';
    await expect(inspectMedia(bomb(name), name)).rejects.toMatchObject({ code });
  },
);

test.each([
  ['a HEIC', phonePhoto],
  ['an AVIF', somePicture],
])('%s that is larger than its container says is refused by the decoder', async (_, make) => {
  const picture = await make();
  await inspectMedia(picture, 'a');
  const sides = picture.indexOf('ispe', 0, 'latin1') + 8;
  for (const at of [sides, sides + 4]) picture.writeUInt32BE(picture.readUInt32BE(at) >> 1, at);
  // The decoder of HEIC prints why.
  const print = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  await expect(inspectMedia(picture, 'a')).rejects.toMatchObject({ code: 'media_corrupt' });
  print.mockRestore();
});
