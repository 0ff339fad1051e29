/**
 * One port for two protocols, as Google's emulator has it: gRPC over HTTP/2, and over HTTP/1.1 the two
 * requests that test runners make: is it there, and empty it.
 */
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import type { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';

/**
 * A request of HTTP/1.1 begins with a method and a path; HTTP/2 with `PRI *` (RFC 9113, section 3.4), and TLS
 * with a byte that is no letter.
 */
const HTTP1 = /^[A-Z]+ \//;

export interface SharedPort {
  port: number;
  /** Takes no more connections; resolves when the last is gone, for which calls have this long. */
  close(graceMs: number): Promise<void>;
}

/** @throws if the port is taken. */
export async function listen(
  grpc: GrpcServer,
  answer: RequestListener,
  address: { host: string; port: number; credentials: ServerCredentials },
): Promise<SharedPort> {
  const injector = grpc.createConnectionInjector(address.credentials);
  const http = createHttpServer(answer);
  // All but those of gRPC, which the injector looks after.
  const others = new Set<Socket>();
  const server: NetServer = createServer({ noDelay: true }, (socket) => {
    // Whoever leaves before the first byte is nobody's concern.
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
