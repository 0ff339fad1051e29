/** Waits that end in time. The page needs this file from its beginning, so it has nothing else. */

const MAX_WAIT_MS = 3_600_000;

/**
 * The wait for a server that asks for `ms` milliseconds: an hour at most. The server may ask for a day or for a time in the
 * past, and its answer may be no number.
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
