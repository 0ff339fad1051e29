/** Time and random numbers as parameters, so that tests of code that waits need not wait. */
import { unlessAborted } from '@media-analysis/shared/wait';

export interface Clock {
  /** Milliseconds since some moment. This clock never goes backwards, although the machine's clock may. */
  now(): number;
  /**
   * Calls `fn` after `ms` milliseconds.
   * @returns a function that cancels the call
   */
  after(ms: number, fn: () => void): () => void;
  /** A random number: 0 ≤ x < 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** Events that end a wait early: the network is back, or the page is visible again. */
export interface WakeUps {
  /**
   * Calls `wake` at each such event. After `online`, connections from before are probably dead.
   * @returns a function that ends the subscription
   */
  subscribe(wake: (reason: 'online' | 'visible') => void): () => void;
}

/** The browser's own events. Outside a browser there are none. */
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

/** Resolves after `ms` or at the next wake-up. Rejects with the signal's reason. */
export function sleep(
  ms: number,
  clock: Clock,
  signal?: AbortSignal,
  wakeUps?: WakeUps,
): Promise<void> {
  let cancel = () => {};
  let unsubscribe: (() => void) | undefined;
  const over = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve);
    unsubscribe = wakeUps?.subscribe(() => resolve());
  });
  return unlessAborted(over, signal).finally(() => {
    cancel();
    unsubscribe?.();
  });
}
