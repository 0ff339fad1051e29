/** The networks read real pictures in a vision process. `test/photos/drawn/` has their text. */
import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { VisionClient } from '@media-analysis/vision/client';
import sharp from 'sharp';
import { readReceipt } from './receipt.ts';

const vision = new VisionClient();
afterAll(() => vision.close());

const PHOTOS = new URL('../../../test/photos/', import.meta.url);
const look = (jpeg: Uint8Array, language = 'en') =>
  vision.analysePicture(jpeg, language, new AbortController().signal);
const textOf = ({ text }: Awaited<ReturnType<typeof look>>) => text?.map((row) => row.text) ?? [];

describe('a page', () => {
  test.each([90, 180, 270, 3])('turned by %s is read as it is meant', async (degrees) => {
    const page = await readFile(new URL('24-drawn-page.jpg', PHOTOS));
    const turned = await sharp(page).rotate(degrees, { background: '#555' }).jpeg().toBuffer();
    const lines = textOf(await look(turned));
    expect(lines).toHaveLength(10);
    expect(lines[0]).toBe('The keeper of the lighthouse');
    expect(lines[2]).toBe('climbed one hundred and forty steps, lit the');
    expect(lines.at(-1)).toMatch(/^the lamp would burn without him now/);
  });
});

test('a receipt that lies askew has each amount beside its own item', async () => {
  const receipt = await readFile(new URL('drawn/receipt-tilted.jpg', PHOTOS));
  const { text } = await look(receipt);
  expect(readReceipt(text ?? [])).toMatchObject({
    merchant: 'GREEN GROCER',
    date: '2026-03-12',
    currency: 'GBP',
    total_cents: 1_202,
    items: [
      { name: 'BREAD WHOLEMEAL', amount_cents: 145 },
      { name: 'BANANAS 0.84kg', amount_cents: 92 },
      { name: 'OAT MILK 1L', quantity: 2, amount_cents: 360 },
      { name: 'CHEDDAR 350g', amount_cents: 425 },
      { name: 'TOMATOES', amount_cents: 180 },
    ],
  });
});

test('Cyrillic is not told as Latin letters, and the English beside it is read', async () => {
  const sign = await readFile(new URL('drawn/cyrillic-and-english.jpg', PHOTOS));
  const seen = await look(sign);
  expect(textOf(seen)).toEqual(['CAUTION', 'wet floor']);
  expect(seen.unread).toBe('Cyrillic');
});

test('one word that only one reader knows makes no receipt Cyrillic, and stays in its row', async () => {
  const receipt = await readFile(new URL('33-receipt-us-tax.jpg', PHOTOS));
  const seen = await look(receipt);
  expect(seen.unread).toBeNull();
  expect(textOf(seen)).toContain('GARDEN HOSE 50FT 24.97');
  const { items } = readReceipt(seen.text ?? []);
  expect(items[0]).toEqual({ name: 'GARDEN HOSE 50FT', quantity: null, amount_cents: 2_497 });
});

test('kana that only one reader knows count only if another size of the line is read alike', async () => {
  const receipt = await readFile(new URL('35-receipt-japanese.jpg', PHOTOS));
  const rows = textOf(await look(receipt, 'ja'));
  expect(rows).toContain('おにぎり鮭 ¥150');
  // At one size ト is read as ド.
  expect(rows.join()).not.toContain('ド');
});

test.each(['43-sign-korean.jpg', '47-sign-thai.jpg'])(
  'two lines in a script that no reader knows are writing: %s',
  async (name) => {
    const sign = await readFile(new URL(name, PHOTOS));
    expect(await look(sign)).toMatchObject({ text: [], unread: 'unknown' });
  },
);

test.each(['en', 'ja'])('nothing is read where nothing is written (%s)', async (language) => {
  const photo = await readFile(new URL('06-osprey.jpg', PHOTOS));
  const preview = await sharp(photo).resize(1_600, 1_600, { fit: 'inside' }).jpeg().toBuffer();
  expect(await look(preview, language)).toMatchObject({ text: [], codes: [] });
});
