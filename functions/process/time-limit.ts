export interface TimeLimit {
  /** Aborted with a `TimeoutError` when the time is over. */
  signal: AbortSignal;
  /** Stops the timer. Call it as soon as the work is done. */
  clear(): void;
}

/** A longer timer of Node fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Like `AbortSignal.timeout`, but with `clear`. Node keeps a signal that is given to `AbortSignal.any` until its time is over, so without
 * `clear` each photo of the last minutes would stay in memory.
 * @param ms Milliseconds; `Infinity` for no limit.
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
 * Use it for work that does not end by itself at an abort. The result of such work is dropped.
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
