/**
 * A function that tells what functions-framework has done with its request; `/slow` is answered only after SIGTERM. With
 * `PLAIN` it is registered as the framework's documentation says, else as our units are.
 */
import { executionAsyncId } from 'node:async_hooks';
import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { http } from '@google-cloud/functions-framework';
import { serveFunction } from '../../../functions/hosting/framework.ts';
import { Shutdown } from '../../../functions/hosting/shutdown.ts';
import { contentTypeOf } from '../../../functions/http/body.ts';
import type { RequestHandler } from '../../../functions/http/router.ts';

/** Before the framework has a listener of its own, and before `Shutdown` takes the signal over. */
const told = once(process, 'SIGTERM');

const echo: RequestHandler = async (request, response) => {
  if (request.url === '/slow') {
    response.writeHead(200).flushHeaders();
    await told;
    await sleep(100);
    response.end('answered');
    return;
  }
  const { domain } = process as { domain?: object | null };
  const { rawBody } = request as IncomingMessage & { rawBody?: Buffer };
  await Promise.resolve();
  const said = {
    url: request.url,
    isInDomain: (domain ?? null) !== null,
    // Node numbers what follows a promise only while a hook follows each promise, as a domain's does:
    // https://nodejs.org/api/async_hooks.html#promise-execution-tracking
    promisesAreFollowed: executionAsyncId() !== 0,
    heldInMemory: rawBody?.length ?? 0,
    streamed: request.readableEnded ? 0 : (await buffer(request)).length,
    contentType: contentTypeOf(request),
    // How long Node lets a request take to arrive.
    requestTimeoutMs: (request.socket as Socket & { server: Server }).server.requestTimeout,
  };
  response.end(JSON.stringify(said));
  await once(response, 'close');
};

if (process.env.PLAIN) http('echo', echo);
else {
  const shutdown = new Shutdown({ logger: console });
  shutdown.add('each request is answered', () => shutdown.requestsAnswered());
  serveFunction('echo', shutdown.track(echo));
}
