/**
 * functions-framework, which Google starts for a function: what the units use of it, and what they switch off. There
 * is no option for any of it (https://github.com/GoogleCloudPlatform/functions-framework-nodejs#configure-the-functions-framework).
 * `docs/workarounds.md` has a row for each, with what it brings and when it ends.
 */
import { subscribe } from 'node:diagnostics_channel';
import domain, { type Domain } from 'node:domain';
import type { IncomingMessage, Server } from 'node:http';
import { http } from '@google-cloud/functions-framework';
import { setContentTypeAside } from '../http/body.ts';
import type { RequestHandler } from '../http/router.ts';

/** Registers the unit under its name, as `--target` or FUNCTION_TARGET calls it. */
export function serveFunction(name: string, handler: RequestHandler): void {
  keepBodiesUnread();
  keepAddressesUnread();
  leaveTimeToUs();
  withoutDomains();
  http(name, (request, response) => {
    request.url = addresses.get(request) ?? request.url;
    return handler(request, response);
  });
}

/**
 * The framework's body parsers hold each body whole in memory, up to 1 GB (`server.ts`, `getServer`). They leave a
 * body alone that has no content type, and the handler can stream it.
 */
function keepBodiesUnread(): void {
  subscribe('http.server.request.start', (message) => {
    setContentTypeAside((message as { request: IncomingMessage }).request);
  });
}

const addresses = new WeakMap<IncomingMessage, string | undefined>();

/**
 * The framework's Express decodes the path before the handler has the request. If it cannot, it answers with a page of
 * HTML and prints a stack, for any caller. The framework also answers for `/favicon.ico` and `/robots.txt` by itself.
 * So it sees the same address for all requests.
 */
function keepAddressesUnread(): void {
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { request: IncomingMessage };
    addresses.set(request, request.url);
    request.url = '/';
  });
}

/**
 * Node ends a request that takes more than five minutes to arrive, without a reason. `body-timeout.ts` says how long a
 * body may take, and Cloud Run how long a request may. The framework makes the server, so its requests lead to it.
 */
function leaveTimeToUs(): void {
  subscribe('http.server.request.start', (message) => {
    (message as { server: Server }).server.requestTimeout = 0;
  });
}

/** As much of a domain as the framework uses. */
const nothing: Pick<Domain, 'on' | 'run'> = {
  on() {
    return this as Domain;
  },
  run: (work, ...args) => work(...args),
};

/**
 * The framework runs each request in a domain (`function_wrappers.ts`, `wrapHttpFunction`), to answer 500 for an
 * error that nothing caught. A domain follows each promise, timer and socket of the process by asynchronous hooks, which took
 * more CPU than all else that a small request costs. The router answers for each error that a handler throws, and
 * after any other error a process should not go on, domain or not.
 */
function withoutDomains(): void {
  domain.create = () => nothing as Domain;
}
