/**
 * Baseline: Server-Sent Events with node:http alone, as most people write them. Each response formats its
 * own text.
 */
import { createServer, type ServerResponse } from 'node:http';
import { watchMedia } from './watched-media.ts';

const watchers = new Set<ServerResponse>();

await watchMedia((media) => {
  for (const response of watchers) {
    response.write(`id: ${media.revision}\ndata: ${JSON.stringify(media)}\n\n`);
  }
});

createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.write('retry: 1000\n\n');
  watchers.add(response);
  response.on('close', () => watchers.delete(response));
}).listen(process.env.PORT);
