/** The core with the features that change records, for tests that open no unit. */
import type { Firestore } from '@google-cloud/firestore';
import { type Feature, Moments } from '../../functions/core/media/moments.ts';
import { MediaStore } from '../../functions/core/media/store.ts';
import { Bin } from '../../functions/features/bin/bin.ts';
import { binMoments } from '../../functions/features/bin/moments.ts';
import { moderationShown } from '../../functions/features/moderation/moments.ts';
import { reanalysesMoments } from '../../functions/features/reanalyses/moments.ts';
import { EarlierResults } from '../../functions/features/results/earlier-results.ts';
import { resultsMoments } from '../../functions/features/results/moments.ts';
import { searchMoments } from '../../functions/features/search/moments.ts';
import { spendMoments } from '../../functions/features/spend/moments.ts';

/** @param more Further features, of the test. */
export function openMedia(
  firestore: Firestore,
  now: () => number = Date.now,
  more: readonly Feature[] = [],
) {
  const features: Feature[] = [];
  const moments = new Moments(features);
  const results = new EarlierResults(firestore, now, moments);
  features.push(
    spendMoments({ firestore, now }),
    moderationShown('off'),
    resultsMoments(results),
    binMoments(firestore),
    searchMoments,
    reanalysesMoments,
    ...more,
  );
  const media = new MediaStore(firestore, now, moments);
  return { moments, media, results, bin: new Bin(firestore, now, moments) };
}
