import { resultRoutes } from '@media-analysis/shared/results';
import { type ApiFeature, bound } from '../../core/parts.ts';
import { EarlierResults } from './earlier-results.ts';
import { resultsMoments } from './moments.ts';
import { resultHandlers } from './routes.ts';

/** Earlier results, and the owner's own words. */
export const results: ApiFeature<unknown> = (kit) => {
  const store = new EarlierResults(kit.firestore, kit.now, kit.moments);
  return {
    moments: resultsMoments(store),
    handlers: bound(resultRoutes, resultHandlers, { ...kit, results: store }),
  };
};
