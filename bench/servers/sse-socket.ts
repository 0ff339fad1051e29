/**
 * The limit: the same bytes, formatted once and written to bare TCP sockets. No HTTP server can do less.
 */
import { createServer, type Socket } from 'node:net';
import { watchMedia } from './watched-media.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nretry: 1000\n\n';
const watchers = new Set<Socket>();

await watchMedia((media) => {
  const event = Buffer.from(`id: ${media.revision}\ndata: ${JSON.stringify(media)}\n\n`);
  for (const socket of watchers) socket.write(event);
});

createServer({ noDelay: true }, (socket) => {
  socket.once('data', () => {
    socket.write(HEAD);
    watchers.add(socket);
  });
  socket.on('close', () => watchers.delete(socket));
  socket.on('error', () => undefined);
}).listen(Number(process.env.PORT));
