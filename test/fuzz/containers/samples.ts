/** Sound files to bend: small real ones, and what sharp makes of a real photo in each format. */
import { readFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { BOXES, GIF, JPEG, PNG, WEBM, WEBP } from './formats.ts';
import type { Format } from './tree.ts';

export interface Sample {
  name: string;
  bytes: Buffer;
  /** Absent for a TIFF, which has directories in any place. */
  format?: Format;
}

const stored = (path: string) => readFile(new URL(`../../${path}`, import.meta.url));

export async function loadSamples(): Promise<Sample[]> {
  const original = await stored('photos/18-cat-exif-orientation6.jpg');
  const small = sharp(original).resize(96, 64, { fit: 'fill' }).keepExif();
  const made = (name: string, image: Sharp, format?: Format) => async (): Promise<Sample> => ({
    name,
    bytes: await image.toBuffer(),
    ...(format && { format }),
  });
  const real = (path: string, format?: Format) => async (): Promise<Sample> => ({
    name: path,
    bytes: await stored(path),
    ...(format && { format }),
  });
  const frames = Buffer.concat(await Promise.all([0, 1, 2].map(frame)));
  const animation = sharp(frames, { raw: { width: 32, height: 96, channels: 3, pageHeight: 32 } });
  const loaders = [
    real('videos/clip.mp4', BOXES),
    real('videos/portrait.mov', BOXES),
    real('videos/clip.webm', WEBM),
    real('photos/21-cat-iphone.heic', BOXES),
    real('photos/22-located.tiff'),
    made('small.avif', small.clone().avif({ effort: 0 }), BOXES),
    made('small.jpg', small.clone().jpeg(), JPEG),
    made('progressive.jpg', small.clone().jpeg({ progressive: true }), JPEG),
    made('small.png', small.clone().png(), PNG),
    made('interlaced.png', small.clone().png({ progressive: true }), PNG),
    made('palette.png', small.clone().png({ palette: true }), PNG),
    made('small.webp', small.clone().webp(), WEBP),
    made('lossless.webp', small.clone().webp({ lossless: true }), WEBP),
    made('animated.webp', animation.clone().webp(), WEBP),
    made('animated.gif', animation.clone().gif(), GIF),
    made('lzw.tiff', small.clone().tiff({ compression: 'lzw' })),
    made(
      'tiled.tiff',
      small.clone().tiff({ compression: 'deflate', tile: true, tileWidth: 32, tileHeight: 32 }),
    ),
    made('jpeg.tiff', small.clone().tiff({ compression: 'jpeg' })),
  ];
  return Promise.all(loaders.map((load) => load()));
}

function frame(shade: number): Promise<Buffer> {
  const create = {
    width: 32,
    height: 32,
    channels: 3 as const,
    background: { r: 80 * shade, g: 90, b: 100 },
  };
  return sharp({ create }).raw().toBuffer();
}
