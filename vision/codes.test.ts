import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import sharp from 'sharp';
import { prepareZXingModule, type WriteInputBarcodeFormat, writeBarcode } from 'zxing-wasm/writer';
import { findCodes } from './codes.ts';
import { openPicture } from './picture.ts';

/** A code on a sheet of paper that is turned. */
async function photoOf(text: string, format: WriteInputBarcodeFormat) {
  const file = fileURLToPath(import.meta.resolve('zxing-wasm/writer/zxing_writer.wasm'));
  const wasmBinary = new Uint8Array(await readFile(file)).buffer;
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
  const { image } = await writeBarcode(text, { format, scale: 3 });
  if (!image) throw new Error('not drawn');
  const code = Buffer.from(await image.arrayBuffer());
  const paper = await sharp({
    create: { width: 1200, height: 700, channels: 3, background: '#eee' },
  })
    .composite([{ input: code, left: 250, top: 250 }])
    .png()
    .toBuffer();
  return openPicture(await sharp(paper).rotate(6, { background: '#777' }).jpeg().toBuffer());
}

test.each([
  ['QRCode', 'https://example.org/menu?table=7'],
  ['EAN13', '4006381333931'],
  ['Code128', 'PKG-2026-00417'],
  ['Code39', 'SHELF-07'],
  ['Code93', 'BIN 42'],
  ['Codabar', 'A40156B'],
  ['ITF', '15400141288763'],
  // As it is printed, not as 13 digits.
  ['UPCE', '01234565'],
] as const)('a %s on a tilted page is read, and has its place', async (format, text) => {
  const [code, ...others] = await findCodes(await photoOf(text, format));
  expect(others).toEqual([]);
  expect(code).toMatchObject({ format, text, score: 1 });
  expect(code?.box.left).toBeGreaterThan(0.1);
  expect(code?.box.right).toBeLessThan(0.95);
});

test('a picture without a code has none', async () => {
  const photo = await readFile(new URL('../test/photos/24-drawn-page.jpg', import.meta.url));
  expect(await findCodes(await openPicture(photo))).toEqual([]);
});
