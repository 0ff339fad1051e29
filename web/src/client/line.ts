/** The network line of one client: its speed, and the number of requests that use it. */
import type { Clock } from './clock.ts';
import { networkError } from './errors.ts';
import { abortWith } from './older-browsers.ts';
import type { Send } from './send.ts';

/** While one request waits for its answer, the other request sends. */
const REQUESTS_AT_ONCE = 2;
/**
 * The target duration of a request. It is short, because the server ends a body after minutes, and a break of the line loses
 * the request. It is long enough that requests seldom wait for answers.
 */
const REQUEST_MS = 15_000;
/** While the speed is unknown: a quarter of a minute at 35 kB/s. */
const FIRST_BYTES = 512 * 1024;
/** The time of a smaller request depends more on the server than on the line. */
const MEASURED_BYTES = 64 * 1024;

export type Line = ReturnType<typeof createLine>;

export function createLine(clock: Clock) {
  const waiting: (() => void)[] = [];
  let open = 0;
  /** Aborted while sending is paused. */
  let pausing = new AbortController();
  let bytesPerMs: number | undefined;

  const begin = () => {
    // While the speed is unknown, the client sends one request at a time: its duration decides the size of the next.
    const most = bytesPerMs === undefined ? 1 : REQUESTS_AT_ONCE;
    while (!pausing.signal.aborted && open < most && waiting.length > 0) waiting.shift()?.();
  };

  const turn = (signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const go = () => {
        signal?.removeEventListener('abort', abort);
        open++;
        resolve();
      };
      const abort = () => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      waiting.push(go);
      begin();
    });

  return {
    /** How many bytes a request should have. */
    requestBytes: () => (bytesPerMs === undefined ? FIRST_BYTES : bytesPerMs * REQUEST_MS),
    /** How many bytes one request can send in that time; infinite while the speed is unknown. */
    bytesIn: (ms: number) => (bytesPerMs ?? Number.POSITIVE_INFINITY) * ms,
    /** Sends nothing until `resume`. Requests that are being sent are then sent again. */
    pause: () => pausing.abort(),
    resume() {
      if (pausing.signal.aborted) pausing = new AbortController();
      begin();
    },
    /** Returns a `send` that waits for its turn and measures the line. A request without a body needs no turn. */
    over(send: Send): Send {
      const sendInTurn: Send = async (url, body, options) => {
        if (body === null) return send(url, body, options);
        await turn(options.signal);
        const begun = clock.now();
        const stop = new AbortController();
        const paused = pausing.signal;
        abortWith(stop, options.signal, paused);
        let bytes = 0;
        const onSent = (sent: number) => {
          bytes = sent;
          options.onSent(sent);
        };
        try {
          return await send(url, body, { ...options, signal: stop.signal, onSent });
        } catch (error) {
          if (options.signal?.aborted || !paused.aborted) throw error;
          // A form has a key and may be sent again. A chunk may have arrived in part: its sender has to ask.
          if (!(body instanceof FormData)) throw networkError(new Error('paused'));
        } finally {
          stop.abort();
          const speed = bytes / Math.max(1, clock.now() - begun);
          // The newest request counts half.
          if (bytes >= MEASURED_BYTES) bytesPerMs = ((bytesPerMs ?? speed) + speed) / 2;
          open--;
          begin();
        }
        return sendInTurn(url, body, options);
      };
      return sendInTurn;
    },
  };
}
