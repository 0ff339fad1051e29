import { stepPayloadSchema } from '@media-analysis/shared/media';
import type { WorkerFeature } from '../../core/parts.ts';
import { readJson } from '../../http/body.ts';
import { withLogFields } from '../../process/log.ts';
import { reanalysesInWorker } from './moments.ts';
import { REANALYSE_ROUTE, ReanalysisQueue } from './queue.ts';
import { reanalysisStep } from './step.ts';

/** Makes the steps of reanalyses. */
export const reanalyses: WorkerFeature<{ REANALYSIS_IN_FLIGHT: number }> = {
  paths: [REANALYSE_ROUTE],
  create: (kit) => {
    const inFlight = kit.config.REANALYSIS_IN_FLIGHT;
    const deps = { ...kit, queue: new ReanalysisQueue(kit.queue), inFlight };
    return {
      moments: reanalysesInWorker(deps),
      tasks: {
        [REANALYSE_ROUTE]: async ({ request }) => {
          const { reanalysis_id } = await readJson(request, stepPayloadSchema);
          return withLogFields({ reanalysis_id }, () => reanalysisStep(reanalysis_id, deps));
        },
      },
    };
  },
};
