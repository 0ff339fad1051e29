/** Sends a body and reports how many bytes have been sent. */
import { type RetryOptions, retry } from '@media-analysis/shared/retry';
import { type Clock, sleep, type WakeUps } from './clock.ts';
import { isTransient, type MediaClientError, networkError } from './errors.ts';
import { abortWith } from './older-browsers.ts';

export interface Answer {
  status: number;
  header(name: string): string | null;
  body: string;
}

interface SendOptions {
  method: 'POST' | 'PUT';
  headers: Record<string, string>;
  signal: AbortSignal | undefined;
  /** @param bytes sent so far, with the few bytes of the form's own text */
  onSent: (bytes: number) => void;
}

export type Send = (
  url: string,
  body: FormData | Blob | null,
  options: SendOptions,
) => Promise<Answer>;

/** A user watches the page: a longer wait without a message would look like a fault. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Repeats a request while another try may succeed.
 * @param request is called with the number of the call, from 1
 * @throws what the last call threw, at once if the server asks for a wait of more than a minute; the signal's reason
 */
export function retryRequest<T>(
  request: (call: number) => Promise<T>,
  { clock, wakeUps }: { clock: Clock; wakeUps: WakeUps },
  signal?: AbortSignal,
  options?: Pick<RetryOptions, 'isRetryable' | 'retries'>,
): Promise<T> {
  return retry(request, {
    isRetryable: isTransient,
    retryAfterMs(error) {
      const { retryAfterMs = 0 } = error as MediaClientError;
      if (retryAfterMs > LONGEST_WAIT_MS) throw error;
      return retryAfterMs;
    },
    random: clock.random,
    sleep: (ms, by) => sleep(ms, clock, by, wakeUps),
    ...(signal && { signal }),
    ...options,
  });
}

/** The server waits as long for the next bytes of a body. */
const STALL_MS = 30_000;

/** Returns a `send` that gives up if the connection takes no byte and brings no answer: it can die without an error. */
export function withStallLimit(send: Send, clock: Clock): Send {
  return async (url, body, { signal, onSent, ...options }) => {
    const stalled = new AbortController();
    const wait = () =>
      clock.after(STALL_MS, () => {
        stalled.abort(networkError(new Error(`no byte for ${STALL_MS} ms`)));
      });
    abortWith(stalled, signal);
    let cancel = wait();
    try {
      return await send(url, body, {
        ...options,
        signal: stalled.signal,
        onSent: (bytes) => {
          // An aborted body may still report bytes for a moment.
          if (stalled.signal.aborted) return;
          cancel();
          cancel = wait();
          onSent(bytes);
        },
      });
    } finally {
      cancel();
      stalled.abort();
    }
  };
}

/**
 * Browsers choose how often they report progress. WebKitGTK reports every 8 kB, and a page that draws each time stands still for
 * a minute with a large file: https://xhr.spec.whatwg.org/#the-send()-method
 */
const PROGRESS_MS = 50;

/** For browsers: only XMLHttpRequest reports the bytes that it has sent without HTTP/2. */
export const sendByXhr: Send = (url, body, { method, headers, signal, onSent }) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const xhr = new XMLHttpRequest();
    const abort = () => xhr.abort();
    signal?.addEventListener('abort', abort, { once: true });
    let toldAt = Number.NEGATIVE_INFINITY;
    xhr.upload.onprogress = ({ loaded, total, timeStamp }) => {
      if (loaded < total && timeStamp - toldAt < PROGRESS_MS) return;
      toldAt = timeStamp;
      onSent(loaded);
    };
    xhr.onload = () => {
      // Aborting the request now would remove the headers.
      signal?.removeEventListener('abort', abort);
      const header = (name: string) => xhr.getResponseHeader(name);
      resolve({ status: xhr.status, header, body: xhr.responseText });
    };
    xhr.onerror = (event) => reject(networkError(event));
    xhr.onabort = () => reject(signal?.reason);
    xhr.open(method, url);
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    xhr.send(body);
  });

/** For Node, without XMLHttpRequest: counts the bytes that `fetch` takes from the body. */
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
