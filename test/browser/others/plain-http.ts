/**
 * The page by plain http, on a name that is not this machine's: a browser trusts such a page less. The local cloud answers
 * only to its own name, so this proxy, which the browser is told to use, calls it by that.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A name that nobody can have: https://www.rfc-editor.org/rfc/rfc6761#section-6.2 */
const OTHER = 'http://photos.test';

export async function startPlainHttp(target: string) {
  const server = http.createServer((request, response) => {
    const asked = request.url ?? '/';
    const url = new URL(asked.startsWith(OTHER) ? asked.slice(OTHER.length) : asked, target);
    const headers = { ...request.headers, host: url.host };
    if (headers.origin === OTHER) headers.origin = target;
    const upstream = http.request(url, { method: request.method, headers });
    request.pipe(upstream);
    response.on('close', () => upstream.destroy());
    upstream.on('error', () => response.destroy());
    upstream.on('response', (answer) => {
      const allowed = answer.headers['access-control-allow-origin'];
      if (allowed === target) answer.headers['access-control-allow-origin'] = OTHER;
      response.writeHead(answer.statusCode ?? 502, answer.headers).flushHeaders();
      answer.pipe(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: OTHER,
    proxy: `127.0.0.1:${port}`,
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
