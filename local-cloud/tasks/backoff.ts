/** Decides when a failed task is tried again, and when it is given up. */
import type { RetryConfig } from './model.ts';

/** "After a task is 31 days old, the task will be deleted" (CreateQueue). */
const MAX_AGE_US = 31 * 86_400e6;

/**
 * Milliseconds until the next attempt after `attempts` failed ones (from 1). The delay doubles
 * `maxDoublings` times, then grows by the last step, and never exceeds `maxBackoff`.
 * https://cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2#retryconfig
 */
export function backoffMs(config: RetryConfig, attempts: number): number {
  const { minBackoffMs, maxBackoffMs, maxDoublings } = config;
  // 64 doublings of a millisecond exceed every maximum. Without this bound, 0 × Infinity would be NaN.
  const doublings = Math.min(attempts - 1, maxDoublings, 64);
  const linearSteps = attempts - 1 - doublings;
  return Math.min(maxBackoffMs, minBackoffMs * 2 ** doublings * (linearSteps + 1));
}

export interface AttemptHistory {
  /** Number of attempts, all of which failed. */
  attempts: number;
  createUs: number;
  firstDispatchUs: number;
}

/**
 * True if the task is given up instead of tried again at `retryUs`. If the queue limits both attempts and time, both limits must
 * be reached.
 */
export function isExhausted(
  config: RetryConfig,
  { attempts, createUs, firstDispatchUs }: AttemptHistory,
  nowUs: number,
  retryUs: number,
): boolean {
  const { maxAttempts, maxRetryDurationMs } = config;
  const limits: boolean[] = [];
  if (maxAttempts !== -1) limits.push(attempts >= maxAttempts);
  if (maxRetryDurationMs > 0) limits.push(nowUs - firstDispatchUs >= maxRetryDurationMs * 1e3);
  return (limits.length > 0 && limits.every(Boolean)) || retryUs > createUs + MAX_AGE_US;
}
