/**
 * The limits with which the three services are deployed. terraform/ has the same numbers; `npm run deploy:check` fails if they
 * differ.
 */
import type { UnitName } from '../base/units.ts';

export interface ServiceSettings {
  /** Requests that one instance handles at once: https://cloud.google.com/run/docs/about-concurrency */
  concurrency: number;
  minInstances: number;
  maxInstances: number;
  /** Limit for a request in milliseconds. Includes the start of an instance. */
  timeoutMs: number;
  /** `iam`: only the accounts that IAM allows may call. `public`: everybody may call. */
  invoker: 'iam' | 'public';
}

export const DEPLOYED: Record<UnitName, ServiceSettings> = {
  api: {
    concurrency: 40,
    minInstances: 0,
    maxInstances: 20,
    timeoutMs: 450_000,
    invoker: 'public',
  },
  worker: {
    concurrency: 2,
    minInstances: 0,
    maxInstances: 20,
    timeoutMs: 1_080_000,
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
