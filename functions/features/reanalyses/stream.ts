import type { StreamFeature } from '../../core/parts.ts';
import { Hub } from '../../core/stream/hub.ts';
import { createListener } from '../../core/stream/listen.ts';
import { idOf, watchIds } from '../../core/stream/watch.ts';
import { lazy } from '../../process/lazy.ts';
import { REANALYSES_COLLECTION, unknownReanalysis } from './record.ts';
import { showReanalysis } from './shown.ts';

/** The stream of one reanalysis. */
export const reanalyses: StreamFeature<unknown> = ({ firestore, logger }) => {
  const hub = lazy(async () => {
    const all = (await firestore()).collection(REANALYSES_COLLECTION);
    return new Hub({ listen: createListener(all), logger, show: showReanalysis });
  });
  return { watches: { streamReanalysis: watchReanalysis(hub) } };
};

export const watchReanalysis = (hub: () => Promise<Hub>) =>
  watchIds(idOf, { hub, unknown: ([id = '']) => unknownReanalysis(id) });
