/** Time and chance, as parameters: what waits can be tested without waiting. */

export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Calls `fn` after `ms`; the function that it answers prevents that. */
  after(ms: number, fn: () => void): () => void;
  /** 0 ≤ x < 1 */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** Tells when waiting has become pointless: the network is back, or somebody looks again. */
export interface WakeUps {
  /** @param reason `online`: connections of before are likely dead. */
  subscribe(wake: (reason: 'online' | 'visible') => void): () => void;
}

/** The browser's own signs; outside a browser there are none. */
export const browserWakeUps: WakeUps = {
  subscribe(wake) {
    if (typeof document === 'undefined') return () => undefined;
    const online = () => wake('online');
    const visible = () => document.visibilityState === 'visible' && wake('visible');
    addEventListener('online', online);
    document.addEventListener('visibilitychange', visible);
    return () => {
      removeEventListener('online', online);
      document.removeEventListener('visibilitychange', visible);
    };
  },
};

/** Resolves after `ms`, or as soon as there is a wake-up; rejects with the signal's reason. */
export function sleep(
  ms: number,
  clock: Clock,
  signal?: AbortSignal,
  wakeUps?: WakeUps,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const settle = (done: () => void) => {
      cancel();
      unsubscribe?.();
      signal?.removeEventListener('abort', abort);
      done();
    };
    const abort = () => settle(() => reject(signal?.reason));
    const cancel = clock.after(ms, () => settle(resolve));
    const unsubscribe = wakeUps?.subscribe(() => settle(resolve));
    signal?.addEventListener('abort', abort, { once: true });
  });
}

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

/**
 * How long to wait after so many failures in a row: 100 ms, doubling up to 5 s, a random half of it,
 * so that clients which were cut off together do not come back together.
 */
export function backoff(failures: number, random: () => number): number {
  const ceiling = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1));
  return ceiling * (0.5 + random() / 2);
}
