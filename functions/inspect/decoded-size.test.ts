import { expect, test } from '@jest/globals';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { decodedBytes } from './decoded-size.ts';

const picture = (channels: 3 | 4 = 3) =>
  sharp({ create: { width: 100, height: 50, channels, background: '#336699' } });
const PIXELS = 5_000;

test.each<[string, Sharp, number]>([
  ['a PNG of which 32 lines are held twice', picture(4).png(), (2 * 4 * 32) / 50],
  ['an interlaced PNG', picture(4).png({ progressive: true }), 4],
  ['an interlaced PNG of 16 bits', picture(4).toColourspace('rgb16').png({ progressive: true }), 8],
  ['a JPEG that is read line by line', picture().jpeg(), 0],
  ['a progressive JPEG', picture().jpeg({ progressive: true }), 3],
  [
    'a progressive JPEG with all its colours',
    picture().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
    6,
  ],
  ['a GIF', picture(4).gif(), 4],
  ['a WebP', picture().webp(), 3],
  ['an AVIF', picture().avif(), 3],
  ['a TIFF', picture().tiff(), 3],
])('%s is counted as its decoder holds it', async (_title, image, bytes) => {
  const metadata = await sharp(await image.toBuffer()).metadata();
  expect(decodedBytes(metadata, PIXELS)).toBe(PIXELS * bytes);
});

test.each<[Metadata['depth'], number]>([
  ['uchar', 1],
  ['ushort', 2],
  ['float', 4],
  ['double', 8],
])('a sample of kind %s has %d bytes', (depth, bytes) => {
  const metadata = { format: 'tiff', width: 100, height: 50, channels: 3, depth } as Metadata;
  expect(decodedBytes(metadata, PIXELS)).toBe(3 * PIXELS * bytes);
});
