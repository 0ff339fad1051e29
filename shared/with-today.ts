import type { MediaFilters } from './search.ts';

/**
 * Words that count from today: yesterday, last week, 2年前, きのう, since May. Other words do not need the day of the caller, and a
 * service of an earlier release does not know the parameter.
 */
const FROM_TODAY = /day|last|this|since|\bago|[年月日間]前|[昨今先去本きおこ曜]/i;

/** Adds the caller's date, which only the caller knows. */
export function withToday<F extends MediaFilters>(filters: F): F {
  if (!FROM_TODAY.test(filters.q ?? '')) return filters;
  // In Swedish, a date is written as in ISO 8601.
  return { today: new Date().toLocaleDateString('sv'), ...filters };
}
