/**
 * A function that tells what functions-framework has done with its request. With `PLAIN` it is registered as the
 * framework's documentation says, else as our units are.
 */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { http } from '@google-cloud/functions-framework';
import { serveFunction } from '@media-analysis/functions/hosting/framework';
import { contentTypeOf } from '@media-analysis/functions/http/body';
import type { RequestHandler } from '@media-analysis/functions/http/router';

const echo: RequestHandler = async (request, response) => {
  const { domain } = process as { domain?: object | null };
  const { rawBody } = request as IncomingMessage & { rawBody?: Buffer };
  const said = {
    isInDomain: (domain ?? null) !== null,
    heldInMemory: rawBody?.length ?? 0,
    streamed: request.readableEnded ? 0 : (await buffer(request)).length,
    contentType: contentTypeOf(request),
  };
  response.end(JSON.stringify(said));
  await once(response, 'close');
};

if (process.env.PLAIN) http('echo', echo);
else serveFunction('echo', echo);
