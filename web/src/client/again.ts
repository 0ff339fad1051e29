/** Repeats a request of the client while another try may succeed, with the product's own backoff. */
import { type RetryOptions, retry } from '@media-analysis/shared/retry';
import { type Clock, sleep, type WakeUps } from './clock.ts';
import { isTransient, type MediaClientError } from './errors.ts';

export interface AgainDeps {
  clock: Clock;
  /** They end a wait early. */
  wakeUps: WakeUps;
}

/**
 * @param request Gets the number of the call, from 1.
 * @throws what the last call threw; the signal's reason
 */
export function again<T>(
  request: (call: number) => Promise<T>,
  { clock, wakeUps }: AgainDeps,
  signal: AbortSignal | undefined,
  options?: Pick<RetryOptions, 'isRetryable' | 'retries'>,
): Promise<T> {
  return retry(request, {
    isRetryable: isTransient,
    retryAfterMs: (error) => (error as MediaClientError).retryAfterMs,
    random: clock.random,
    sleep: (ms, by) => sleep(ms, clock, by, wakeUps),
    ...(signal && { signal }),
    ...options,
  });
}
