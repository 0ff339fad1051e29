/** The limit: the body piped on to storage as it is, looked into by nobody. */
import { createServer } from 'node:http';
import { forwardToStorage } from './forward.ts';

createServer((request, response) => {
  forwardToStorage(request).then(
    () => response.writeHead(202).end(),
    () => response.destroy(),
  );
}).listen(process.env.PORT);
