import type { WorkerFeature } from '../../core/parts.ts';
import { EarlierResults } from './earlier-results.ts';
import { resultsMoments } from './moments.ts';

/** Keeps each result that a new one replaces. */
export const results: WorkerFeature<unknown> = {
  create: ({ firestore, now, moments }) => ({
    moments: resultsMoments(new EarlierResults(firestore, now, moments)),
  }),
};
