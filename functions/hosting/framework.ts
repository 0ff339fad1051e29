/**
 * Google starts functions-framework for a function. This file switches off parts of it for which there is no option
 * (https://github.com/GoogleCloudPlatform/functions-framework-nodejs#configure-the-functions-framework).
 * Each can go when the framework has the option.
 */
import { subscribe } from 'node:diagnostics_channel';
import domain, { type Domain } from 'node:domain';
import type { IncomingMessage, Server } from 'node:http';
import { http } from '@google-cloud/functions-framework';
import { setContentTypeAside } from '../http/body.ts';
import type { RequestHandler } from '../http/router.ts';

/** @param name As in `--target` or FUNCTION_TARGET. */
export function serveFunction(name: string, handler: RequestHandler): void {
  disableBodyParsers();
  hideAddresses();
  disableRequestTimeout();
  disableDomains();
  http(name, (request, response) => {
    request.url = addresses.get(request) ?? request.url;
    return handler(request, response);
  });
}

/**
 * The framework's body parsers hold each body in memory as a whole, up to 1 GB (`server.ts`, `getServer`). They ignore a body
 * without a content type, and the handler can stream it: 144 MB instead of 472 for the same uploads.
 */
function disableBodyParsers(): void {
  subscribe('http.server.request.start', (message) => {
    setContentTypeAside((message as { request: IncomingMessage }).request);
  });
}

const addresses = new WeakMap<IncomingMessage, string | undefined>();

/**
 * The framework's Express decodes the path before the handler gets the request. If that fails, it answers with an HTML page
 * and prints a stack. The framework also answers `/favicon.ico` and `/robots.txt` itself. So it sees the same address for all
 * requests.
 */
function hideAddresses(): void {
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { request: IncomingMessage };
    addresses.set(request, request.url);
    request.url = '/';
  });
}

/**
 * Node ends a request that takes more than five minutes to arrive, and gives no reason. `body-timeout.ts` limits a body, and
 * Cloud Run a request. The framework creates the server, so it is found by its requests.
 */
function disableRequestTimeout(): void {
  subscribe('http.server.request.start', (message) => {
    (message as { server: Server }).server.requestTimeout = 0;
  });
}

/** The part of a domain that the framework uses. */
const noDomain: Pick<Domain, 'on' | 'run'> = {
  on() {
    return this as Domain;
  },
  run: (work, ...args) => work(...args),
};

/**
 * The framework runs each request in a domain (`function_wrappers.ts`, `wrapHttpFunction`), to answer 500 for an error that
 * nothing caught. A domain follows each promise, timer and socket of the process by asynchronous hooks, which took more CPU
 * time than the rest of a small request: 3.4 ms instead of 2.1. It can go with https://github.com/nodejs/node/pull/61095. The router answers each error that a handler throws, and after any other error a
 * process should not go on.
 */
function disableDomains(): void {
  domain.create = () => noDomain as Domain;
}
