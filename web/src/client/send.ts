/** Sends a form and tells how much of it has left. */
import { networkError } from './errors.ts';

interface Answer {
  status: number;
  retryAfter: string | null;
  body: string;
}

interface SendOptions {
  headers: Record<string, string>;
  signal: AbortSignal | undefined;
  /** @param bytes of the body sent so far, the form's own few included. */
  onSent: (bytes: number) => void;
}

export type SendForm = (url: string, form: FormData, options: SendOptions) => Promise<Answer>;

/** In browsers: XMLHttpRequest alone tells of bytes sent, and needs no HTTP/2 for it. */
export const sendByXhr: SendForm = (url, form, { headers, signal, onSent }) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const xhr = new XMLHttpRequest();
    const abort = () => xhr.abort();
    const settle = (done: () => void) => {
      signal?.removeEventListener('abort', abort);
      done();
    };
    signal?.addEventListener('abort', abort, { once: true });
    xhr.upload.onprogress = ({ loaded }) => onSent(loaded);
    xhr.onload = () =>
      settle(() =>
        resolve({
          status: xhr.status,
          retryAfter: xhr.getResponseHeader('Retry-After'),
          body: xhr.responseText,
        }),
      );
    xhr.onerror = () => settle(() => reject(networkError(new Error('XMLHttpRequest failed'))));
    xhr.onabort = () => settle(() => reject(signal?.reason));
    xhr.open('POST', url);
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    xhr.send(form);
  });

/** Elsewhere: a body that counts what is taken from it. */
export function createSendByFetch(fetch: typeof globalThis.fetch): SendForm {
  return async (url, form, { headers, signal, onSent }) => {
    const encoded = new Response(form);
    const type = encoded.headers.get('content-type') ?? '';
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
        method: 'POST',
        headers: { ...headers, 'Content-Type': type },
        body: counted ?? null,
        signal: signal ?? null,
        // Required with a stream: https://fetch.spec.whatwg.org/#dom-requestinit-duplex
        duplex: 'half',
      } as RequestInit);
      const retryAfter = response.headers.get('retry-after');
      return { status: response.status, retryAfter, body: await response.text() };
    } catch (cause) {
      signal?.throwIfAborted();
      throw networkError(cause);
    }
  };
}
