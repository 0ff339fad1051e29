/** Where imports take part in the life of a media. */
import type { Firestore } from '@google-cloud/firestore';
import { isTerminal } from '@media-analysis/shared/status';
import type { Feature } from '../../core/media/moments.ts';
import { enqueueOverdue } from '../../core/work/overdue.ts';
import type { Logger } from '../../process/log.ts';
import type { ImportQueue } from './queue.ts';
import { IMPORTS_COLLECTION, type ImportRecord, toImport } from './record.ts';

interface ImportsDeps {
  firestore: Firestore;
  queue: Pick<ImportQueue, 'enqueueImport'>;
  logger: Logger;
  /** An import that is overdue for this time has lost its task. In milliseconds. */
  quietMs: number;
  now: () => number;
}

/** For each unit: the imports of an owner go with the owner. */
export const importsOfOwner: Feature = {
  name: 'imports',
  owner: {
    records: [
      {
        collection: IMPORTS_COLLECTION,
        by: 'owner_id',
        isWork: true,
        show: (document) => toImport(document as ImportRecord),
      },
    ],
  },
};

export function importsInWorker(deps: ImportsDeps): Feature {
  const { queue, logger } = deps;
  return {
    ...importsOfOwner,
    // The import can begin its next media. If this task is lost, the import's next regular check does the same.
    ended: async ({ record: { id, status, attempts, import_id, source_url } }) => {
      // An import waits only for the first attempt.
      if (!import_id || !isTerminal(status) || attempts > 1) return;
      const downloads = source_url !== undefined;
      await queue.enqueueImport(import_id, id, { downloads }).catch((error: unknown) => {
        logger.warn({ import_id, error }, 'the next step comes later');
      });
    },
    sweeping: [
      {
        run: () =>
          enqueueOverdue(IMPORTS_COLLECTION, (...step) => queue.enqueueImport(...step), deps),
      },
    ],
  };
}

declare module '../../core/media/record.ts' {
  interface MediaRecord {
    /** The import that created the media. */
    import_id?: string;
    source_url?: string;
  }
}
