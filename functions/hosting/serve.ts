/** The server of a unit that functions-framework does not start. */
import { createServer, type Server } from 'node:http';
import type { RequestHandler } from '../http/router.ts';

/** @param port 0 for any free port. @returns a server that emits `listening` later */
export function serve(handler: RequestHandler, port: number, host?: string): Server {
  return createServer((request, response) => void handler(request, response)).listen(port, host);
}
