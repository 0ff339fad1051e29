/** Without use for this time, the user may have left. An open stream keeps a server up, and costs its operator money. */
const IDLE_MS = 5 * 60_000;
/** How often to check whether work without a user has ended. */
const BUSY_MS = 30_000;

/** `scroll` and `focus` do not bubble, so these are captured. */
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'scroll', 'touchstart', 'focus'];

/**
 * @param open called at once or at the first sign of use, and again after a pause. Its signal is aborted when the page is hidden,
 * or nobody has used it for five minutes.
 * @param isBusy true while work needs the stream although nobody uses the page
 */
export function whileActive(
  open: (signal: AbortSignal) => void,
  isBusy: () => boolean,
  signal: AbortSignal,
): void {
  let current: AbortController | undefined;
  let usedAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const close = () => {
    clearTimeout(timer);
    current?.abort();
    current = undefined;
  };
  const wait = (ms: number) => {
    timer = setTimeout(() => {
      const leftMs = usedAt + IDLE_MS - performance.now();
      if (leftMs > 0) wait(leftMs);
      else if (isBusy()) wait(BUSY_MS);
      else close();
    }, ms);
  };
  const use = () => {
    if (document.visibilityState !== 'visible') return;
    usedAt = performance.now();
    if (current) return;
    current = new AbortController();
    wait(IDLE_MS);
    open(current.signal);
  };
  const turn = () => (document.visibilityState === 'visible' ? use() : close());
  for (const sign of SIGNS) addEventListener(sign, use, { signal, capture: true, passive: true });
  document.addEventListener('visibilitychange', turn, { signal });
  signal.addEventListener('abort', close, { once: true });
  use();
}

/** Calls `look` each time that the user comes back to the page, or the connection comes back. */
export function onReturn(look: () => void, signal: AbortSignal): void {
  const come = () => document.visibilityState === 'visible' && look();
  for (const event of ['focus', 'online', 'visibilitychange'])
    addEventListener(event, come, { signal });
}
