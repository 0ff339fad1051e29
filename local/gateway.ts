/**
 * The shape `domain`. The gateway stands for the load balancer of the cloud: one address, from which each path goes to its unit.
 * Only the gateway has two more functions: it adds a token of the user `local` to a request without a token, or, with Google's
 * Auth emulator, replaces an unsigned token by a signed one. The units have no such modes.
 */
import type { IncomingMessage, Server } from 'node:http';
import {
  isForThisMachine,
  isFromOwnPage,
  isLocalAddress,
} from '@media-analysis/local-cloud/base/this-machine';
import { AppError } from '@media-analysis/shared/errors';
import {
  type Addresses,
  type Answer,
  checkLocal,
  createAddress,
  hasToken,
  listenOn,
  pathOf,
  proxyRequest,
  type Targets,
} from './address.ts';
import { throughLoadBalancer } from './front/headers.ts';
import { createBuiltPage } from './page.ts';

const STREAM_PATHS = [
  new URLPattern({ pathname: '/api/agent/analyze-media/stream' }),
  new URLPattern({ pathname: '/api/media/stream' }),
  new URLPattern({ pathname: '/api/media/:id/stream' }),
  new URLPattern({ pathname: '/api/reanalyses/:id/stream' }),
];

/** @param port 0: any free port @throws {Error} EADDRINUSE */
export async function startGateway(port = 0): Promise<Addresses> {
  const opened = Promise.withResolvers<Answer>();
  const server = createAddress(async (request, response) => {
    const answer = await opened.promise;
    await answer(request, response);
  });
  const url = `http://localhost:${await listenOn(server, port)}`;
  return {
    url,
    apiUrl: url,
    settings: {},
    open: (targets) => opened.resolve(createAnswer(server, targets)),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function createAnswer(server: Server, targets: Targets): Answer {
  const { fronts, localToken, identityPort, users, config, storageOrigin, createPage } = targets;
  const { localRouter } = targets;
  const { devOrigins = [], onOtherPage } = targets;
  const isOwn = (request: IncomingMessage) =>
    isFromOwnPage(request) ||
    (isForThisMachine(request) && devOrigins.includes(request.headers.origin ?? ''));
  const told = new Set<string>();
  const tellOf = ({ headers: { origin = '' } }: IncomingMessage) => {
    if (!isLocalAddress(origin) || told.has(origin)) return;
    told.add(origin);
    onOtherPage?.(origin);
  };
  const pageOptions = { config, storageOrigin };
  const page = createPage?.(server, pageOptions) ?? createBuiltPage(pageOptions);

  return async (request, response) => {
    const pathname = pathOf(request);
    if (pathname.startsWith('/local/')) {
      checkLocal(request);
      if (localRouter?.owns(pathname)) return localRouter.send(request, response);
      return proxyRequest(request, response, identityPort);
    }
    if (page.owns(pathname)) return page.send(request, response);
    if (!pathname.startsWith('/api/')) {
      throw new AppError('not_found', `${pathname} does not exist. The API is under /api/.`);
    }
    const name = STREAM_PATHS.some((pattern) => pattern.test({ pathname })) ? 'stream' : 'api';
    if (!isOwn(request)) tellOf(request);
    if (users) {
      if (isOwn(request)) await users.exchange(request.headers);
    } else if (localToken && isOwn(request) && !hasToken(request)) {
      request.headers.authorization = `Bearer ${await localToken()}`;
    }
    const headers = throughLoadBalancer(request.headers, {
      client: request.socket.remoteAddress ?? '',
      balancer: request.socket.localAddress ?? '',
    });
    await fronts[name](request, response, headers);
  };
}
