/** Passes one request on to a port of this machine, and passes the answer back. */
import http, {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { endToEnd } from './headers.ts';
import { Refusal, sendRefusal } from './refusal.ts';

/** "Maximum HTTP/1 request size: 32 MiB": https://cloud.google.com/run/quotas#request_limits */
const MAX_REQUEST_BYTES = 32 * 1_024 * 1_024;

// The container may close a kept connection at the moment when it is reused, and a body cannot be sent
// twice.
const agent = new http.Agent({ keepAlive: false });

/** @throws {Refusal} 413 */
export function checkDeclaredLength(headers: IncomingHttpHeaders): void {
  if (Number(headers['content-length'] ?? 0) > MAX_REQUEST_BYTES) throw new Refusal(413);
}

/**
 * @param headers the headers to send on, without those of one connection (`endToEnd`)
 * @param signal ends the request; its reason is a `Refusal`
 * @returns when the answer is complete or cut off: true if the container was reached. If it was not, no byte of the request's
 * body has been read.
 * @throws {Refusal} 400 if the request cannot be sent on
 */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  headers: IncomingHttpHeaders,
  signal: AbortSignal,
): Promise<boolean> {
  const { method, url, headers: sent } = request;
  // Each connection frames the body itself: a body of unknown length here has an unknown length on the
  // next connection too.
  const framing = sent['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' };
  // With `close`, a container that refuses a body would end the connection with its answer, in the middle
  // of the body.
  const connection = 'keep-alive';
  const upstream = open({
    port,
    method,
    path: url,
    headers: { ...headers, ...framing, connection },
  });
  const hasBody = sent['transfer-encoding'] !== undefined || Number(sent['content-length']) > 0;
  let isBrokenOff = false;
  const breakOff = (refusal: unknown) => {
    isBrokenOff = true;
    refuse(request, response, refusal);
    upstream.destroy();
  };
  const onAbort = () => breakOff(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });

  upstream.on('response', (answer) => {
    try {
      response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
    } catch (cause) {
      // The answer is not HTTP: https://cloud.google.com/run/docs/troubleshooting#503-malformed
      return breakOff(new Refusal(503, { cause }));
    }
    // Server-sent events are small, and each must leave at once.
    response.socket?.setNoDelay(true);
    response.flushHeaders();
    answer.pipe(response);
    // A stream that was cut off must look cut off and not finished.
    answer.on('close', () => answer.complete || response.destroy());
  });
  let size = 0;
  const count = (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_REQUEST_BYTES) breakOff(new Refusal(413));
  };
  return new Promise<boolean>((resolve) => {
    let isConnected = false;
    upstream.on('error', (cause: NodeJS.ErrnoException) => {
      if (isBrokenOff) return;
      if (!isConnected && cause.code === 'ECONNREFUSED') return resolve(false);
      // Cloud Run's answer when the connection to the instance fails:
      // https://cloud.google.com/run/docs/troubleshooting#503-malformed
      refuse(request, response, new Refusal(503, { cause }));
    });
    response.once('close', () => {
      resolve(true);
      upstream.destroy();
      // The rest of the body is dropped, but its sender must still see the answer.
      request.unpipe(upstream);
      request.off('data', count);
      request.resume();
    });
    upstream.on('socket', (socket) => {
      socket.once('connect', () => {
        isConnected = true;
        // The container must notice a sender that breaks off: `pipe` alone would leave it waiting.
        request.on('close', () => request.complete || upstream.destroy());
        if (response.destroyed) return upstream.destroy();
        // The container sees the request before the first byte of its body. Otherwise it would take a slow sender
        // for a connection without a request, and end it with 408.
        if (hasBody) upstream.flushHeaders();
        request.on('data', count).pipe(upstream);
      });
    });
  }).finally(() => signal.removeEventListener('abort', onAbort));
}

/** @throws {Refusal} 400 if Node cannot send such a request */
function open(options: http.RequestOptions): http.ClientRequest {
  try {
    return http.request({ host: '127.0.0.1', agent, ...options });
  } catch (cause) {
    throw new Refusal(400, { cause });
  }
}

/** Answers as the platform if nothing was answered yet; otherwise cuts the answer. */
export function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  request.unpipe();
  request.resume();
  const refusal = error instanceof Refusal ? error : new Refusal(503, { cause: error });
  if (response.headersSent) {
    if (!response.writableFinished) response.destroy();
  } else if (response.writable) sendRefusal(response, refusal);
}
