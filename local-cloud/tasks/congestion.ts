/**
 * System throttling. If a target answers 429 or 503, the whole queue slows down, and speeds up again with
 * successes. The service documents this, but not the numbers.
 * https://cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2#httprequest
 */
import type { RateLimits } from './model.ts';

const DECREASE = 0.5;
const INCREASE = 0.1;
/** A throttled queue still tries about this often. Otherwise it would not notice the recovery. */
const MIN_DISPATCHES_PER_SECOND = 1;

/**
 * The share of its rate that a queue may use after a response: multiplicative decrease, additive increase.
 * @param share 1 is the full rate
 * @param httpStatus status of the response; undefined if there was none
 */
export function nextShare(
  share: number,
  httpStatus: number | undefined,
  limits: RateLimits,
): number {
  if (httpStatus === 429 || httpStatus === 503) {
    const least = Math.min(1, MIN_DISPATCHES_PER_SECOND / limits.maxDispatchesPerSecond);
    return Math.max(least, share * DECREASE);
  }
  const succeeded = httpStatus !== undefined && httpStatus >= 200 && httpStatus < 300;
  return succeeded ? Math.min(1, share + INCREASE) : share;
}

/** Rate and burst of a queue that may use `share` of them. The burst is at least one dispatch. */
export function throttled(limits: RateLimits, share: number): { rate: number; burst: number } {
  return {
    rate: limits.maxDispatchesPerSecond * share,
    burst: Math.max(1, Math.floor(limits.maxBurstSize * share)),
  };
}
