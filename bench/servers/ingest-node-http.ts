/** The limit: the body is piped to storage without being parsed. */
import { createServer } from 'node:http';
import { forwardToStorage } from './forward.ts';

createServer((request, response) => {
  forwardToStorage(request).then(
    () => response.writeHead(202).end(),
    () => response.destroy(),
  );
}).listen(process.env.PORT);
