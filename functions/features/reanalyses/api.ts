import { reanalysisRoutes } from '@media-analysis/shared/reanalyses';
import { offersFlex } from '../../analysis/catalog/model-name.ts';
import { type ApiFeature, bound } from '../../core/parts.ts';
import { ConcurrencyLimit } from '../../http/concurrency-limit.ts';
import { reanalysesMoments } from './moments.ts';
import { ReanalysisQueue } from './queue.ts';
import { reanalysisHandlers } from './routes.ts';
import { ReanalysisStore } from './store.ts';

type Settings = Parameters<typeof offersFlex>[1] & {
  ANALYSIS_MODEL: string;
  MODEL_FALLBACK: readonly string[];
  REANALYSIS_IN_FLIGHT: number;
};

/** One analysis again over many media. */
export const reanalyses: ApiFeature<Settings> = (kit) => {
  const { config, firestore } = kit;
  const { ANALYSIS_MODEL: model, MODEL_FALLBACK, REANALYSIS_IN_FLIGHT } = config;
  return {
    moments: reanalysesMoments,
    handlers: bound(reanalysisRoutes, reanalysisHandlers, {
      ...kit,
      queue: new ReanalysisQueue(kit.queue),
      reanalyses: new ReanalysisStore(firestore, REANALYSIS_IN_FLIGHT),
      model,
      models: [...new Set([model, ...MODEL_FALLBACK])],
      offersFlex: (each: string) => offersFlex(each, config),
      quotes: new ConcurrencyLimit({ each: 2, all: 8 }, 'quotes'),
    }),
  };
};
