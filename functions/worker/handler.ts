/** The routes for Cloud Tasks, Cloud Scheduler and Pub/Sub. 2xx: the task is done. Other answers: deliver it again later. */
import {
  importPayloadSchema,
  type Phase,
  stepPayloadSchema,
  taskPayloadSchema,
} from '@media-analysis/shared/media';
import { type WebhookTask, webhookTaskSchema } from '@media-analysis/shared/webhooks';
import { readJson } from '../http/body.ts';
import type { AuthenticateTask } from '../http/identity.ts';
import { sendJson, sendNothing } from '../http/respond.ts';
import type { Call, Route } from '../http/router.ts';
import {
  ARRIVAL_ROUTE,
  IMPORT_ROUTE,
  REANALYSE_ROUTE,
  TASK_ROUTES,
  WEBHOOK_ROUTE,
} from '../media/task-queue.ts';
import { withLogFields } from '../process/log.ts';
import { type Answer, deliver, type Work, type WorkerDeps } from './delivery.ts';
import { type Arrival, arrivalSchema } from './imports/arrival.ts';

export interface WorkerServices {
  deps: WorkerDeps;
  work: Record<Phase, Work>;
  sweep: () => Promise<number>;
  /** Makes the next step of a reanalysis. */
  reanalyse: (id: string) => Promise<Answer>;
  /** Makes the next step of an import. */
  importStep: (id: string, task: string | undefined) => Promise<Answer>;
  /** Makes a media of an object that has arrived in a bucket. */
  takeArrived: (arrival: Arrival) => Promise<void>;
  /** Sends to a webhook. */
  deliverWebhook: (
    task: WebhookTask,
    queueName: string | undefined,
    signal: AbortSignal,
  ) => Promise<Answer>;
}

/** What an object's sender has written about it, and who may read it, are part of the message. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

export function createWorkerRoutes(
  authenticate: AuthenticateTask,
  services: () => Promise<WorkerServices>,
  shutdown: AbortSignal,
): Route[] {
  const route = (
    path: string,
    handle: (call: Call, s: WorkerServices) => Promise<void>,
  ): Route => ({
    method: 'POST',
    path,
    handle: async (call) => {
      await authenticate(call.request.headers);
      await handle(call, await services());
    },
  });
  const phaseRoute = (phase: Phase) =>
    route(TASK_ROUTES[phase], async ({ request, response, signal }, { deps, work }) => {
      const payload = await readJson(request, taskPayloadSchema);
      const { 'x-cloudtasks-taskname': task, 'x-cloudtasks-taskretrycount': retries } =
        request.headers;
      const { media_id, attempt } = payload;
      await withLogFields({ media_id, attempt, phase, task, retries }, async () => {
        const started = performance.now();
        const stop = AbortSignal.any([signal, shutdown]);
        const answer = await deliver(phase, payload, deps, work[phase], stop, retries === '0');
        const duration_ms = Math.round(performance.now() - started);
        deps.logger.info({ done: answer.done, duration_ms }, 'delivery');
        send(response, answer);
      });
    });
  return [
    phaseRoute('upload'),
    phaseRoute('analyze'),
    route(REANALYSE_ROUTE, async ({ request, response }, { reanalyse }) => {
      const { reanalysis_id } = await readJson(request, stepPayloadSchema);
      await withLogFields({ reanalysis_id }, async () => {
        send(response, await reanalyse(reanalysis_id));
      });
    }),
    route(IMPORT_ROUTE, async ({ request, response }, { importStep }) => {
      const { import_id } = await readJson(request, importPayloadSchema);
      const task = request.headers['x-cloudtasks-taskname']?.toString();
      await withLogFields({ import_id, task }, async () => {
        send(response, await importStep(import_id, task));
      });
    }),
    route(ARRIVAL_ROUTE, async ({ request, response }, { takeArrived }) => {
      await takeArrived(await readJson(request, arrivalSchema, MAX_MESSAGE_BYTES));
      sendNothing(response);
    }),
    route(WEBHOOK_ROUTE, async ({ request, response, signal }, { deliverWebhook }) => {
      const task = await readJson(request, webhookTaskSchema);
      const queueName = request.headers['x-cloudtasks-queuename']?.toString();
      const stop = AbortSignal.any([signal, shutdown]);
      await withLogFields({ delivery_id: task.delivery_id }, async () => {
        send(response, await deliverWebhook(task, queueName, stop));
      });
    }),
    route('/tasks/sweep', async ({ response }, { sweep }) => {
      sendJson(response, 200, { enqueued: await sweep() });
    }),
  ];
}

function send(response: Call['response'], answer: Answer): void {
  if (answer.done) {
    sendNothing(response);
    return;
  }
  // "The retry specified in the Retry-After HTTP response header is considered":
  // https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues.tasks#HttpRequest
  if (answer.retryAfterMs > 0) {
    response.setHeader('Retry-After', Math.ceil(answer.retryAfterMs / 1_000));
  }
  sendNothing(response, answer.status);
}
