/**
 * A unit's first request, before there is one: `deploy/runtime/warm.js` keeps what was compiled for it. Nothing
 * that it calls is there, so each part goes as far as it gets.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestHandler } from '../http/router.ts';
import { serve } from './serve.ts';

/** Clients would go on trying for minutes. */
const ENOUGH_MS = 1_000;

export async function warmUp(parts: readonly Promise<unknown>[]): Promise<void> {
  await Promise.race([Promise.allSettled(parts), sleep(ENOUGH_MS)]);
}

/** Sends a request to the handler, from somebody whose token cannot be checked. */
export async function warmUpRequest(handler: RequestHandler, path: string): Promise<void> {
  const server = serve(handler, 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [header, payload] = [{ alg: 'RS256', kid: 'warm' }, { sub: 'warm' }];
  const token = [header, payload, {}].map(inBase64).join('.');
  await fetch(`http://127.0.0.1:${port}${path}`, { headers: { Authorization: `Bearer ${token}` } });
  server.close();
}

const inBase64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
