/**
 * Resource names and their syntax.
 * https://cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2#task
 */
import { randomBytes } from 'node:crypto';
import { invalidArgument } from '../base/rpc-error.ts';

const LOCATION = 'projects/[A-Za-z0-9.:-]+/locations/[A-Za-z0-9-]+';
const QUEUE = `${LOCATION}/queues/[A-Za-z0-9-]{1,100}`;

const LOCATION_NAME = new RegExp(`^${LOCATION}$`);
const QUEUE_NAME = new RegExp(`^${QUEUE}$`);
const TASK_NAME = new RegExp(`^${QUEUE}/tasks/[A-Za-z0-9_-]{1,500}$`);

/** These functions return the name if it is valid. @throws {RpcError} INVALID_ARGUMENT */
export function locationName(name: string | null | undefined): string {
  return check(name, LOCATION_NAME, 'projects/PROJECT_ID/locations/LOCATION_ID');
}

export function queueName(name: string | null | undefined): string {
  return check(name, QUEUE_NAME, 'projects/PROJECT_ID/locations/LOCATION_ID/queues/QUEUE_ID');
}

export function taskName(name: string | null | undefined): string {
  const form = 'projects/PROJECT_ID/locations/LOCATION_ID/queues/QUEUE_ID/tasks/TASK_ID';
  return check(name, TASK_NAME, form);
}

/** A name for a task that has none. Like Google's, its id is a random number. */
export function generateTaskName(queue: string): string {
  return `${queue}/tasks/${randomBytes(8).readBigUInt64BE()}`;
}

/** `…/queues/uploads` → `uploads`. */
export function shortId(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** The queue in a task's name. */
export function queueOf(task: string): string {
  return task.slice(0, task.lastIndexOf('/tasks/'));
}

function check(name: string | null | undefined, grammar: RegExp, form: string): string {
  if (name && grammar.test(name)) return name;
  throw invalidArgument(`Resource name "${name ?? ''}" does not have the form ${form}.`);
}
