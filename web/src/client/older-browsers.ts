/**
 * What browsers of `web/browsers.ts` lack, or lack on a page that came by plain http, in a few lines.
 * `AbortSignal.any` and `crypto.randomUUID` are the newer ways.
 */

/**
 * Aborts `controller` when `signal` is aborted, for the same reason.
 * @returns a function that ends this: a signal can live much longer than what it aborts
 */
export function abortWith(controller: AbortController, signal?: AbortSignal | null): () => void {
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  return () => signal?.removeEventListener('abort', abort);
}

/** 128 random bits as text: no two are the same. */
export function randomId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
