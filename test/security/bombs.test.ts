/** Files that are made to stop the program that opens them, sent by one user through the whole product: one of each format. */
import { expect, test } from '@jest/globals';
import { BOMBS } from '../support/bombs.ts';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';
import { expectBombsCostNothing } from './bombs.ts';

const NAMES = [
  'a fragment of 5,000,000 samples.mp4',
  '100,000 seek entries.webm',
  'one tag 4,000 times.tif',
  'one line of 90,000,000 pixels.png',
  '880 scans.jpg',
  '78 megapixels cut to 64 × 64.heic',
];

test(
  'a bomb of each format fails at its first delivery, and costs the worker and another user nothing',
  async () => {
    const bombs = BOMBS.filter(({ name }) => NAMES.includes(name));
    expect(bombs).toHaveLength(NAMES.length);
    await expectBombsCostNothing(bombs);
  },
  (NAMES.length + 1) * HANG_LIMIT_MS,
);
