/**
 * What the load balancer is in the cloud: one address, each path to its unit. Besides, and only here, a
 * request without a token is given one of the user `local`, or, with Google's Auth emulator, an unsigned token
 * of its user is replaced by a signed one. The units themselves know no such modes.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { sendProblem } from '@media-analysis/functions/http/respond';
import { AppError } from '@media-analysis/shared/errors';
import { forward } from './front/forward.ts';
import type { Front } from './front/front.ts';
import { MAX_HEADER_BYTES, throughLoadBalancer } from './front/headers.ts';
import { type EmulatorUsers, restPath, SESSION_SCRIPT, sendSignIn } from './google/users.ts';
import { isPagePath, sendPage } from './page.ts';

export interface GatewayOptions {
  fronts: Record<'api' | 'stream', Front>;
  /** A token of the user `local`. */
  localToken(): Promise<string>;
  /** Port of the identity issuer, which answers `/local/…`. */
  identityPort: number;
  /** `http://host:port` of Cloud Storage, where the page's pictures come from. */
  storageOrigin: string;
  /** Those of Google's Auth emulator, where it runs: then nobody acts without a token. */
  users?: EmulatorUsers | undefined;
}

const STREAM_PATHS = [
  new URLPattern({ pathname: '/api/agent/analyze-media/stream' }),
  new URLPattern({ pathname: '/api/media/:id/stream' }),
];

export function createGateway(options: GatewayOptions): http.Server {
  const { fronts, localToken, identityPort, storageOrigin, users } = options;

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.parse(request.url?.replace(/^[/\\]+/, '/') ?? '/', 'http://localhost');
    if (!url) throw new AppError('invalid_request', 'The address is not encoded correctly.');
    const { pathname } = url;
    if (pathname.startsWith('/local/')) {
      if (!isLocalPage(request)) throw new AppError('not_found', 'That is for this machine only.');
      if (users && (await sendSignIn(response, pathname))) return;
      const rest = users && restPath(pathname);
      if (rest) request.url = rest;
      const port = rest ? users.port : identityPort;
      await forward(request, response, port, request.headers, untilClosed(response));
      return;
    }
    if (isPagePath(pathname)) {
      const script = users && SESSION_SCRIPT;
      await sendPage(request, response, pathname, { storageOrigin, script });
      return;
    }
    if (!pathname.startsWith('/api/')) {
      throw new AppError('not_found', `There is nothing at ${pathname}. The API is under /api/.`);
    }
    const name = STREAM_PATHS.some((pattern) => pattern.test({ pathname })) ? 'stream' : 'api';
    if (users) {
      if (isLocalPage(request)) await users.exchange(request.headers);
    } else if (mayActAsLocal(request)) {
      request.headers.authorization = `Bearer ${await localToken()}`;
    }
    const headers = throughLoadBalancer(request.headers, {
      client: request.socket.remoteAddress ?? '',
      balancer: request.socket.localAddress ?? '',
    });
    await fronts[name](request, response, headers);
  }

  const server = http.createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    route(request, response).catch((error: unknown) => fail(response, error));
  });
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

function untilClosed(response: ServerResponse): AbortSignal {
  const over = new AbortController();
  response.once('close', () => over.abort());
  return over.signal;
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
