import { type ApiFeature, bound } from '../../core/parts.ts';
import type { ModerationMode } from '../moderation/held.ts';
import { ModerationStore } from '../moderation/moderation.ts';
import { EarlierResults } from './earlier-results.ts';
import { resultsMoments } from './moments.ts';
import { editMedia, listResults, restoreResult } from './routes.ts';

/** Earlier results, and the owner's own words. */
export const results: ApiFeature<{ MODERATION: ModerationMode }> = (kit) => {
  const { config, firestore, now, moments } = kit;
  const store = new EarlierResults(firestore, now, moments);
  const verdicts = config.MODERATION === 'hold' ? new ModerationStore(firestore, now) : undefined;
  return {
    moments: resultsMoments(store),
    handlers: bound(
      { listResults, restoreResult, editMedia },
      { ...kit, results: store, verdicts },
    ),
  };
};
