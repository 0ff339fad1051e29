/** Baseline: busboy alone, which pipes each file to storage. */
import { createServer } from 'node:http';
import busboy from 'busboy';
import { forwardToStorage } from './forward.ts';

createServer((request, response) => {
  const uploads: Promise<void>[] = [];
  const parser = busboy({ headers: request.headers });
  parser.on('file', (_name, file) => uploads.push(forwardToStorage(file)));
  parser.on('close', () => {
    Promise.all(uploads).then(
      () => response.writeHead(202).end(),
      () => response.destroy(),
    );
  });
  parser.on('error', () => response.destroy());
  request.pipe(parser);
}).listen(process.env.PORT);
