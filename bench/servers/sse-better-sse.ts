/** Baseline: better-sse with one session for each watcher and one channel for all of them. */
import { createServer } from 'node:http';
import { createChannel, createSession } from 'better-sse';
import { watchMedia } from './watched-media.ts';

const channel = createChannel();

await watchMedia((media) => {
  channel.broadcast(media, 'message', { eventId: String(media.revision) });
});

createServer((request, response) => {
  // Our server sends no keep-alives during the run either.
  createSession(request, response, { keepAlive: null, retry: 1_000 }).then(
    (session) => channel.register(session),
    () => response.destroy(),
  );
}).listen(process.env.PORT);
