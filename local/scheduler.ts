/** Stands for Cloud Scheduler: calls the sweep every few minutes with a signed token. */

import { toStderr } from './base/to-stderr.ts';
import type { Identity } from './identity/identity.ts';

const INTERVAL_MS = 5 * 60 * 1_000;

/** Calls a route of the worker as Google's services do. */
export type CallWorker = (path: string, body?: unknown) => Promise<Response>;

/** @param url Address of the worker's front. */
export function createWorkerCaller(
  url: string,
  identity: Identity,
  { WORKER_URL = '', TASKS_SERVICE_ACCOUNT = '' }: Record<string, string>,
): CallWorker {
  return async (path, body) => {
    const token = await identity.sign({
      sub: TASKS_SERVICE_ACCOUNT,
      email: TASKS_SERVICE_ACCOUNT,
      audience: WORKER_URL,
    });
    return fetch(`${url}${path}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body ?? {}),
    });
  };
}

/**
 * @param report Gets a line when a sweep failed; the default writes it to stderr.
 * @returns A function that stops the scheduler.
 */
export function startScheduler(
  callWorker: CallWorker,
  intervalMs = INTERVAL_MS,
  report = toStderr,
): () => void {
  const sweep = async () => {
    const response = await callWorker('/tasks/sweep');
    if (!response.ok) throw new Error(`the worker answered ${response.status}`);
  };
  const timer = setInterval(() => {
    sweep().catch((error: unknown) =>
      report(`The sweep failed and will run again at the next interval: ${error}`),
    );
  }, intervalMs);
  return () => clearInterval(timer);
}
