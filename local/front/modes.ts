/** How strict the front is: convenient for a user on one machine, or like the platform at its worst. */
import { AT_A_TIME } from '../base/provision.ts';
import type { UnitName } from '../base/units.ts';
import { DEPLOYED, type ServiceSettings } from './deployed.ts';

/** The platform's treatment of instances, besides the numbers of a service. */
export interface Conduct {
  /**
   * An instance gets no CPU while it has no request:
   * https://cloud.google.com/run/docs/configuring/billing-settings (request-based billing)
   */
  freezes: boolean;
  /** The next request goes to the instance that was idle longest, instead of one that is in use. */
  spreads: boolean;
  /** How long an instance may be idle before it is ended, in milliseconds. */
  idleMs: number;
  /** Every second idle instance is killed without SIGTERM, like one that ran out of memory. */
  vanishes: boolean;
}

export interface Mode {
  services: Record<UnitName, ServiceSettings>;
  conduct: Conduct;
}

/** All queues together send this many deliveries at once (`provision.ts`). A second worker would only need more memory. */
const ALL_DELIVERIES = Object.values(AT_A_TIME).reduce((sum, each) => sum + each);

/** The mode of `npm start`: all rules, and exactly one permanent instance of each service. */
export const RELAXED: Mode = {
  services: {
    api: { ...DEPLOYED.api, minInstances: 1 },
    worker: { ...DEPLOYED.worker, minInstances: 1, concurrency: ALL_DELIVERIES },
    stream: { ...DEPLOYED.stream, minInstances: 1 },
  },
  // As long as Cloud Run keeps one at most: https://cloud.google.com/run/docs/about-instance-autoscaling
  conduct: { freezes: false, spreads: false, idleMs: 15 * 60_000, vanishes: false },
};

/**
 * Like the relaxed mode, but a unit starts with its first request: for `npm run dev`, and for tests that use one or two of the
 * three.
 */
export const ON_DEMAND: Mode = {
  ...RELAXED,
  services: {
    api: { ...RELAXED.services.api, minInstances: 0 },
    worker: { ...RELAXED.services.worker, minInstances: 0 },
    stream: { ...RELAXED.services.stream, minInstances: 0 },
  },
};

/**
 * The mode of the tests. An instance takes few requests, so several instances run at once and one user's requests reach different
 * ones. Idle instances freeze at once and end soon.
 */
export const STRICT: Mode = {
  services: {
    api: { ...DEPLOYED.api, concurrency: 3 },
    worker: { ...DEPLOYED.worker, concurrency: 4 },
    stream: { ...DEPLOYED.stream, concurrency: 3 },
  },
  conduct: {
    // Windows has no way to stop a process.
    freezes: process.platform !== 'win32',
    spreads: true,
    idleMs: 6_000,
    vanishes: true,
  },
};
