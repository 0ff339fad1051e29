/** The server of a unit that functions-framework does not start. */
import { createServer, type Server } from 'node:http';
import type { RequestHandler } from '../http/router.ts';

/** @param port 0 for any that is free. @returns a server that is about to listen, as `listening` will say. */
export function serve(handler: RequestHandler, port: number, host?: string): Server {
  return createServer((request, response) => void handler(request, response)).listen(port, host);
}
