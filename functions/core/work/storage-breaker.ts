/** Stops the work on media while Cloud Storage does not answer. */
import { RetryLaterError, ServiceWaitError } from '../../analysis/index.ts';
import { Breaker } from '../../process/breaker.ts';
import { isStorageFault } from '../../process/service-fault.ts';
import type { Work } from './work.ts';

const MAX_PAUSE_MS = 60_000;

/**
 * All work with files needs Cloud Storage. After the first failure the other deliveries wait, and one at a time tries
 * whether Cloud Storage is back. It does so for all owners, so the others wait only until Cloud Storage has answered it,
 * and not for what the file or a model takes. All may go as soon as one work has ended well.
 *
 * @returns the same works, which throw {@link ServiceWaitError} while Cloud Storage is away
 */
export function withStorageBreaker<T extends string>(
  works: Record<T, Work>,
  now: () => number,
  breaker = new Breaker(),
): Record<T, Work> {
  const guarded =
    (work: Work): Work =>
    async (lease, limits) => {
      if (!breaker.allows(now())) {
        throw new ServiceWaitError('unavailable', breaker.retryAt(now()));
      }
      const isProbe = breaker.begin(now());
      try {
        await work(lease, { ...limits, onStorageAnswer: () => breaker.probeEnded(now()) });
        breaker.answered();
      } catch (error) {
        // A `RetryLaterError` is about the service of a model, and not about Cloud Storage.
        if (!(error instanceof RetryLaterError) && isStorageFault(error)) {
          breaker.failed(isProbe, now(), { maxPauseMs: MAX_PAUSE_MS });
        } else if (isProbe) breaker.probeEnded(now());
        throw error;
      }
    };
  const entries = Object.entries<Work>(works).map(([phase, work]) => [phase, guarded(work)]);
  return Object.fromEntries(entries) as Record<T, Work>;
}
