/** The routes for Cloud Tasks, Cloud Scheduler and Pub/Sub. 2xx: the task is done. Other answers: deliver it again later. */
import { AppError } from '@media-analysis/shared/errors';
import { type Phase, taskPayloadSchema } from '@media-analysis/shared/media';
import { TASK_ROUTES } from '../core/media/task-queue.ts';
import type { TaskHandle } from '../core/parts.ts';
import { deliver } from '../core/work/delivery.ts';
import type { Answer, Work, WorkerDeps } from '../core/work/work.ts';
import { readJson } from '../http/body.ts';
import type { AuthenticateTask } from '../http/identity.ts';
import { sendJson, sendNothing } from '../http/respond.ts';
import type { Call, Route } from '../http/router.ts';
import { withLogFields } from '../process/log.ts';

export interface WorkerServices {
  deps: WorkerDeps;
  work: Record<Phase, Work>;
  sweep: () => Promise<number>;
  /** The tasks of features, by their paths. */
  tasks: Readonly<Record<string, TaskHandle>>;
}

export function createWorkerRoutes(
  authenticate: AuthenticateTask,
  services: () => Promise<WorkerServices>,
  shutdown: AbortSignal,
  featurePaths: readonly string[] = [],
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
        const isFirst = retries === '0';
        const delivery = { phase, payload, work: work[phase], signal: stop, isFirst };
        const answer = await deliver(delivery, deps);
        const duration_ms = Math.round(performance.now() - started);
        deps.logger.info({ done: answer.done, duration_ms }, 'delivery');
        send(response, answer);
      });
    });
  return [
    phaseRoute('upload'),
    phaseRoute('analyze'),
    ...featurePaths.map((path) =>
      route(path, async (call, { tasks }) => {
        const handle = tasks[path];
        if (!handle) throw new AppError('not_found', `There are no tasks at ${path}.`);
        send(call.response, await handle(call, AbortSignal.any([call.signal, shutdown])));
      }),
    ),
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
