/** A proxy as that of an office: it leads every name to one port of this machine, and writes down which names were asked for. */
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';

export interface HttpProxy {
  url: string;
  /** Names of hosts. */
  asked: string[];
  close(): void;
}

export async function startHttpProxy(port: number): Promise<HttpProxy> {
  const asked: string[] = [];
  // A client sends the whole address, or asks for a connection (CONNECT): https://www.rfc-editor.org/rfc/rfc9110#name-connect
  const server = http.createServer((request, response) => {
    const { hostname, pathname, search } = new URL(request.url ?? '');
    asked.push(hostname);
    const { method, headers } = request;
    const options = { host: '127.0.0.1', port, method, headers, path: `${pathname}${search}` };
    const outgoing = http.request(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    request.pipe(outgoing);
  });
  server.on('connect', (request, socket) => {
    asked.push(request.url?.split(':')[0] ?? '');
    const target = net.connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    for (const [one, other] of [
      [socket, target],
      [target, socket],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
