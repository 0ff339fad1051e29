/** Puts tasks on their queue: at most one task for each phase of each attempt. */
import type { CloudTasksClient } from '@google-cloud/tasks';
import type { Phase, TaskPayload } from '@media-analysis/shared/media';
import { RETRY_DEFAULTS, retry } from '@media-analysis/shared/retry';
import { ALREADY_EXISTS, hasCode, NOT_FOUND, NoAnswerError } from '../../process/grpc-status.ts';
import { currentTraceparent } from '../../process/trace.ts';

/** The route of the worker that gets the tasks of a phase. */
export const TASK_ROUTES: Record<Phase, string> = {
  upload: '/tasks/upload-media',
  analyze: '/tasks/analyze-media',
};

export interface QueueConfig {
  GOOGLE_CLOUD_PROJECT: string;
  TASKS_LOCATION: string;
  UPLOAD_QUEUE: string;
  ANALYZE_QUEUE: string;
  FLEX_QUEUE: string;
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

/** A task that is not of a phase. */
export interface NewTask {
  /** The queue's name in the project, or the one of a lane: `analyze`, or `patient` for what takes long. */
  queue: { name: string } | { lane: 'analyze' | 'patient' };
  /** Deterministic: a second task of the same name is not created. */
  name: string;
  /** The path of the worker that gets it. */
  route: string;
  payload: object;
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
    const isPatient = payload.tier !== undefined;
    return this.#create({ queue, name, route: TASK_ROUTES[phase], payload, isPatient }, options);
  }

  /** @returns whether a new task was created */
  add({ queue, name, route, payload }: NewTask, options: EnqueueOptions = {}): Promise<boolean> {
    const path =
      'name' in queue
        ? this.#pathOf(queue.name)
        : this.#queuePath('analyze', queue.lane === 'patient' ? { tier: 'flex' } : {});
    const task = { queue: path, name: `${path}/tasks/${name}`, route, payload, isPatient: false };
    return this.#create(task, options);
  }

  async #create(
    named: { queue: string; name: string; route: string; payload: object; isPatient: boolean },
    { delayMs = 0, retries = RETRY_DEFAULTS.retries, ifGone }: EnqueueOptions,
  ): Promise<boolean> {
    const { WORKER_URL, TASKS_SERVICE_ACCOUNT, DELIVERY_TIMEOUT_S, FLEX_TIMEOUT_S } = this.#config;
    const { queue, name, route, payload, isPatient } = named;
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
      return this.#create({ ...named, name: `${name}${ifGone}` }, { delayMs, retries });
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
