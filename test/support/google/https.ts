/** Google's services that speak HTTPS: TLS, and who may call, in front of those of this machine. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificate.ts';
import type { AccessTokens } from './tokens.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** @param account Whose token the request has. */
export type AccountHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  account: string,
) => Promise<void> | void;

interface TlsServer {
  port: number;
  close(): Promise<void>;
}

export async function startHttps(certificate: Certificate, handler: Handler): Promise<TlsServer> {
  // Google keeps a connection that nobody uses for minutes; Node would close it after five seconds.
  const options = { ...certificate, keepAliveTimeout: 600_000 };
  const server = https.createServer(options, (request, response) => {
    Promise.resolve(handler(request, response)).catch((error) => response.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Lets pass who shows an access token of one of the accounts; others are answered as Google does. */
export function withToken(
  tokens: AccessTokens,
  accounts: readonly string[],
  handler: AccountHandler,
): Handler {
  return async (request, response) => {
    const account = tokens.accountOf(request.headers.authorization);
    if (account === undefined) return refuse(request, response, 401, 'UNAUTHENTICATED', NO_TOKEN);
    if (!accounts.includes(account)) {
      return refuse(request, response, 403, 'PERMISSION_DENIED', `${account} may not.`);
    }
    await handler(request, response, account);
  };
}

/** https://cloud.google.com/apis/design/errors#error_model */
export const NO_TOKEN =
  'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.';

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  code: number,
  status: string,
  message: string,
): void {
  request.resume();
  sendJson(response, { error: { code, message, status } }, code);
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=UTF-8' });
  response.end(JSON.stringify(body));
}

/** @param port Of the server of this machine that answers. */
export function forward(request: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url, headers } = request;
  const upstream = http.request({
    // `false`: a connection for this one request; one that is kept may be closed just as it is used again.
    host: '127.0.0.1',
    port,
    method,
    path: url,
    agent: false,
    headers: { ...headers, 'x-forwarded-proto': 'https' },
  });
  upstream.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  upstream.on('error', () => response.destroy());
  response.on('close', () => upstream.destroy());
  request.pipe(upstream);
}
