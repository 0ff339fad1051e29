import { once } from 'node:events';
import { createServer, get, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from '@jest/globals';
import { chunk, StreamBody } from './body.ts';

let server: Server;

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function serve(handle: (response: ServerResponse) => void): Promise<number> {
  server = createServer((_request, response) => handle(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function sayHello(response: ServerResponse): void {
  const body = new StreamBody(response);
  body.open({ 'Content-Type': 'text/plain' }, () => undefined);
  body.write(chunk('hello '));
  body.end(chunk('wörld\r\n'));
}

/** Everything that a server answers to these bytes. */
async function rawAnswer(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(request);
  return text(socket);
}

test('a client gets all written text, in order', async () => {
  const port = await serve(sayHello);
  const [response] = await once(get({ port, host: '127.0.0.1' }), 'response');
  expect(await text(response)).toBe('hello wörld\r\n');
  expect(response.complete).toBe(true);
});

test('a connection serves the next request', async () => {
  const port = await serve(sayHello);
  const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const last = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  const socket = connect(port, '127.0.0.1');
  socket.write(request);
  await once(socket, 'data');
  const listeners = await new Promise((resolve) => {
    server.once('request', (_request, { socket: kept }) => resolve(kept?.listenerCount('drain')));
    socket.write(last);
  });
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1.1 200 OK[\s\S]*6\r\nhello \r\n8\r\nwörld\r\n\r\n0\r\n\r\n$/);
  // Node's own listener, and the one of the second response.
  expect(listeners).toBe(2);
});

test('a request that waits for the one before it is answered after it', async () => {
  const waiting: ServerResponse[] = [];
  const port = await serve((response) => {
    waiting.push(response);
    if (waiting.length < 2) return;
    for (const each of waiting.toReversed()) sayHello(each);
  });
  const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const answer = await rawAnswer(
    port,
    request + request.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'),
  );
  expect(answer.split('HTTP/1.1 200 OK')).toHaveLength(3);
  expect(answer.match(/6\r\nhello \r\n8\r\nwörld\r\n\r\n0\r\n\r\n/g)).toHaveLength(2);
});

test('HTTP/1.0, which has no chunks, gets none', async () => {
  const port = await serve(sayHello);
  const answer = await rawAnswer(port, 'GET / HTTP/1.0\r\n\r\n');
  expect(answer.split('\r\n\r\n')[1]).toBe('hello wörld\r\n');
});

test('`write` reports a reader that has stopped reading, and `onDrain` that it reads again', async () => {
  const drained = Promise.withResolvers<void>();
  const filled = Promise.withResolvers<void>();
  const port = await serve((response) => {
    const body = new StreamBody(response);
    body.open({}, () => drained.resolve());
    const piece = chunk('x'.repeat(1_000_000));
    while (body.write(piece));
    filled.resolve();
  });
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await filled.promise;
  socket.resume();
  await drained.promise;
  socket.destroy();
});
