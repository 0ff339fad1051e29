/** The addresses for users, pages and programs: the part that the gateway and the `run.app` addresses share. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendProblem } from '@media-analysis/functions/http/respond';
import { isFromOwnPage } from '@media-analysis/local-cloud/base/this-machine';
import { AppError } from '@media-analysis/shared/errors';
import type { PageConfig } from '@media-analysis/shared/page-config';
import { forward, refuse } from './front/forward.ts';
import { type Front, KEEP_ALIVE_MS } from './front/front.ts';
import { endToEnd, MAX_HEADER_BYTES } from './front/headers.ts';
import { Refusal } from './front/refusal.ts';
import type { EmulatorUsers } from './google/users.ts';
import type { LocalRouter } from './local-routes.ts';
import type { Page, PageOptions } from './page.ts';

/** The addresses of the product. They exist before the units, whose settings name them. */
export interface Addresses {
  /** The page and the event stream: `http://localhost:PORT` */
  url: string;
  /** The API: the same, or an address on another site. */
  apiUrl: string;
  /** Settings of the units that follow from the addresses. */
  settings: Record<string, string>;
  /** Lets requests through. Earlier requests have waited. */
  open(targets: Targets): void;
  close(): void;
}

/** The services behind the addresses. */
export interface Targets {
  fronts: Record<'api' | 'stream', Front>;
  /** Signs a token for the user `local`. Without it, requests without a token are not signed in. */
  localToken?: (() => Promise<string>) | undefined;
  /** Port of the identity issuer, which answers the rest of `/local/…`. */
  identityPort: number;
  /** Answers `/local/keys`, and what features have there. Without it, these paths do not exist. */
  localRouter?: LocalRouter | undefined;
  /** The page reads this at `/config.json`. */
  config: PageConfig;
  /** `http://host:port` of Cloud Storage, from which the page loads its pictures. */
  storageOrigin: string;
  /** The users of Google's Auth emulator, if it runs. Then a request without a token is not signed in. */
  users?: EmulatorUsers | undefined;
  /** Origins of pages on other ports of this machine, whose requests count as the own page's. */
  devOrigins?: readonly string[] | undefined;
  /** Called once for each other origin of this machine whose page asks for the API: it is refused. */
  onOtherPage?: ((origin: string) => void) | undefined;
  /** Makes the page of a server; by default the built page. */
  createPage?: ((server: http.Server, options: PageOptions) => Page) | undefined;
}

/** @throws {AppError} for the caller @throws {Refusal} as the platform would answer */
export type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** @returns a server that does not listen yet */
export function createAddress(answer: Answer): http.Server {
  // Only the page of `npm run dev` listens for WebSockets. An offer of another protocol, such as HTTP/2, is ignored.
  const shouldUpgradeCallback = ({ headers }: IncomingMessage) =>
    headers.upgrade?.toLowerCase() === 'websocket' && server.listenerCount('upgrade') > 0;
  const settings = { maxHeaderSize: MAX_HEADER_BYTES, shouldUpgradeCallback };
  const server: http.Server = http.createServer(settings, (request, response) => {
    answer(request, response).catch((error: unknown) => fail(request, response, error));
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  // The platform waits for a body as long as the service does.
  server.requestTimeout = 0;
  return server;
}

/** @throws {Error} EADDRINUSE */
export async function listenOn(server: http.Server, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Passes a request on to a port of this machine that does not belong to a unit. */
export async function proxyRequest(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
): Promise<void> {
  const headers = endToEnd(request.headers);
  const isReached = await forward(request, response, port, headers, untilClosed(response));
  if (!isReached) refuse(request, response, new Refusal(503));
}

/** @throws {AppError} unless the request is for the local issuer (`/local/…`), and from this machine */
export function checkLocal(request: IncomingMessage): void {
  if (isFromOwnPage(request)) return;
  throw new AppError('not_found', 'Only pages and programs on this machine may use this address.');
}

/** True if the request has a token of its own. Then it is not the local user's. */
export function hasToken({ headers: { authorization, cookie } }: IncomingMessage): boolean {
  return authorization !== undefined || /(?:^|;\s*)__session=/.test(cookie ?? '');
}

/** @throws {AppError} `invalid_request` */
export function pathOf({ url = '/' }: IncomingMessage): string {
  const parsed = URL.parse(url.replace(/^[/\\]+/, '/'), 'http://localhost');
  if (parsed) return parsed.pathname;
  throw new AppError(
    'invalid_request',
    'The address is not encoded correctly. Check its percent signs.',
  );
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
