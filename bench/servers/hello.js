/**
 * The limit of a cold start: Node with a server that answers one word. JavaScript, so there are no types
 * to strip.
 */
import { createServer } from 'node:http';

createServer((_request, response) => response.end('hello')).listen(process.env.PORT);
