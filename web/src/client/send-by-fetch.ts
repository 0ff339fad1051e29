/** Sends a body without a browser's XMLHttpRequest. Browsers do not load this file. */
import { networkError } from './errors.ts';
import type { Send } from './send.ts';

/** Counts the bytes that `fetch` takes from the body. */
export function createSendByFetch(fetch: typeof globalThis.fetch): Send {
  return async (url, body, { method, headers, signal, onSent }) => {
    const encoded = new Response(body);
    const type = encoded.headers.get('content-type');
    let bytes = 0;
    const counted = encoded.body?.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          bytes += chunk.byteLength;
          onSent(bytes);
          controller.enqueue(chunk);
        },
      }),
    );
    try {
      const response = await fetch(url, {
        method,
        headers: { ...headers, ...(type && { 'Content-Type': type }) },
        body: counted ?? null,
        signal: signal ?? null,
        // Required for a stream: https://fetch.spec.whatwg.org/#dom-requestinit-duplex
        duplex: 'half',
      } as RequestInit);
      return {
        status: response.status,
        header: (name) => response.headers.get(name),
        body: await response.text(),
      };
    } catch (cause) {
      signal?.throwIfAborted();
      throw networkError(cause);
    }
  };
}
