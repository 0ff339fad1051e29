/**
 * What the load balancer is in the cloud: one address, each path to its unit. Besides, and only here, a
 * request without a token is given one of the user `local`; the units themselves know no such mode.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendProblem } from '@media-analysis/functions/http/respond';
import { AppError } from '@media-analysis/shared/errors';
import { isPagePath, sendPage } from './page.ts';

export interface GatewayOptions {
  /** Resolves to the port of a unit, waiting for one that is starting. */
  unit(name: 'api' | 'stream'): Promise<number>;
  /** A token of the user `local`. */
  localToken(): Promise<string>;
  /** Port of the identity issuer, which answers `/local/…`. */
  identityPort: number;
  /** `http://host:port` of Cloud Storage, where the page's pictures come from. */
  storageOrigin: string;
}

/** As long as Cloud Run lets a request wait for an instance: about a cold start. */
const WAIT_FOR_UNIT_MS = 10_000;

const RECONNECT_DELAY_MS = 50;

const STREAM_PATHS = [
  new URLPattern({ pathname: '/api/agent/analyze-media/stream' }),
  new URLPattern({ pathname: '/api/media/:id/stream' }),
];

export function createGateway(options: GatewayOptions): http.Server {
  const { unit, localToken, identityPort, storageOrigin } = options;
  // A kept connection may be closed by the unit just as it is used again, and a body cannot be sent twice.
  const agent = new http.Agent({ keepAlive: false });

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url?.replace(/^\/+/, '/') ?? '/', 'http://localhost');
    if (pathname.startsWith('/local/')) {
      if (!isLocalPage(request)) throw new AppError('not_found', 'That is for this machine only.');
      await forward(request, response, identityPort, agent);
      return;
    }
    if (isPagePath(pathname)) {
      await sendPage(request, response, pathname, storageOrigin);
      return;
    }
    if (!pathname.startsWith('/api/')) {
      throw new AppError('not_found', `There is nothing at ${pathname}. The API is under /api/.`);
    }
    const name = STREAM_PATHS.some((pattern) => pattern.test({ pathname })) ? 'stream' : 'api';
    if (mayActAsLocal(request)) request.headers.authorization = `Bearer ${await localToken()}`;
    const deadline = Date.now() + WAIT_FOR_UNIT_MS;
    for (;;) {
      const port = await inTime(unit(name), deadline - Date.now());
      const reached = await forward(request, response, port, agent);
      if (reached) return;
      // It died a moment ago: soon its port will be known again.
      await sleep(RECONNECT_DELAY_MS);
    }
  }

  const server = http.createServer((request, response) => {
    route(request, response).catch((error: unknown) => fail(response, error));
  });
  server.on('close', () => agent.destroy());
  return server;
}

/** No token of its own, and not sent by another site's page. */
function mayActAsLocal(request: IncomingMessage): boolean {
  const { authorization, cookie } = request.headers;
  if (authorization || /(?:^|;\s*)__session=/.test(cookie ?? '')) return false;
  return isLocalPage(request);
}

/**
 * A browser lets any page send forms to this machine, under a foreign Origin, or under a host name that
 * its owner pointed here.
 */
function isLocalPage({ headers }: IncomingMessage): boolean {
  const host = headers.host ?? '';
  if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host)) return false;
  return headers.origin === undefined || URL.parse(headers.origin)?.host === host;
}

async function inTime(port: Promise<number>, ms: number): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new AppError('unavailable', 'The service is starting. Try again in a moment.'));
    }, ms);
  });
  try {
    return await Promise.race([port, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** @returns whether the unit was reached. If not, nothing of the request has been read yet. */
function forward(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  agent: http.Agent,
): Promise<boolean> {
  const { method, url, headers } = request;
  const upstream = http.request({
    host: '127.0.0.1',
    port,
    agent,
    method,
    path: url,
    headers: { ...headers, 'x-forwarded-for': request.socket.remoteAddress },
  });
  upstream.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    // Server-sent events are small: each must leave at once.
    response.socket?.setNoDelay(true);
    response.flushHeaders();
    answer.pipe(response);
    // A stream that was cut must look cut, not ended.
    answer.on('close', () => answer.complete || response.destroy());
  });
  return new Promise((resolve) => {
    upstream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') return resolve(false);
      request.resume();
      if (!response.headersSent) fail(response, error);
      else if (!response.writableFinished) response.destroy();
    });
    upstream.on('socket', (socket) => {
      socket.once('connect', () => {
        resolve(true);
        response.on('close', () => response.writableFinished || upstream.destroy());
        // A sender that breaks off must be seen to: `pipe` alone would leave the unit waiting.
        request.on('close', () => request.complete || upstream.destroy());
        if (response.destroyed) upstream.destroy();
        else request.pipe(upstream);
      });
    });
  });
}

function fail(response: ServerResponse, error: unknown): void {
  const problem =
    error instanceof AppError
      ? error
      : new AppError('unavailable', 'The service did not answer. Try again in a moment.', {
          cause: error,
          retryAfterMs: 1_000,
        });
  if (response.writable) sendProblem(response, problem);
}
