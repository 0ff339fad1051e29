/** Stands for Cloud Scheduler: calls the sweep every few minutes with a signed token. */

import type { Identity } from '@media-analysis/local-cloud';
import { toStderr } from './base/to-stderr.ts';

const INTERVAL_MS = 5 * 60 * 1_000;

/** Calls a route of the worker as Google's services do. */
export type CallWorker = (path: string, body?: unknown) => Promise<Response>;

/** @param url address of the worker's front */
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

interface SchedulerOptions {
  intervalMs?: number | undefined;
  /**
   * How long a media of an earlier process has to be quiet before the sweep handles it; undefined without earlier data. After a
   * `kill -9` media may hold a slot in the queues and have no task. Cloud Scheduler would have run meanwhile; so the sweep runs
   * at once, and again when all such media are quiet for long enough.
   */
  leftQuietMs?: number | undefined;
  /** Called with a line when a sweep failed. By default the line goes to stderr. */
  report?: ((line: string) => void) | undefined;
}

/** @returns a function that stops the scheduler */
export function startScheduler(
  callWorker: CallWorker,
  { intervalMs = INTERVAL_MS, leftQuietMs, report = toStderr }: SchedulerOptions = {},
): () => void {
  let isStopped = false;
  const sweep = async () => {
    const response = await callWorker('/tasks/sweep');
    if (!response.ok) throw new Error(`the worker answered ${response.status}`);
  };
  const sweepOrReport = () => {
    sweep().catch((error: unknown) => {
      if (!isStopped) report(`The sweep failed and will run again at the next interval: ${error}`);
    });
  };
  const first = leftQuietMs === undefined ? [] : [0, leftQuietMs];
  const timers = first.map((ms) => setTimeout(sweepOrReport, ms));
  const timer = setInterval(sweepOrReport, intervalMs);
  return () => {
    isStopped = true;
    for (const each of [...timers, timer]) clearTimeout(each);
  };
}
