/** Injects faults into an HTTP service, between the network and its handler. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChannelFaults, EXEMPT_HEADER } from './plan.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function withHttpFaults(handle: Handler, faults: ChannelFaults): Handler {
  return async (request, response) => {
    const exempt = request.headers[EXEMPT_HEADER] !== undefined;
    const fault = exempt ? undefined : faults.next(`${request.method} ${request.url}`);
    if (fault?.kind === 'refuse') return refuse(request, response);
    if (fault?.kind === 'silence') return void request.resume();
    if (fault?.kind === 'delay') await delay(fault.ms, response);
    if (fault?.kind === 'lose') loseAnswer(request, response);
    if (fault?.kind === 'cut') breakWithinBody(request, response);
    await handle(request, response);
  };
}

/** Ends as soon as the caller is gone: a finished test need not wait for it. */
async function delay(ms: number, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  await sleep(ms, undefined, gone).catch(() => undefined);
}

/**
 * The answer of an overloaded Cloud Storage:
 * https://cloud.google.com/storage/docs/json_api/v1/status-codes
 */
function refuse(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const message = 'We encountered an internal error. Please try again.';
  const errors = [{ message, domain: 'global', reason: 'backendError' }];
  response.writeHead(503, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ error: { code: 503, message, errors } }));
}

function loseAnswer(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead = () => {
    request.socket.destroy();
    return response;
  };
}

/**
 * Breaks the connection after the first piece of the request's body. If there is no body, breaks after
 * half of the answer's first piece.
 */
function breakWithinBody(request: IncomingMessage, response: ServerResponse): void {
  const push = request.push.bind(request);
  request.push = (chunk: unknown) => {
    const more = push(chunk);
    if (chunk !== null) request.socket.destroy();
    return more;
  };
  const write = response.write.bind(response) as (piece: Uint8Array, sent: () => void) => boolean;
  response.write = (piece: Uint8Array) =>
    write(piece.subarray(0, piece.length / 2), () => request.socket.destroy());
}
