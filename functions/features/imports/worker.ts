import { importPayloadSchema } from '@media-analysis/shared/media';
import type { WorkerFeature } from '../../core/parts.ts';
import { readJson } from '../../http/body.ts';
import { withLogFields } from '../../process/log.ts';
import { type ArrivalDeps, acceptArrival, arrivalSchema } from './arrival.ts';
import { importsInWorker } from './moments.ts';
import { ARRIVAL_ROUTE, IMPORT_ROUTE, ImportQueue } from './queue.ts';
import { importableBuckets } from './settings.ts';
import { importStep } from './step.ts';

/** A message includes the metadata of the object, and its access list. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

type Settings = Parameters<typeof importableBuckets>[0] & {
  IMPORT_NEW_OBJECTS: ArrivalDeps['rules'];
  MAX_BYTES_PER_DAY: number;
  MAX_FILES_PER_DAY: number;
  MAX_QUEUED_PER_OWNER: number;
  MAX_UPLOAD_BYTES: number;
  WEBHOOK_LOOPBACK: 'refuse' | 'allow';
};

/** Makes media of what lies in buckets, or at addresses of the web. */
export const imports: WorkerFeature<Settings> = {
  paths: [IMPORT_ROUTE, ARRIVAL_ROUTE],
  create: (kit) => {
    const { config } = kit;
    const perDay = { bytes: config.MAX_BYTES_PER_DAY, files: config.MAX_FILES_PER_DAY };
    const deps = {
      ...kit,
      queue: new ImportQueue(kit.queue),
      buckets: importableBuckets(config),
      loopback: config.WEBHOOK_LOOPBACK,
      rules: config.IMPORT_NEW_OBJECTS,
      limits: {
        // The other half is for what its owner sends meanwhile.
        inFlight: Math.ceil(config.MAX_QUEUED_PER_OWNER / 2),
        maxUploadBytes: config.MAX_UPLOAD_BYTES,
        perDay,
      },
    };
    return {
      moments: importsInWorker(deps),
      tasks: {
        [IMPORT_ROUTE]: async ({ request }) => {
          const { import_id } = await readJson(request, importPayloadSchema);
          const task = request.headers['x-cloudtasks-taskname']?.toString();
          return withLogFields({ import_id, task }, () => importStep(import_id, deps, task));
        },
        [ARRIVAL_ROUTE]: async ({ request }) => {
          await acceptArrival(await readJson(request, arrivalSchema, MAX_MESSAGE_BYTES), deps);
          return { done: true };
        },
      },
    };
  },
};
