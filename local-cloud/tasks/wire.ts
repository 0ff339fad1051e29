/** Converts between the messages of the API and the model. */
import type { protos } from '@google-cloud/tasks';
import type { Attempt, Queue, Task, WireQueue, WireTask } from './model.ts';

type WireTimestamp = protos.google.protobuf.ITimestamp;
type WireDuration = protos.google.protobuf.IDuration;
export type View = 'BASIC' | 'FULL';

function toTimestamp(us: number): WireTimestamp {
  const seconds = Math.floor(us / 1e6);
  return { seconds, nanos: (us - seconds * 1e6) * 1e3 };
}

/** Microseconds. Finer fractions are cut off, as the API documents. */
export function fromTimestamp({ seconds, nanos }: WireTimestamp): number {
  return Number(seconds ?? 0) * 1e6 + Math.floor((nanos ?? 0) / 1e3);
}

function toDuration(ms: number): WireDuration {
  const seconds = Math.floor(ms / 1e3);
  return { seconds, nanos: Math.round((ms - seconds * 1e3) * 1e6) };
}

/** Milliseconds. */
export function fromDuration({ seconds, nanos }: WireDuration): number {
  return Number(seconds ?? 0) * 1e3 + Math.trunc((nanos ?? 0) / 1e6);
}

export function toWireQueue(queue: Queue): WireQueue {
  const { maxRetryDurationMs, minBackoffMs, maxBackoffMs, ...retry } = queue.retryConfig;
  return {
    name: queue.name,
    state: queue.state,
    rateLimits: queue.rateLimits,
    retryConfig: {
      ...retry,
      minBackoff: toDuration(minBackoffMs),
      maxBackoff: toDuration(maxBackoffMs),
      ...(maxRetryDurationMs > 0 && { maxRetryDuration: toDuration(maxRetryDurationMs) }),
    },
    ...(queue.purgeUs !== undefined && { purgeTime: toTimestamp(queue.purgeUs) }),
  };
}

/** The task in a response. Only the full view includes the body. */
export function toWireTask(task: Task, view: View): WireTask {
  const { request, progress } = task;
  const { authorization } = request;
  return {
    name: task.name,
    httpRequest: {
      url: request.url,
      httpMethod: request.method,
      headers: { ...request.headers, 'User-Agent': 'Google-Cloud-Tasks' },
      ...(view === 'FULL' && { body: task.body }),
      ...(authorization?.kind === 'oidc' && {
        oidcToken: {
          serviceAccountEmail: authorization.email,
          audience: authorization.audience,
        },
      }),
      ...(authorization?.kind === 'oauth' && {
        oauthToken: { serviceAccountEmail: authorization.email, scope: authorization.scope },
      }),
    },
    // The API cuts this time to whole seconds.
    createTime: toTimestamp(Math.floor(task.createUs / 1e6) * 1e6),
    scheduleTime: toTimestamp(task.scheduleUs),
    dispatchDeadline: toDuration(request.deadlineMs),
    dispatchCount: progress.dispatchCount,
    responseCount: progress.responseCount,
    ...(progress.firstDispatchUs !== undefined && {
      firstAttempt: { dispatchTime: toTimestamp(progress.firstDispatchUs) },
    }),
    ...(progress.lastAttempt && { lastAttempt: toWireAttempt(progress.lastAttempt) }),
    view,
  };
}

function toWireAttempt(attempt: Attempt): protos.google.cloud.tasks.v2.IAttempt {
  return {
    scheduleTime: toTimestamp(attempt.scheduleUs),
    dispatchTime: toTimestamp(attempt.dispatchUs),
    ...(attempt.responseUs !== undefined && { responseTime: toTimestamp(attempt.responseUs) }),
    ...(attempt.status && { responseStatus: attempt.status }),
  };
}
