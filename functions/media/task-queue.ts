/** Puts tasks on their queue: at most one task for each phase of each attempt. */
import type { CloudTasksClient } from '@google-cloud/tasks';
import type { ImportPayload, Phase, StepPayload, TaskPayload } from '@media-analysis/shared/media';
import { RETRY_DEFAULTS, retry } from '@media-analysis/shared/retry';
import type { WebhookTask } from '@media-analysis/shared/webhooks';
import { NoAnswerError } from '../process/answer-limit.ts';
import { ALREADY_EXISTS, hasCode, NOT_FOUND } from '../process/grpc-status.ts';
import { currentTraceparent } from '../process/trace.ts';

/** The route of the worker that gets the tasks of a phase. */
export const TASK_ROUTES: Record<Phase, string> = {
  upload: '/tasks/upload-media',
  analyze: '/tasks/analyze-media',
};

/** The route of the worker that gets the steps of reanalyses. They are on the queue of the analyses. */
export const REANALYSE_ROUTE = '/tasks/reanalyse';

/** The route of the worker that gets the steps of imports. They are on the queues of the analyses, too. */
export const IMPORT_ROUTE = '/tasks/import';

/** The route of the worker to which Pub/Sub pushes what Cloud Storage tells of new objects. */
export const ARRIVAL_ROUTE = '/tasks/arrival';

/** The route of the worker that sends to webhooks. They are on two queues of their own. */
export const WEBHOOK_ROUTE = '/tasks/webhook';

export interface QueueConfig {
  GOOGLE_CLOUD_PROJECT: string;
  TASKS_LOCATION: string;
  UPLOAD_QUEUE: string;
  ANALYZE_QUEUE: string;
  FLEX_QUEUE: string;
  WEBHOOK_QUEUE: string;
  SLOW_WEBHOOK_QUEUE: string;
  DELIVERY_TIMEOUT_S: number;
  FLEX_TIMEOUT_S: number;
  WORKER_URL: string;
  TASKS_SERVICE_ACCOUNT: string;
}

export interface EnqueueOptions {
  /** The task is delivered after this time. */
  delayMs?: number;
  /** How often the call is repeated if it fails. */
  retries?: number;
  /**
   * If the name is taken, but its task is gone (delivered, or purged), a task with this at the end of its name is created. A
   * task that still waits is enough.
   */
  ifGone?: string;
}

export interface ImportOptions extends EnqueueOptions {
  /** Whether the step downloads from addresses. */
  downloads?: boolean;
}

interface WebhookOptions extends EnqueueOptions {
  /** Whether its receiver is slow: then it is on a queue where no other receiver stands behind it. */
  isSlow?: boolean;
}

export class TaskQueue {
  readonly #client: () => Promise<CloudTasksClient>;
  readonly #config: QueueConfig;

  constructor(client: () => Promise<CloudTasksClient>, config: QueueConfig) {
    this.#client = client;
    this.#config = config;
  }

  /**
   * The task's name is deterministic, so a second call creates no second task.
   * @param suffix Makes another task of the same phase possible: a used name stays taken for a day.
   * @returns whether a new task was created
   */
  enqueue(
    phase: Phase,
    payload: TaskPayload,
    suffix = '',
    options: EnqueueOptions = {},
  ): Promise<boolean> {
    const queue = this.#queuePath(phase, payload);
    const name = this.#taskName(phase, payload, suffix);
    return this.#create(queue, name, TASK_ROUTES[phase], payload, options);
  }

  /**
   * Has the worker make the next step of a reanalysis.
   * @param suffix Of the task's name: two calls with the same one create one task.
   */
  enqueueStep(id: string, suffix: string, options: EnqueueOptions = {}): Promise<boolean> {
    const queue = this.#queuePath('analyze', {});
    const payload: StepPayload = { reanalysis_id: id };
    const name = `${queue}/tasks/${id}-reanalyse-${suffix}`;
    return this.#create(queue, name, REANALYSE_ROUTE, payload, options);
  }

  /**
   * Has the worker make the next step of an import. One that downloads may take minutes: it is where no photo stands behind it.
   * @param suffix Of the task's name: two calls with the same one create one task.
   */
  enqueueImport(id: string, suffix: string, options: ImportOptions = {}): Promise<boolean> {
    const queue = this.#queuePath('analyze', options.downloads ? { tier: 'flex' } : {});
    const payload: ImportPayload = { import_id: id };
    const name = `${queue}/tasks/${id}-import-${suffix}`;
    return this.#create(queue, name, IMPORT_ROUTE, payload, options);
  }

