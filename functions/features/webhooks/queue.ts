/** The tasks that send to webhooks have two queues of their own. */
import type { WebhookTask } from '@media-analysis/shared/webhooks';
import type { EnqueueOptions, TaskQueue } from '../../core/media/task-queue.ts';

/** A route of the worker. */
export const WEBHOOK_ROUTE = '/tasks/webhook';

interface WebhookOptions extends EnqueueOptions {
  /** Slow receivers have a queue of their own, so that the quick ones do not wait for them. */
  isSlow?: boolean;
}

interface Queues {
  WEBHOOK_QUEUE: string;
  SLOW_WEBHOOK_QUEUE: string;
}

export class WebhookQueue {
  readonly #queue: Pick<TaskQueue, 'add'>;
  readonly #queues: Queues;

  constructor(queue: Pick<TaskQueue, 'add'>, queues: Queues) {
    this.#queue = queue;
    this.#queues = queues;
  }

  /** @param suffix Ends the name of a second task for the same try, in case the first was lost. */
  enqueueWebhook(
    task: WebhookTask,
    { isSlow = false, ...options }: WebhookOptions = {},
    suffix = '',
  ): Promise<boolean> {
    const { WEBHOOK_QUEUE, SLOW_WEBHOOK_QUEUE } = this.#queues;
    const { delivery_id, round, tries } = task;
    const added = {
      queue: { name: isSlow ? SLOW_WEBHOOK_QUEUE : WEBHOOK_QUEUE },
      name: `${delivery_id}-${round}-${tries}${suffix}`,
      route: WEBHOOK_ROUTE,
      payload: task,
    };
    return this.#queue.add(added, options);
  }
}
