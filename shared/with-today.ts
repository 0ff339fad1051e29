import type { MediaFilters } from './search.ts';

/**
 * Words that are counted from the day on which they are said: yesterday, last week, 今年, きのう. Of all else, that day says
 * nothing, and a service of an earlier release does not know the parameter.
 */
const FROM_TODAY = /day|last|this|[昨今先去本きおこ]/i;

/** Only who searches knows which day it is there. */
export function withToday<F extends MediaFilters>(filters: F): F {
  if (!FROM_TODAY.test(filters.q ?? '')) return filters;
  // In Swedish, a date is written as in ISO 8601.
  return { today: new Date().toLocaleDateString('sv'), ...filters };
}
