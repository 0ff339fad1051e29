/**
 * Aborts `controller` as soon as one of `signals` is aborted, for the same reason; for browsers without `AbortSignal.any`. Abort
 * the controller when its work is done: the signals may live longer.
 */
export function abortWith(
  controller: AbortController,
  ...signals: (AbortSignal | null | undefined)[]
): void {
  for (const signal of signals) {
    const abort = () => controller.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true, signal: controller.signal });
  }
}

/** 128 random bits as text. `crypto.randomUUID` is missing in older browsers, and on pages that came by plain http. */
export function randomId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
