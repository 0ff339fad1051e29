/** Retry within one delivery: the numbers of the product, and no more calls than can help. */

export interface RetryOptions {
  /** Further calls after the first one. */
  retries?: number;
  /** Backoff before the first retry, in milliseconds; doubles with each one. */
  initialDelayMs?: number;
  maxDelayMs?: number;
  /** Whether another call can help. A thrown value it says no to is rethrown at once. */
  isRetryable?: (error: unknown) => boolean;
  /** How long the server asked us to wait (`Retry-After`, `RetryInfo`), in milliseconds. */
  retryAfterMs?: (error: unknown) => number | undefined;
  /** `now()` by which everything must be over: a wait that would end later is not begun. */
  deadline?: number;
  onRetry?: (error: unknown, retry: number, delayMs: number) => void;
  signal?: AbortSignal;
  now?: () => number;
  random?: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export const RETRY_DEFAULTS = { retries: 3, initialDelayMs: 1_000, maxDelayMs: 10_000 } as const;

/**
 * Calls `fn` until it succeeds, at most `retries` times more.
 *
 * The delay before retry n is half of `min(maxDelayMs, initialDelayMs × 2ⁿ⁻¹)` and up to as much
 * again at random, so that items that failed together do not come back together; a longer wait that
 * the server asked for wins over it.
 *
 * @param fn Gets the number of the call, from 1.
 * @throws What the last call threw; the signal's reason as soon as it is aborted.
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
      const backoff = Math.min(maxDelayMs, initialDelayMs * 2 ** (call - 1));
      const delay = Math.max(backoff * (0.5 + random() / 2), retryAfterMs(error) ?? 0);
      if (now() + delay > deadline) throw error;
      onRetry?.(error, call, delay);
      await sleep(delay, signal);
    }
  }
}

/** Resolves after `ms`, or rejects with the signal's reason as soon as it is aborted. */
export function abortableSleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
