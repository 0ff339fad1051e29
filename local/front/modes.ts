/** How hard the front is: as a person wants it on one machine, or as the platform may be at its worst. */
import type { UnitName } from '../units.ts';
import { DEPLOYED, type ServiceSettings } from './deployed.ts';

/** What the platform does with instances, beside the numbers of a service. */
export interface Conduct {
  /**
   * An instance gets no CPU while it has no request:
   * https://cloud.google.com/run/docs/configuring/billing-settings (request-based billing)
   */
  freezes: boolean;
  /** The next request goes to the instance that was idle longest, and not to the one that is in use. */
  spreads: boolean;
  /** How long an instance may be idle before it is taken away, in milliseconds. */
  idleMs: number;
  /** Every second idle instance is taken away without SIGTERM, as one that ran out of memory is. */
  vanishes: boolean;
}

export interface Mode {
  services: Record<UnitName, ServiceSettings>;
  conduct: Conduct;
}

/** As many as both queues deliver at once (`provision.ts`): a second worker would only take memory. */
const ALL_DELIVERIES = 10;

/** `npm start`: the rules, and one instance of each service, which is always there. */
export const RELAXED: Mode = {
  services: {
    api: { ...DEPLOYED.api, minInstances: 1 },
    worker: { ...DEPLOYED.worker, minInstances: 1, concurrency: ALL_DELIVERIES },
    stream: { ...DEPLOYED.stream, minInstances: 1 },
  },
  conduct: { freezes: false, spreads: false, idleMs: 60_000, vanishes: false },
};

/**
 * The tests' mode. Few requests fit into an instance, so that there are several at once and one user's
 * requests meet different ones; whatever is idle is frozen at once and soon gone.
 */
export const STRICT: Mode = {
  services: {
    api: { ...DEPLOYED.api, concurrency: 3 },
    worker: { ...DEPLOYED.worker, concurrency: 4 },
    stream: { ...DEPLOYED.stream, concurrency: 3 },
  },
  conduct: { freezes: true, spreads: true, idleMs: 6_000, vanishes: true },
};
