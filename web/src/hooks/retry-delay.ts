/** The wait before something is loaded again. */
import { isRetryableCode } from '@media-analysis/shared/retryable';
import { browserWakeUps, type Clock, sleep, systemClock } from '../client/clock.ts';
import { MediaClientError } from '../client/index.ts';

/** After the first failure. It doubles with each further one. */
export const RETRY_MS = 5_000;
const MOST_RETRY_MS = 10 * 60_000;

/** @param failures number of failures in a row */
export const backoffMs = (failures: number): number =>
  Math.min(RETRY_MS * 2 ** (failures - 1), MOST_RETRY_MS);

/**
 * @param failures number of failures in a row
 * @returns milliseconds until the next load; undefined if that would fail again
 */
export function retryDelay(error: unknown, failures: number): number | undefined {
  if (!(error instanceof MediaClientError) || !isRetryableCode(error.code)) return undefined;
  return Math.max(backoffMs(failures), error.retryAfterMs ?? 0);
}

/**
 * Loads something. After a failure, loads it again after a while, or when the browser is online or the page visible again.
 * @param onFailure called after each failure
 * @throws an error that would come again; the signal's reason
 */
export async function loadWithRetry<Answer>(
  load: () => Promise<Answer>,
  signal: AbortSignal,
  onFailure?: (error: unknown) => void,
  clock: Clock = systemClock,
): Promise<Answer> {
  for (let failures = 1; ; failures++) {
    try {
      return await load();
    } catch (error) {
      signal.throwIfAborted();
      const waitMs = retryDelay(error, failures);
      if (waitMs === undefined) throw error;
      onFailure?.(error);
      await sleep(waitMs, clock, signal, browserWakeUps);
    }
  }
}
