/**
 * A container for the front's tests. It returns the request that it got, and acts on the path. `TERM` sets its reaction to
 * SIGTERM: "ignore", or "drain" its requests; by default it ends at once.
 */
import { appendFileSync } from 'node:fs';
import http from 'node:http';

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => Promise<void>;

const { TERM, START_MS = '0', PORT } = process.env;
let underWay = 0;

const answer: Handler = async (request, response) => {
  underWay++;
  response.once('close', () => underWay--);
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://container');
  let size = 0;
  if (pathname.endsWith('/early')) {
    request.resume();
    return void response.writeHead(400).end('no');
  }
  for await (const chunk of request) size += (chunk as Buffer).length;
  const said = JSON.stringify({ pid: process.pid, size, headers: request.headers });
  if (pathname === '/die') process.exit(1);
  // Answers when it gets SIGTERM, otherwise never.
  if (pathname === '/hold') return void process.once('SIGTERM', () => response.end(said));
  if (pathname === '/stream') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const ticking = setInterval(() => response.write(`data: ${Date.now()}\n\n`), 20);
    return void response.once('close', () => clearInterval(ticking));
  }
  if (pathname === '/after') {
    // Background work: adds a character every few milliseconds as long as the process has a CPU.
    const file = searchParams.get('file') ?? '';
    setInterval(() => appendFileSync(file, 'x'), 5);
  }
  response.setHeader('Connection', 'close, X-Private');
  response.setHeader('X-Private', 'for the front alone');
  response.end(said);
};

const server = http.createServer((request, response) => {
  // A caller that disconnects must not end the process.
  answer(request, response).catch(() => response.destroy());
});

if (TERM === 'ignore') process.on('SIGTERM', () => undefined);
if (TERM === 'drain') {
  process.on('SIGTERM', () => {
    setInterval(() => underWay > 0 || process.exit(0), 5);
  });
}
setTimeout(() => server.listen(PORT), Number(START_MS));
