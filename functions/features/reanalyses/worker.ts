import { stepPayloadSchema } from '@media-analysis/shared/media';
import type { WorkerFeature } from '../../core/parts.ts';
import { readJson } from '../../http/body.ts';
import { REANALYSE_ROUTE } from '../../media/task-queue.ts';
import { withLogFields } from '../../process/log.ts';
import { reanalyse } from '../../worker/reanalyse.ts';
import { reanalysesInWorker } from './moments.ts';

/** Makes the steps of reanalyses. */
export const reanalyses: WorkerFeature<{ REANALYSIS_IN_FLIGHT: number }> = {
  paths: [REANALYSE_ROUTE],
  create: (kit) => ({
    moments: reanalysesInWorker(kit),
    tasks: {
      [REANALYSE_ROUTE]: async ({ request }) => {
        const { reanalysis_id } = await readJson(request, stepPayloadSchema);
        const deps = { ...kit, inFlight: kit.config.REANALYSIS_IN_FLIGHT };
        return withLogFields({ reanalysis_id }, () => reanalyse(reanalysis_id, deps));
      },
    },
  }),
};
