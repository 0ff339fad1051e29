/** A short piece of `npm run leaks`. */
import { expect, test } from '@jest/globals';
import { measureLeaks } from '../leaks/leaks.ts';
import { growthOf } from '../leaks/verdict.ts';

test('api, worker and stream keep next to nothing of a photo', async () => {
  const reports = await measureLeaks({ photos: 300, warmUp: 300 });
  expect(growthOf(reports)).toEqual([]);
}, 600_000);
