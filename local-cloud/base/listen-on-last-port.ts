import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/**
 * Listens on the service's earlier port, if it is free: addresses given to clients, such as those of upload sessions, stay valid
 * after a restart.
 * @param dataDir keeps the port
 * @returns the port
 */
export async function listenOnLastPort(
  server: Server,
  host: string,
  dataDir: string,
): Promise<number> {
  const file = join(dataDir, 'port');
  await listen(server, host, read(file)).catch(() => listen(server, host, 0));
  const { port } = server.address() as AddressInfo;
  writeFileSync(file, String(port));
  return port;
}

/** @throws {Error} also if the port is invalid: somebody may have edited the file */
async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}

function read(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}
