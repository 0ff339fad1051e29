/** Retries within one delivery, with the product's numbers, and only of calls that can succeed. */

import { boundedWait, unlessAborted } from './wait.ts';

export interface RetryOptions {
  /** Further calls after the first one. */
  retries?: number;
  /** Backoff before the first retry, in milliseconds; doubles with each one. */
  initialDelayMs?: number;
  maxDelayMs?: number;
  /** True if another call can succeed. Otherwise the error is thrown at once. */
  isRetryable?: (error: unknown) => boolean;
  /** The wait that the server asked for (`Retry-After`, `RetryInfo`), in milliseconds. */
  retryAfterMs?: (error: unknown) => number | undefined;
  /**
   * The time by `now()` at which all waits must be over. If a wait would end later, the error is
   * thrown at once.
   */
  deadline?: number;
  onRetry?: (error: unknown, retry: number, delayMs: number) => void;
  signal?: AbortSignal;
  now?: () => number;
  random?: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export const RETRY_DEFAULTS = { retries: 3, initialDelayMs: 1_000, maxDelayMs: 10_000 } as const;

/**
 * The wait before the next try, in milliseconds: at least half of
 * `min(maxDelayMs, initialDelayMs × 2ⁿ⁻¹)` after n failures in a row, and at most all of it. The
 * random part keeps callers that failed together from returning together.
 *
 * @param random 0 ≤ x < 1; 1 gives the whole of it.
 * @example backoff(3, { initialDelayMs: 100, maxDelayMs: 5_000 }) // from 200 to 400
 */
export function backoff(
  failures: number,
  { initialDelayMs, maxDelayMs }: { initialDelayMs: number; maxDelayMs: number },
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(maxDelayMs, initialDelayMs * 2 ** Math.max(0, failures - 1));
  return ceiling * (0.5 + random() / 2);
}

/**
 * Calls `fn` until it succeeds, at most `retries` times more.
 *
 * The delay before retry n is `backoff(n)`. A longer wait that the server asked for replaces it.
 *
 * @param fn Gets the number of the call, from 1.
 * @throws What the last call threw; the signal's reason as soon as the signal is aborted.
 * @example await retry(() => model.generate(request), { isRetryable: isTransient, signal });
 */
export async function retry<T>(
  fn: (call: number) => Promise<T>,
  {
    retries = RETRY_DEFAULTS.retries,
    initialDelayMs = RETRY_DEFAULTS.initialDelayMs,
    maxDelayMs = RETRY_DEFAULTS.maxDelayMs,
    isRetryable = () => true,
    retryAfterMs = () => undefined,
    deadline = Number.POSITIVE_INFINITY,
    onRetry,
    signal,
    now = Date.now,
    random = Math.random,
    sleep = abortableSleep,
  }: RetryOptions = {},
): Promise<T> {
  for (let call = 1; ; call++) {
    signal?.throwIfAborted();
    try {
      return await fn(call);
    } catch (error) {
      signal?.throwIfAborted();
      if (call > retries || !isRetryable(error)) throw error;
      const own = backoff(call, { initialDelayMs, maxDelayMs }, random);
      const delay = Math.max(own, boundedWait(retryAfterMs(error)) ?? 0);
      if (now() + delay > deadline) throw error;
      onRetry?.(error, call, delay);
      await sleep(delay, signal);
    }
  }
}

/**
 * Resolves after `ms` milliseconds. Rejects with the signal's reason as soon as the signal is
 * aborted.
 */
export function abortableSleep(ms: number, signal?: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout>;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return unlessAborted(over, signal).finally(() => clearTimeout(timer));
}
