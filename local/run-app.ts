/**
 * The shape `small`: api and stream have an address each, as Cloud Run gives to each service
 * (`https://SERVICE-NUMBER.REGION.run.app`), and the stream serves the page. Like the gateway, these addresses add a token of the
 * user `local` to a request of this machine's own page that has none.
 */
import type { IncomingMessage } from 'node:http';
import { isForThisMachine } from '@media-analysis/local-cloud/base/this-machine';
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
import { straightToService } from './front/headers.ts';

/** @param port of the page; 0: any free port @throws {Error} EADDRINUSE */
export async function startRunApp(port = 0): Promise<Addresses> {
  const opened = Promise.withResolvers<Targets>();
  let pageOrigins: string[] = [];

  const answerFor =
    (name: 'api' | 'stream'): Answer =>
    async (request, response) => {
      const { fronts, localToken, identityPort, localRouter } = await opened.promise;
      if (name === 'stream' && pathOf(request).startsWith('/local/')) {
        checkLocal(request);
        if (localRouter?.owns(pathOf(request))) return localRouter.send(request, response);
        return proxyRequest(request, response, identityPort);
      }
      if (localToken && isFromPage(request, pageOrigins) && !hasToken(request)) {
        request.headers.authorization = `Bearer ${await localToken()}`;
      }
      const client = request.socket.remoteAddress ?? '';
      await fronts[name](request, response, straightToService(request.headers, client));
    };

  const [page, api] = [createAddress(answerFor('stream')), createAddress(answerFor('api'))];
  const pagePort = await listenOn(page, port);
  const apiPort = await listenOn(api);
  pageOrigins = [`http://localhost:${pagePort}`, `http://127.0.0.1:${pagePort}`];
  return {
    url: `http://localhost:${pagePort}`,
    // Another host name than the page's, so that a browser takes it for another site. That is stricter than the cloud.
    apiUrl: `http://127.0.0.1:${apiPort}`,
    settings: { ALLOWED_ORIGINS: pageOrigins.join(',') },
    open: opened.resolve,
    close() {
      for (const server of [page, api]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

/** True if a request comes from this machine's page, or from a program that is not a browser. */
function isFromPage(request: IncomingMessage, origins: readonly string[]): boolean {
  const { origin } = request.headers;
  return isForThisMachine(request) && (origin === undefined || origins.includes(origin));
}
