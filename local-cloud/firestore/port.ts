/**
 * Serves two protocols on one port, like Google's emulator: gRPC over HTTP/2, and over HTTP/1.1 the two requests of test runners:
 * a check that it runs, and the deletion of all documents.
 */
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import type { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';

/**
 * HTTP/1.1 begins with a method and a path. HTTP/2 begins with `PRI *` (RFC 9113, section 3.4), and TLS with a byte that is not a
 * letter.
 */
const HTTP1 = /^[A-Z]+ \//;

export interface SharedPort {
  port: number;
  /**
   * Accepts no new connections, and cuts calls that still run after `graceMs`. Resolves when all
   * connections are closed.
   */
  close(graceMs: number): Promise<void>;
}

/** @throws {Error} if the port is taken */
export async function listen(
  grpc: GrpcServer,
  answer: RequestListener,
  address: { host: string; port: number; credentials: ServerCredentials },
): Promise<SharedPort> {
  const injector = grpc.createConnectionInjector(address.credentials);
  const http = createHttpServer(answer);
  // The connections of HTTP/1.1. The injector manages those of gRPC.
  const others = new Set<Socket>();
  const server: NetServer = createServer({ noDelay: true }, (socket) => {
    // A client that disconnects before its first byte is not an error.
    socket.on('error', () => socket.destroy());
    others.add(socket);
    socket.on('close', () => others.delete(socket));
    socket.once('readable', () => {
      const first: Buffer | null = socket.read();
      if (!first) return;
      socket.unshift(first);
      if (HTTP1.test(first.toString('latin1'))) http.emit('connection', socket);
      else {
        others.delete(socket);
        injector.injectConnection(socket);
      }
    });
  });
  server.listen(address.port, address.host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: (graceMs) =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of others) socket.destroy();
        injector.drain(graceMs);
      }),
  };
}
