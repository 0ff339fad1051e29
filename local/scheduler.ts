/** What Cloud Scheduler is in the cloud: calls the sweeper every few minutes, with a signed token. */
import type { Identity } from './identity/identity.ts';

const INTERVAL_MS = 5 * 60 * 1_000;

/** Calls a route of the worker as Google's services do. */
export type CallWorker = (path: string, body?: unknown) => Promise<Response>;

/** @param url Where the worker's front is. */
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

/** @returns what stops it. */
export function startScheduler(callWorker: CallWorker, intervalMs = INTERVAL_MS): () => void {
  const sweep = async () => {
    const response = await callWorker('/tasks/sweep');
    if (!response.ok) throw new Error(`it answered ${response.status}`);
  };
  const timer = setInterval(() => {
    sweep().catch((error: unknown) => console.error('The sweeper could not run:', error));
  }, intervalMs);
  return () => clearInterval(timer);
}
