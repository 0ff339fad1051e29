/** What Cloud Scheduler is in the cloud: calls the sweeper every five minutes, with a signed token. */
import type { Identity } from './identity/identity.ts';
import type { Unit } from './units.ts';

const INTERVAL_MS = 5 * 60 * 1_000;

export interface Scheduler {
  run(): Promise<void>;
  stop(): void;
}

export function startScheduler(
  worker: Unit,
  identity: Identity,
  environment: Record<string, string>,
): Scheduler {
  const { WORKER_URL = '', TASKS_SERVICE_ACCOUNT = '' } = environment;
  const run = async () => {
    const token = await identity.sign({
      sub: TASKS_SERVICE_ACCOUNT,
      email: TASKS_SERVICE_ACCOUNT,
      audience: WORKER_URL,
    });
    const response = await fetch(`http://127.0.0.1:${await worker.listening()}/tasks/sweep`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
    });
    if (!response.ok) throw new Error(`The sweeper answered ${response.status}.`);
  };
  const timer = setInterval(() => {
    run().catch((error: unknown) => console.error('The sweeper could not run:', error));
  }, INTERVAL_MS);
  return { run, stop: () => clearInterval(timer) };
}
