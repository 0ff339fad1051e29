import { type Mode, RELAXED, STRICT } from '../../local/front/modes.ts';
import { isLong } from './long-test.ts';

/** The relaxed mode, in which a unit starts with its first request: many files use one or two of the three. */
export const ON_DEMAND: Mode = {
  ...RELAXED,
  services: {
    api: { ...RELAXED.services.api, minInstances: 0 },
    worker: { ...RELAXED.services.worker, minInstances: 0 },
    stream: { ...RELAXED.services.stream, minInstances: 0 },
  },
};

/**
 * For files of which no test is about instances that come and go: the strict mode in the long run alone. It starts two to
 * three times as many units, and each of them takes one to two seconds of CPU before it is quick.
 */
export const STRICT_IN_LONG_RUN: Mode = isLong ? STRICT : ON_DEMAND;
