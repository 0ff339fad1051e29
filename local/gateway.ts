/**
 * Stands for the load balancer of the cloud: one address, from which each path goes to its unit. Only the
 * gateway has two more functions: it adds a token of the user `local` to a request without a token, or, with
 * Google's Auth emulator, replaces an unsigned token by a signed one. The units have no such modes.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { sendProblem } from '@media-analysis/functions/http/respond';
import { AppError } from '@media-analysis/shared/errors';
import { forward, refuse } from './front/forward.ts';
import { type Front, KEEP_ALIVE_MS } from './front/front.ts';
import { endToEnd, MAX_HEADER_BYTES, throughLoadBalancer } from './front/headers.ts';
import { Refusal } from './front/refusal.ts';
import { type EmulatorUsers, restPath, SESSION_SCRIPT, sendSignIn } from './google/users.ts';
import { BUILT_PAGE, type Page } from './page.ts';
import { isFromOwnPage } from './this-machine.ts';

export interface GatewayOptions {
  fronts: Record<'api' | 'stream', Front>;
  /** Signs a token for the user `local`. */
  localToken(): Promise<string>;
  /** Port of the identity issuer, which answers `/local/…`. */
  identityPort: number;
  /** `http://host:port` of Cloud Storage, from which the page loads its pictures. */
  storageOrigin: string;
  /** The users of Google's Auth emulator, if it runs. Then a request without a token is not signed in. */
  users?: EmulatorUsers | undefined;
  /** Makes the page of a server; absent: the page is the one that was built. */
  createPage?: ((server: http.Server) => Page) | undefined;
}

const STREAM_PATHS = [
  new URLPattern({ pathname: '/api/agent/analyze-media/stream' }),
  new URLPattern({ pathname: '/api/media/:id/stream' }),
];

export function createGateway(options: GatewayOptions): http.Server {
  const { fronts, localToken, identityPort, storageOrigin, users } = options;

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.parse(request.url?.replace(/^[/\\]+/, '/') ?? '/', 'http://localhost');
    if (!url)
      throw new AppError(
        'invalid_request',
        'The address is not encoded correctly. Check its percent signs.',
      );
    const { pathname } = url;
    if (pathname.startsWith('/local/')) {
      if (!isFromOwnPage(request))
        throw new AppError(
          'not_found',
          'Only pages and programs on this machine may use this address.',
        );
      if (users && (await sendSignIn(response, pathname))) return;
      const rest = users && restPath(pathname);
      if (rest) request.url = rest;
      const port = rest ? users.port : identityPort;
      const headers = endToEnd(request.headers);
      const isReached = await forward(request, response, port, headers, untilClosed(response));
      if (!isReached) refuse(request, response, new Refusal(503));
      return;
    }
    if (page.owns(pathname)) {
      const script = users && SESSION_SCRIPT;
      await page.send(request, response, pathname, { storageOrigin, script });
      return;
    }
    if (!pathname.startsWith('/api/')) {
      throw new AppError('not_found', `${pathname} does not exist. The API is under /api/.`);
    }
    const name = STREAM_PATHS.some((pattern) => pattern.test({ pathname })) ? 'stream' : 'api';
    if (users) {
      if (isFromOwnPage(request)) await users.exchange(request.headers);
    } else if (mayActAsLocal(request)) {
      request.headers.authorization = `Bearer ${await localToken()}`;
    }
    const headers = throughLoadBalancer(request.headers, {
      client: request.socket.remoteAddress ?? '',
      balancer: request.socket.localAddress ?? '',
    });
    await fronts[name](request, response, headers);
  }

  // Only the page of `npm run dev` listens for WebSockets. An offer of another protocol, such as HTTP/2, is ignored.
  const shouldUpgradeCallback = ({ headers }: IncomingMessage) =>
    headers.upgrade?.toLowerCase() === 'websocket' && server.listenerCount('upgrade') > 0;
  const settings = { maxHeaderSize: MAX_HEADER_BYTES, shouldUpgradeCallback };
  const server: http.Server = http.createServer(settings, (request, response) => {
    route(request, response).catch((error: unknown) => fail(request, response, error));
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  // A load balancer waits for a body as long as the service does.
  server.requestTimeout = 0;
  const page = options.createPage?.(server) ?? BUILT_PAGE;
  return server;
}

/** Whether the request has no token and does not come from another site's page. */
function mayActAsLocal(request: IncomingMessage): boolean {
  const { authorization, cookie } = request.headers;
  if (authorization || /(?:^|;\s*)__session=/.test(cookie ?? '')) return false;
  return isFromOwnPage(request);
}

function untilClosed(response: ServerResponse): AbortSignal {
  const over = new AbortController();
  response.once('close', () => over.abort());
  return over.signal;
}

/** An error here must not end the process, so this function does not throw. */
function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (error instanceof Refusal || response.headersSent) {
    refuse(request, response, error);
    return;
  }
  const problem =
    error instanceof AppError
      ? error
      : new AppError('unavailable', 'The service did not answer. Try again in a moment.', {
          cause: error,
          retryAfterMs: 1_000,
        });
  if (response.writable) sendProblem(response, problem);
}
