/** The front of one service: handles each request as Cloud Run does before a container gets it. */
import http, {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkDeclaredLength, forward, refuse } from './forward.ts';
import { inTrace, MAX_HEADER_BYTES, straightToService } from './headers.ts';
import type { CheckInvoker } from './invoker.ts';
import { Refusal } from './refusal.ts';
import type { Service } from './service.ts';

/** @param headers the caller's headers that may be passed on, and those that a load balancer has added */
export type Front = (
  request: IncomingMessage,
  response: ServerResponse,
  headers: IncomingHttpHeaders,
) => Promise<void>;

/** @param checkInvoker undefined: the service is public, and tokens pass unchanged */
export function createFront(service: Service, checkInvoker?: CheckInvoker): Front {
  return async (request, response, headers) => {
    // The caller left before the request came here, and no further event would report that.
    if (response.destroyed) return;
    const over = new AbortController();
    // Cloud Run ends a longer request with 504:
    // https://cloud.google.com/run/docs/configuring/request-timeout
    const timer = setTimeout(() => over.abort(new Refusal(504)), service.settings.timeoutMs);
    response.once('close', () => {
      clearTimeout(timer);
      over.abort(new Refusal(503));
    });
    try {
      checkDeclaredLength(headers);
      const allowed = checkInvoker ? await checkInvoker(headers) : headers;
      await route(request, response, service, inTrace(allowed), over.signal);
    } catch (error) {
      refuse(request, response, error);
    }
  };
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  service: Service,
  headers: IncomingHttpHeaders,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const slot = await service.acquire(signal);
    try {
      if (await forward(request, response, slot.port, headers, signal)) return;
    } finally {
      slot.release();
    }
    // The instance has just died, or does not listen any more.
    void slot.instance.stop();
  }
}

export interface RunningFront {
  port: number;
  close(): Promise<void>;
}

/**
 * An idle connection stays open this long, in milliseconds. Node's 5 s are too short on a busy machine: a client uses a
 * connection that is being closed, and its request is lost.
 * https://docs.cloud.google.com/load-balancing/docs/https/request-distribution
 */
export const KEEP_ALIVE_MS = 610_000;

/** Serves a service's front on a port, like its `run.app` address. */
export async function listen(front: Front, port = 0): Promise<RunningFront> {
  const server = http.createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    const client = request.socket.remoteAddress ?? '';
    void front(request, response, straightToService(request.headers, client));
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  // Only the service's own limit counts.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}
