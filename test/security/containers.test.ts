/** A short, repeatable piece of `npm run fuzz -- --containers 20000`. */
import { expect, test } from '@jest/globals';
import { fuzzContainers } from '../fuzz/containers/fuzz.ts';

test('hundreds of bent photos and videos: each gets a verdict at once, and no other process dies', async () => {
  const { counts, failures } = await fuzzContainers({ seed: 1, files: 150 });
  expect(failures).toEqual([]);
  const total = (verdict: string) =>
    Object.entries(counts).reduce((sum, [kind, n]) => sum + (kind.endsWith(verdict) ? n : 0), 0);
  // They are bent, and not only broken: some are still opened.
  expect(total('accepted')).toBeGreaterThan(15);
  expect(total('media_corrupt')).toBeGreaterThan(50);
});
