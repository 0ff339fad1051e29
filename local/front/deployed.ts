/**
 * The numbers that the three services are deployed with. They stand in terraform/ too; `npm run deploy:check`
 * fails when the two differ.
 */
import type { UnitName } from '../units.ts';

export interface ServiceSettings {
  /** Requests that one instance takes at once: https://cloud.google.com/run/docs/about-concurrency */
  concurrency: number;
  minInstances: number;
  maxInstances: number;
  /** How long a request may take, in milliseconds, the start of an instance included. */
  timeoutMs: number;
  /** Who may call: whoever IAM lets, or anybody. */
  invoker: 'iam' | 'public';
}

export const DEPLOYED: Record<UnitName, ServiceSettings> = {
  api: {
    concurrency: 40,
    minInstances: 0,
    maxInstances: 20,
    timeoutMs: 330_000,
    invoker: 'public',
  },
  worker: {
    concurrency: 2,
    minInstances: 0,
    maxInstances: 10,
    timeoutMs: 300_000,
    invoker: 'iam',
  },
  stream: {
    concurrency: 1_000,
    minInstances: 0,
    maxInstances: 10,
    timeoutMs: 3_600_000,
    invoker: 'public',
  },
};
