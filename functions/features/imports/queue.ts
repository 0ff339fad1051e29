/** The tasks of imports wait in the queues of the analyses. */
import type { ImportPayload } from '@media-analysis/shared/media';
import type { EnqueueOptions, TaskQueue } from '../../core/media/task-queue.ts';

/** A route of the worker. */
export const IMPORT_ROUTE = '/tasks/import';

/** The route of the worker to which Pub/Sub pushes the notifications of Cloud Storage. */
export const ARRIVAL_ROUTE = '/tasks/arrival';

interface ImportOptions extends EnqueueOptions {
  /** A step that downloads may take minutes, so it gets a lane where no photo waits behind it. */
  downloads?: boolean;
}

export class ImportQueue {
  readonly #queue: Pick<TaskQueue, 'add'>;

  constructor(queue: Pick<TaskQueue, 'add'>) {
    this.#queue = queue;
  }

  /** @param suffix The end of the task's name: two calls with the same suffix create one task. */
  enqueueImport(
    id: string,
    suffix: string,
    { downloads = false, ...options }: ImportOptions = {},
  ): Promise<boolean> {
    const payload: ImportPayload = { import_id: id };
    const lane = downloads ? 'patient' : 'analyze';
    const name = `${id}-import-${suffix}`;
    return this.#queue.add({ queue: { lane }, name, route: IMPORT_ROUTE, payload }, options);
  }
}
