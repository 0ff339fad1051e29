/**
 * The headers that a task sends to its target.
 * https://cloud.google.com/tasks/docs/creating-http-target-tasks#handler
 */
import type { Task } from './model.ts';
import { shortId } from './names.ts';

/**
 * @param task the task before the attempt of these headers
 * @param authorization value of the `Authorization` header, if the task asks for a token
 */
export function dispatchHeaders(
  task: Task,
  authorization: string | undefined,
): Record<string, string> {
  const { progress, request } = task;
  const lastStatus = progress.lastAttempt?.status;
  const named = new Set(Object.keys(request.headers).map((name) => name.toLowerCase()));
  return {
    ...(task.body.length > 0 &&
      !named.has('content-type') && { 'Content-Type': 'application/octet-stream' }),
    ...request.headers,
    'User-Agent': 'Google-Cloud-Tasks',
    ...(authorization !== undefined && { Authorization: authorization }),
    'X-CloudTasks-QueueName': shortId(task.queue),
    'X-CloudTasks-TaskName': shortId(task.name),
    'X-CloudTasks-TaskRetryCount': String(progress.dispatchCount),
    'X-CloudTasks-TaskExecutionCount': String(progress.executionCount),
    'X-CloudTasks-TaskETA': (task.scheduleUs / 1e6).toFixed(6),
    ...(progress.lastHttpStatus !== undefined && {
      'X-CloudTasks-TaskPreviousResponse': String(progress.lastHttpStatus),
    }),
    ...(lastStatus && { 'X-CloudTasks-TaskRetryReason': headerText(lastStatus.message) }),
  };
}

/**
 * Replaces characters that a header must not have: error texts may contain anything, a header only printable ASCII (RFC 9110
 * §5.5).
 */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, ' ');
}
