/** A limit of time, as a signal, whose timer ends with the work. */

export interface TimeLimit {
  /** Aborted with a `TimeoutError` when the time is over. */
  signal: AbortSignal;
  /** Ends the timer. Call it as soon as the work is over. */
  clear(): void;
}

/**
 * Like `AbortSignal.timeout`, which has no `clear`: Node keeps such a signal until its time is over if it is given to
 * `AbortSignal.any`, so each photo of the last minutes would still be held by one.
 * @param ms Milliseconds.
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
  const timer = setTimeout(() => {
    controller.abort(new DOMException(`The work took more than ${ms} ms.`, 'TimeoutError'));
  }, ms);
  timer.unref();
  return { signal: controller.signal, clear: () => clearTimeout(timer) };
}
