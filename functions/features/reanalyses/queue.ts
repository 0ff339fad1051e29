/** The tasks of reanalyses wait in the queue of the analyses. */
import type { StepPayload } from '@media-analysis/shared/media';
import type { EnqueueOptions, TaskQueue } from '../../core/media/task-queue.ts';

/** A route of the worker. */
export const REANALYSE_ROUTE = '/tasks/reanalyse';

export class ReanalysisQueue {
  readonly #queue: Pick<TaskQueue, 'add'>;

  constructor(queue: Pick<TaskQueue, 'add'>) {
    this.#queue = queue;
  }

  /** @param suffix The end of the task's name: two calls with the same suffix create one task. */
  enqueueStep(id: string, suffix: string, options: EnqueueOptions = {}): Promise<boolean> {
    const payload: StepPayload = { reanalysis_id: id };
    const name = `${id}-reanalyse-${suffix}`;
    const task = { queue: { lane: 'analyze' as const }, name, route: REANALYSE_ROUTE, payload };
    return this.#queue.add(task, options);
  }
}
