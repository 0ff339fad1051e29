import { expect, test } from '@jest/globals';
import { media } from '../client/testing.ts';
import { overallProgress } from './progress.ts';

test('the larger a file is, the more of its time is sending, on each page and device alike', () => {
  const sent = (size: number) => overallProgress(undefined, { ...media('a'), progress: 0, size });
  expect([10_000, 12_000_000, 108_000_000].map(sent)).toEqual([
    ...[0.15, 0.5, 0.9].map((share) => expect.closeTo(share)),
  ]);
});
