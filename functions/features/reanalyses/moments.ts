/** Where reanalyses take part in the life of a media. */
import type { Firestore } from '@google-cloud/firestore';
import { isTerminal } from '@media-analysis/shared/status';
import type { Feature } from '../../core/media/moments.ts';
import { enqueueOverdue } from '../../core/work/overdue.ts';
import type { Logger } from '../../process/log.ts';
import { HOURLY_QUOTES_COLLECTION } from './hourly-quotes.ts';
import type { ReanalysisQueue } from './queue.ts';
import { REANALYSES_COLLECTION, type ReanalysisRecord, toReanalysis } from './record.ts';

interface ReanalysesDeps {
  firestore: Firestore;
  queue: Pick<ReanalysisQueue, 'enqueueStep'>;
  logger: Logger;
  /** A run that is overdue for this time has lost its task. In milliseconds. */
  quietMs: number;
  now: () => number;
}

/** A new attempt does not belong to the reanalysis that asked for the last one. */
export const reanalysesMoments: Feature = {
  name: 'reanalyses',
  again: (_record, { by }) => (by === 'retry' ? undefined : { asked_by: undefined }),
  // Nor does a media that comes back from the bin.
  removing: async () => () => ({ asked_by: undefined }),
  owner: {
    records: [
      {
        collection: REANALYSES_COLLECTION,
        by: 'owner_id',
        isWork: true,
        show: (document) => toReanalysis(document as ReanalysisRecord),
      },
      { collection: HOURLY_QUOTES_COLLECTION, by: 'name' },
    ],
  },
};

export function reanalysesInWorker(deps: ReanalysesDeps): Feature {
  const { queue, logger } = deps;
  return {
    ...reanalysesMoments,
    // The run can ask about its next media. If this task is lost, the run's next regular check does the same.
    ended: async ({ record: { id, status, attempts, asked_by } }) => {
      if (!asked_by || !isTerminal(status)) return;
      await queue.enqueueStep(asked_by, `${id}-${attempts}`).catch((error: unknown) => {
        logger.warn({ reanalysis_id: asked_by, error }, 'the next step comes later');
      });
    },
    sweeping: [
      {
        run: () =>
          enqueueOverdue(REANALYSES_COLLECTION, (...step) => queue.enqueueStep(...step), deps),
      },
    ],
  };
}

declare module '../../core/media/record.ts' {
  interface MediaRecord {
    /** The reanalysis that asked for the current attempt. */
    asked_by?: string;
  }
}
