/** Repeats a request of the client while another try may succeed, with the product's own backoff. */
import { type RetryOptions, retry } from '@media-analysis/shared/retry';
import { type Clock, sleep, type WakeUps } from './clock.ts';
import { isTransient, type MediaClientError } from './errors.ts';

export interface RetryDeps {
  clock: Clock;
  /** Their events end a wait early. */
  wakeUps: WakeUps;
}

/** Somebody watches the page: a longer wait without a word would look like a fault. */
const LONGEST_WAIT_MS = 60_000;

/**
 * @param request is called with the number of the call, from 1
 * @throws what the last call threw, at once if the server asks for a wait of more than a minute; the signal's reason
 */
export function retryRequest<T>(
  request: (call: number) => Promise<T>,
  { clock, wakeUps }: RetryDeps,
  signal: AbortSignal | undefined,
  options?: Pick<RetryOptions, 'isRetryable' | 'retries'>,
): Promise<T> {
  return retry(request, {
    isRetryable: isTransient,
    retryAfterMs(error) {
      const { retryAfterMs = 0 } = error as MediaClientError;
      if (retryAfterMs > LONGEST_WAIT_MS) throw error;
      return retryAfterMs;
    },
    random: clock.random,
    sleep: (ms, by) => sleep(ms, clock, by, wakeUps),
    ...(signal && { signal }),
    ...options,
  });
}
