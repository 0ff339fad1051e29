import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

/** Decodes UTF-16 of every length at even and odd addresses: enough to ruin a heap that can be ruined. */
const PROGRAM = `
  for (let length = 1; length < 1_100; length++) {
    for (const offset of [0, 1]) {
      for (let i = 0; i < 300; i++) {
        const text = Buffer.allocUnsafeSlow(length + 9).subarray(offset, offset + length);
        if (text.ucs2Slice(0, length).length !== length >> 1) process.exit(2);
      }
    }
  }`;

test('decoding UTF-16 of an odd number of bytes leaves the heap whole', () => {
  const guard = new URL('./safe-utf16.ts', import.meta.url);
  const run = () =>
    execFileSync(process.execPath, ['--import', guard.href, '--eval', PROGRAM], { stdio: 'pipe' });
  expect(run).not.toThrow();
});

test('whole pairs of bytes are decoded as ever', async () => {
  await import('./safe-utf16.ts');
  const decode = (bytes: Buffer, start?: number, end?: number) =>
    (bytes as Buffer & { ucs2Slice(start?: number, end?: number): string }).ucs2Slice(start, end);
  const bytes = Buffer.from('写真 😀', 'utf16le');
  expect(decode(bytes)).toBe('写真 😀');
  expect(decode(Buffer.concat([bytes, Buffer.from('a')]))).toBe('写真 😀');
  expect(decode(bytes, 2, 5)).toBe('真');
  expect(decode(bytes, 0, 0)).toBe('');
});
