/** The tasks of imports. They are on the queues of the analyses. */
import type { ImportPayload } from '@media-analysis/shared/media';
import type { EnqueueOptions, TaskQueue } from '../../core/media/task-queue.ts';

/** The route of the worker that gets the steps. */
export const IMPORT_ROUTE = '/tasks/import';

/** The route of the worker to which Pub/Sub pushes what Cloud Storage tells of new objects. */
export const ARRIVAL_ROUTE = '/tasks/arrival';

interface ImportOptions extends EnqueueOptions {
  /** Whether the step downloads from addresses. */
  downloads?: boolean;
}

export class ImportQueue {
  readonly #queue: Pick<TaskQueue, 'add'>;

  constructor(queue: Pick<TaskQueue, 'add'>) {
    this.#queue = queue;
  }

  /**
   * Has the worker make the next step of an import. One that downloads may take minutes: it is where no photo stands behind it.
   * @param suffix The end of the task's name: two calls with the same one create one task.
   */
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