  /**
   * Has the worker try one delivery to a webhook.
   * @param suffix Of the task's name, where the task for this try may be lost.
   */
  enqueueWebhook(task: WebhookTask, options: WebhookOptions = {}, suffix = ''): Promise<boolean> {
    const { WEBHOOK_QUEUE, SLOW_WEBHOOK_QUEUE } = this.#config;
    const queue = this.#pathOf(options.isSlow ? SLOW_WEBHOOK_QUEUE : WEBHOOK_QUEUE);
    const { delivery_id, round, tries } = task;
    const name = `${queue}/tasks/${delivery_id}-${round}-${tries}${suffix}`;
    return this.#create(queue, name, WEBHOOK_ROUTE, task, options);
  }

  async #create(
    queue: string,
    name: string,
    route: string,
    payload: TaskPayload | StepPayload | ImportPayload | WebhookTask,
    { delayMs = 0, retries = RETRY_DEFAULTS.retries, ifGone }: EnqueueOptions,
  ): Promise<boolean> {
    const { WORKER_URL, TASKS_SERVICE_ACCOUNT, DELIVERY_TIMEOUT_S, FLEX_TIMEOUT_S } = this.#config;
    const isPatient = 'tier' in payload && payload.tier !== undefined;
    const client = await this.#client();
    const traceparent = currentTraceparent();
    const task = {
      name,
      dispatchDeadline: { seconds: isPatient ? FLEX_TIMEOUT_S : DELIVERY_TIMEOUT_S },
      ...(delayMs > 0 && { scheduleTime: inWholeSeconds(Date.now() + delayMs) }),
      httpRequest: {
        url: `${WORKER_URL}${route}`,
        httpMethod: 'POST' as const,
        headers: { 'Content-Type': 'application/json', ...(traceparent && { traceparent }) },
        body: Buffer.from(JSON.stringify(payload)),
        oidcToken: { serviceAccountEmail: TASKS_SERVICE_ACCOUNT, audience: WORKER_URL },
      },
    };
    try {
      // Repeating is safe because the task has a name. The client does not repeat CreateTask by itself.
      await retry(() => client.createTask({ parent: queue, task }), {
        retries,
        initialDelayMs: 100,
        isRetryable: (error) =>
          !hasCode(error, ALREADY_EXISTS) && !(error instanceof NoAnswerError),
      });
      return true;
    } catch (error) {
      if (!hasCode(error, ALREADY_EXISTS)) throw error;
      if (ifGone === undefined || (await this.#isThere(name))) return false;
      return this.#create(queue, `${name}${ifGone}`, route, payload, { delayMs, retries });
    }
  }

  async #isThere(name: string): Promise<boolean> {
    try {
      await (await this.#client()).getTask({ name });
      return true;
    } catch (error) {
      if (!hasCode(error, NOT_FOUND)) throw error;
      return false;
    }
  }

  /** Loads the client before its first use. An error is ignored here, because the first use will meet it too. */
  async prepare(): Promise<void> {
    await this.#client().catch(() => undefined);
  }

  /** Deletes a task that has not been delivered yet. */
  async cancel(phase: Phase, payload: TaskPayload): Promise<void> {
    try {
      const client = await this.#client();
      await client.deleteTask({ name: this.#taskName(phase, payload, '') });
    } catch (error) {
      if (!hasCode(error, NOT_FOUND)) throw error;
    }
  }

  #taskName(phase: Phase, payload: TaskPayload, suffix: string): string {
    const { media_id, attempt } = payload;
    return `${this.#queuePath(phase, payload)}/tasks/${media_id}-${phase}-${attempt}${suffix}`;
  }

  #queuePath(phase: Phase, payload: Pick<TaskPayload, 'tier'>): string {
    return this.#pathOf(this.#queueOf(phase, payload));
  }

  #pathOf(queue: string): string {
    const { GOOGLE_CLOUD_PROJECT, TASKS_LOCATION } = this.#config;
    return `projects/${GOOGLE_CLOUD_PROJECT}/locations/${TASKS_LOCATION}/queues/${queue}`;
  }

  #queueOf(phase: Phase, { tier }: Pick<TaskPayload, 'tier'>): string {
    const { UPLOAD_QUEUE, ANALYZE_QUEUE, FLEX_QUEUE } = this.#config;
    if (phase === 'upload') return UPLOAD_QUEUE;
    return tier ? FLEX_QUEUE : ANALYZE_QUEUE;
  }
}

function inWholeSeconds(ms: number): { seconds: number } {
  return { seconds: Math.ceil(ms / 1_000) };
}
