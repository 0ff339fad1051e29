/** The addresses that people, pages and programs call: what the gateway and the `run.app` addresses have in common. */
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
import type { Inbox } from './inbox.ts';
import type { Page, PageOptions } from './page.ts';

/** Where the product is reached. The settings of the units name its addresses, so they are there before a unit is. */
export interface Addresses {
  /** Of the page and of the event stream: `http://localhost:PORT` */
  url: string;
  /** Of the API: the same, or an address on another site. */
  apiUrl: string;
  /** Settings of the units that follow from the addresses. */
  settings: Record<string, string>;
  /** Lets requests through. Those that came earlier have waited. */
  open(targets: Targets): void;
  close(): void;
}

/** What the requests are for. */
export interface Targets {
  fronts: Record<'api' | 'stream', Front>;
  /** Signs a token for the user `local`; absent: a request without a token is not signed in. */
  localToken?: (() => Promise<string>) | undefined;
  /** Port of the identity issuer, which answers the rest of `/local/…`. */
  identityPort: number;
  /** Answers `/local/inbox` and `/local/keys`; absent: these are not there. */
  inbox?: Inbox | undefined;
  /** What the page finds at `/config.json`. */
  config: PageConfig;
  /** `http://host:port` of Cloud Storage, from which the page loads its pictures. */
  storageOrigin: string;
  /** The users of Google's Auth emulator, if it runs. Then a request without a token is not signed in. */
  users?: EmulatorUsers | undefined;
  /** Origins of pages on other ports of this machine, whose requests count as those of the own page. */
  devOrigins?: readonly string[] | undefined;
  /** Gets the origin of each other page of this machine that asks for the API, once: it is not let in. */
  onOtherPage?: ((origin: string) => void) | undefined;
  /** Makes the page of a server; absent: the page is the one that was built. */
  createPage?: ((server: http.Server, options: PageOptions) => Page) | undefined;
}

/** @throws {AppError} For the caller. @throws {Refusal} As the platform would answer. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** @returns A server that does not listen yet. */
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

/** Passes a request on to a port of this machine that is no unit's. */
export async function passOn(
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

/** Whether the request has a token already: then it is not the local user's. */
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
