/** Limits of time: a signal whose timer ends with the work, and a wait that ends with a signal. */

export interface TimeLimit {
  /** Aborted with a `TimeoutError` when the time is over. */
  signal: AbortSignal;
  /** Ends the timer. Call it as soon as the work is over. */
  clear(): void;
}

/** Node ends a timer for a longer time at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Like `AbortSignal.timeout`, which has no `clear`: Node keeps such a signal until its time is over if it is given to
 * `AbortSignal.any`, so each photo of the last minutes would still be held by one.
 * @param ms Milliseconds. `Infinity` is no limit.
 * @example
 * const limit = startTimeLimit(60_000);
 * try {
 *   await work(AbortSignal.any([signal, limit.signal]));
 * } finally {
 *   limit.clear();
 * }
 */
export function startTimeLimit(ms: number): TimeLimit {
  const controller = new AbortController();
  const end = () => {
    controller.abort(new DOMException(`The work took more than ${ms} ms.`, 'TimeoutError'));
  };
  const timer = setTimeout(end, Math.min(ms, MAX_TIMER_MS));
  timer.unref();
  return { signal: controller.signal, clear: () => clearTimeout(timer) };
}

/**
 * Waits for `work`, and at most until `signal` is aborted. For work that does not end at an abort by itself: its result
 * is dropped then.
 * @throws the reason of the abort, or what `work` throws
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal.aborted) onAbort();
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
