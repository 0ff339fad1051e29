/**
 * Aborts `controller` when `signal` is aborted, for the same reason; for browsers without `AbortSignal.any`.
 * @returns a function that ends this: a signal can live much longer than the controller
 */
export function abortWith(controller: AbortController, signal?: AbortSignal | null): () => void {
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  return () => signal?.removeEventListener('abort', abort);
}

/** 128 random bits as text. `crypto.randomUUID` is missing in older browsers, and on pages that came by plain http. */
export function randomId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
