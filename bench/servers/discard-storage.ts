/**
 * A Cloud Storage that discards everything: it reads each upload, at most `BYTES_PER_SECOND`, and
 * answers.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const rate = Number(process.env.BYTES_PER_SECOND ?? Number.POSITIVE_INFINITY);

createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
}).listen(process.env.PORT);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (Number.isFinite(rate)) await sleep((chunk.length / rate) * 1_000);
  }
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ size: String(size), md5Hash: 'XUFAKrxLKna5cZ2REBfFkg==' }));
}
