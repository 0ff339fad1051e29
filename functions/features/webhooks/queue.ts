/** The tasks that send to webhooks. They are on two queues of their own. */
import type { WebhookTask } from '@media-analysis/shared/webhooks';
import type { EnqueueOptions, TaskQueue } from '../../core/media/task-queue.ts';

/** The route of the worker that sends. */
export const WEBHOOK_ROUTE = '/tasks/webhook';

interface WebhookOptions extends EnqueueOptions {
  /** Whether its receiver is slow: then it is on a queue where no other receiver stands behind it. */
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

  /**
   * Has the worker try one delivery to a webhook.
   * @param suffix The end of the task's name, where the task for this try may be lost.
   */
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
