/** The limit of a cold start: Node, and a server that knows one word. In JavaScript: nothing to strip. */
import { createServer } from 'node:http';

createServer((_request, response) => response.end('hello')).listen(process.env.PORT);
