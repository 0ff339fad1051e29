/** Waits that end in time: all of it that a page needs from its beginning. */

const MAX_WAIT_MS = 3_600_000;

/**
 * How long to wait for a server that asks for `ms` milliseconds: an hour at most. It may ask for a day or for a time in the
 * past, and what it says may be no number.
 */
export function boundedWait(ms: number | undefined): number | undefined {
  return ms === undefined || Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), MAX_WAIT_MS);
}

/** Resolves as `work` does. As soon as the signal is aborted, it rejects with its reason, and `work` goes on unseen. */
export function unlessAborted<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
