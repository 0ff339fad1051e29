/**
 * Decides about the beginning and the end of an attempt, and whether another one follows. Pure functions; the dispatcher applies
 * the decisions.
 */
import { status } from '@grpc/grpc-js';
import { backoffMs, isExhausted } from './backoff.ts';
import type { RetryConfig, RpcStatus, Task, TaskProgress } from './model.ts';

/** The result of pushing a task to its target. */
export type PushResult =
  | { kind: 'response'; httpStatus: number; retryAfterMs?: number }
  | { kind: 'no_response'; status: RpcStatus };

/** `end`: the task succeeded or is given up. */
export type RetryDecision =
  | { kind: 'end' }
  | { kind: 'retry'; scheduleUs: number; progress: TaskProgress };

/** The task's progress at the start of an attempt. */
export function beginAttempt(task: Task, nowUs: number): TaskProgress {
  const { lastAttempt: _previous, ...progress } = task.progress;
  return {
    ...progress,
    dispatchCount: progress.dispatchCount + 1,
    firstDispatchUs: progress.firstDispatchUs ?? nowUs,
    lastAttempt: { scheduleUs: task.scheduleUs, dispatchUs: nowUs },
  };
}

/**
 * @param task the stored task at the end of the attempt
 * @param retryFromUs start of the backoff: the failure, or the call of RunTask
 */
export function decideRetry(
  task: Task,
  result: PushResult,
  config: RetryConfig,
  nowUs: number,
  retryFromUs: number,
): RetryDecision {
  if (result.kind === 'response' && isSuccess(result.httpStatus)) return { kind: 'end' };

  const attempts = task.progress.dispatchCount;
  const retryAfterUs = result.kind === 'response' ? (result.retryAfterMs ?? 0) * 1e3 : 0;
  const scheduleUs = Math.max(
    retryFromUs + backoffMs(config, attempts) * 1e3,
    nowUs + retryAfterUs,
  );
  const firstDispatchUs = task.progress.firstDispatchUs ?? nowUs;
  const history = { attempts, createUs: task.createUs, firstDispatchUs };
  if (isExhausted(config, history, nowUs, scheduleUs)) return { kind: 'end' };
  return { kind: 'retry', scheduleUs, progress: endAttempt(task, result, nowUs) };
}

function endAttempt(
  { progress, scheduleUs }: Task,
  result: PushResult,
  nowUs: number,
): TaskProgress {
  const attempt = progress.lastAttempt ?? { scheduleUs, dispatchUs: nowUs };
  if (result.kind === 'no_response') {
    return { ...progress, lastAttempt: { ...attempt, responseUs: nowUs, status: result.status } };
  }
  const { httpStatus } = result;
  return {
    ...progress,
    responseCount: progress.responseCount + 1,
    executionCount: progress.executionCount + (httpStatus >= 500 ? 0 : 1),
    lastHttpStatus: httpStatus,
    lastAttempt: { ...attempt, responseUs: nowUs, status: toRpcStatus(httpStatus) },
  };
}

function isSuccess(httpStatus: number): boolean {
  return httpStatus >= 200 && httpStatus < 300;
}

/** The google.rpc code that `google/rpc/code.proto` assigns to an HTTP status. */
function toRpcStatus(httpStatus: number): RpcStatus {
  const codes: Record<number, status> = {
    400: status.INVALID_ARGUMENT,
    401: status.UNAUTHENTICATED,
    403: status.PERMISSION_DENIED,
    404: status.NOT_FOUND,
    409: status.ABORTED,
    429: status.RESOURCE_EXHAUSTED,
    499: status.CANCELLED,
    500: status.INTERNAL,
    501: status.UNIMPLEMENTED,
    503: status.UNAVAILABLE,
    504: status.DEADLINE_EXCEEDED,
  };
  const code = codes[httpStatus] ?? status.UNKNOWN;
  return { code, message: `${status[code]}(${code}): HTTP status code ${httpStatus}` };
}
