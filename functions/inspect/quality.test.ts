import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import sharp, { type Sharp } from 'sharp';
import { dominantColors } from './colors.ts';
import { BLURRY_BELOW, MEASURE_SIDE, measureQuality, SHARP_FROM } from './quality.ts';

const ORIGINALS = [
  '01-astronaut.png',
  '02-cat.png',
  '03-coffee.webp',
  '05-dogs.jpg',
  '06-osprey.jpg',
  '07-cityscape.jpg',
  '08-lake.jpg',
];

async function measure(name: string, change = (image: Sharp) => image) {
  const bytes = await readFile(new URL(`../../test/photos/${name}`, import.meta.url));
  const small = sharp(bytes)
    .resize(MEASURE_SIDE, MEASURE_SIDE, { fit: 'inside', withoutEnlargement: true })
    .removeAlpha();
  const changed = change(sharp(await small.png().toBuffer()));
  const { data, info } = await changed.raw().toBuffer({ resolveWithObject: true });
  return measureQuality(data, info.width, info.height);
}

describe('quality', () => {
  test.each(ORIGINALS)('%s is good', async (name) => {
    const quality = await measure(name);
    expect(quality.sharpness).toBeGreaterThan(SHARP_FROM);
    expect(quality).toMatchObject({ exposure: 'balanced', verdict: 'good' });
  });

  test.each(ORIGINALS)('%s out of focus is poor', async (name) => {
    const quality = await measure(name, (image) => image.blur(3));
    expect(quality.sharpness).toBeLessThan(BLURRY_BELOW);
    expect(quality.verdict).toBe('poor');
  });

  test('too little and too much light are recognised', async () => {
    const dark = await measure('08-lake.jpg', (image) => image.linear(0.3, 0));
    const bright = await measure('08-lake.jpg', (image) => image.linear(1.5, 130));
    expect([dark.exposure, bright.exposure]).toEqual(['dark', 'bright']);
    expect(dark.brightness).toBeLessThan(bright.brightness);
    expect([dark.verdict, bright.verdict]).not.toContain('good');
  });

  test('one even surface has no contrast and is poor', () => {
    const quality = measureQuality(new Uint8Array(20 * 20 * 3).fill(128), 20, 20);
    expect(quality).toMatchObject({
      sharpness: 0,
      contrast: 0,
      brightness: 0.502,
      verdict: 'poor',
    });
  });

  test('black against white has the full contrast', () => {
    const halves = new Uint8Array(20 * 20 * 3).fill(255, 0, 600);
    expect(measureQuality(halves, 20, 20).contrast).toBe(1);
  });

  test('a picture of one pixel is measured without a wrong number', () => {
    expect(measureQuality(new Uint8Array([9, 9, 9]), 1, 1).sharpness).toBe(0);
  });
});

describe('colours', () => {
  const paint = (...pixels: [count: number, rgb: number[]][]) =>
    Uint8Array.from(
      pixels.flatMap(([count, rgb]) => Array.from({ length: count }, () => rgb).flat()),
    );

  test('come most common first, with their shares', () => {
    const rgb = paint([30, [200, 0, 0]], [60, [0, 0, 200]], [10, [0, 200, 0]]);
    expect(dominantColors(rgb)).toEqual([
      { hex: '#0000c8', share: 0.6 },
      { hex: '#c80000', share: 0.3 },
      { hex: '#00c800', share: 0.1 },
    ]);
  });

  test('shades that look alike are one colour', () => {
    const rgb = paint([50, [40, 90, 200]], [40, [44, 96, 206]], [10, [36, 84, 194]]);
    expect(dominantColors(rgb)).toEqual([{ hex: '#295cca', share: 1 }]);
  });

  test('a speck is not a colour of the picture', () => {
    const rgb = paint([98, [0, 0, 0]], [2, [255, 255, 255]]);
    expect(dominantColors(rgb)).toEqual([{ hex: '#000000', share: 0.98 }]);
  });

  test('there are never more than six', () => {
    const hues = [0, 128, 255].flatMap((r) => [0, 128, 255].map((b) => [r, 128, b]));
    expect(
      dominantColors(paint(...hues.map((rgb) => [5, rgb] as [number, number[]]))),
    ).toHaveLength(6);
  });
});
