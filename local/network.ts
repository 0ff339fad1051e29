/**
 * `HOST=0.0.0.0 npm start -- --token`: the product for other devices in one's own network, such as a phone. The gateway itself
 * listens on this machine's own names only; this door stands before it on the addresses of the network. It admits requests with
 * the token, for no name but these addresses (DNS rebinding). For the gateway each request comes from this machine.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { KEEP_ALIVE_MS } from './front/front.ts';
import { endToEnd } from './front/headers.ts';

export interface NetworkOptions {
  /** The addresses to listen on, without ports. */
  hosts: readonly string[];
  token: string;
  /** `http://localhost:PORT` of the gateway. The door has the same port. */
  gatewayUrl: string;
  /** `http://127.0.0.1:PORT` of Cloud Storage: other devices do not reach it, so the door passes requests on. */
  storageUrl: string;
  /** Signed addresses are for this bucket. */
  mediaBucket: string;
  /** How long a token may take to arrive, in milliseconds; by default ten seconds. */
  tokenMs?: number;
}

export interface Network {
  /** Addresses of the page for other devices, with the token. */
  urls: string[];
  close(): void;
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1']);
const COOKIE = 'local_device';
/** Below this path the door reads from Cloud Storage. */
const STORAGE = '/local/storage';
const ENTER = '/local/enter';
/** Anybody in the network may send requests here, and an incomplete one keeps a connection. */
const HEADERS_MS = 10_000;
const TOKEN_MS = 10_000;
const MAX_TOKEN_BYTES = 1_000;
/** Kinds of answers that contain addresses. A new route with such answers has to be added here. */
const WITH_ADDRESSES =
  /^\/(config\.json|api\/media\/uploads|api\/media\/[^/]+\/(content|preview|frames))$/;
const hasAddresses = (path: string) => WITH_ADDRESSES.test(path.split('?', 1)[0] ?? '');

/** True if only this machine reaches the host. Then nobody needs a token. */
export const isLoopback = (host: string) => LOOPBACK.has(host);

/** @returns 256 bits, for a user to copy in one piece */
export const newToken = () => randomBytes(32).toString('base64url');

/**
 * `0.0.0.0` stands for all addresses of this machine in a network.
 * @example addressesOf('192.168.1.5') // → ['192.168.1.5']
 */
export function addressesOf(host: string, interfaces = networkInterfaces()): string[] {
  if (host !== '0.0.0.0') return [host];
  const all = Object.values(interfaces).flatMap((addresses) => addresses ?? []);
  return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map((a) => a.address);
}

/** @throws {Error} EADDRINUSE, EADDRNOTAVAIL */
export async function openToNetwork(options: NetworkOptions): Promise<Network> {
  const port = Number(new URL(options.gatewayUrl).port);
  const servers: http.Server[] = [];
  const close = () => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  };
  try {
    for (const host of options.hosts) {
      const server = http.createServer({ headersTimeout: HEADERS_MS }, (request, response) => {
        answer(request, response, options).catch(() => response.destroy());
      });
      server.keepAliveTimeout = KEEP_ALIVE_MS;
      server.requestTimeout = 0;
      servers.push(server);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
    }
  } catch (error) {
    close();
    throw error;
  }
  const urlOf = (server: http.Server) => {
    const { address, family } = server.address() as AddressInfo;
    const host = family === 'IPv6' ? `[${address}]` : address;
    return `http://${host}:${port}/#token=${options.token}`;
  };
  return { urls: servers.map(urlOf), close };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: NetworkOptions,
): Promise<void> {
  const { host = '', origin } = request.headers;
  const { localAddress = '', localPort } = request.socket;
  const own = `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
  // A foreign name may lead here (DNS rebinding), and a page of another site must not write.
  if (host !== own) return refuse(response, 421, 'This address is not known here.');
  if (origin !== undefined && origin !== `http://${own}`) {
    return refuse(response, 403, 'Only the page of this address may use it.');
  }
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  if (path === ENTER && request.method === 'POST') return enter(request, response, options);
  if (path.startsWith(`${STORAGE}/`)) {
    if (isSigned(request, options.mediaBucket))
      return forward(request, response, options, 'storage');
    return refuse(response, 403, 'Cloud Storage takes signed addresses alone here.');
  }
  if (hasEntered(request, options.token)) return forward(request, response, options, 'gateway');
  const isPage = path === '/' && (request.method === 'GET' || request.method === 'HEAD');
  if (isPage) showEntry(response);
  else refuse(response, 401, WHO_MAY_ENTER);
}

const WHO_MAY_ENTER =
  'Open the address that npm start has printed, with its token, or send it as "Authorization: Bearer TOKEN".';

/**
 * A signed address, or the session of an upload, is a secret by itself, as in the cloud. The other addresses of the local Cloud
 * Storage need no token there.
 */
function isSigned({ method, url = '' }: IncomingMessage, mediaBucket: string): boolean {
  const { pathname, searchParams } = storagePathOf(url);
  if (method === 'PUT') {
    return pathname.startsWith('/upload/storage/v1/b/') && searchParams.has('upload_id');
  }
  const isOriginal =
    pathname.startsWith(`/${mediaBucket}/`) && searchParams.has('X-Goog-Signature');
  return (method === 'GET' || method === 'HEAD') && isOriginal;
}

/** Without `..`, as it is sent on. */
const storagePathOf = (url: string) => new URL(`http://localhost${url.slice(STORAGE.length)}`);

/** Digests have one length, and comparing them takes equally long for each wrong token. */
function isSame(given: string, token: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function hasEntered({ headers }: IncomingMessage, token: string): boolean {
  const cookies = new Map(
    (headers.cookie ?? '').split(/;\s*/).map((pair) => pair.split('=', 2) as [string, string]),
  );
  const bearer = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
  return [cookies.get(COOKIE), bearer].some((given) => given !== undefined && isSame(given, token));
}

/** The token comes in a body, and stays in a cookie: never in an address, which others can see. */
async function enter(
  request: IncomingMessage,
  response: ServerResponse,
  { token, tokenMs = TOKEN_MS }: NetworkOptions,
): Promise<void> {
  if (Number(request.headers['content-length'] ?? MAX_TOKEN_BYTES + 1) > MAX_TOKEN_BYTES) {
    return refuse(response, 413, 'A token is shorter.');
  }
  const given = await readToken(request, tokenMs);
  if (given === undefined)
    return refuse(response, 408, 'The token did not arrive in time. Send it again.');
  if (!isSame(given.trim(), token)) return refuse(response, 401, WHO_MAY_ENTER);
  response
    .writeHead(204, {
      'Set-Cookie': `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000`,
      'Cache-Control': 'no-store',
    })
    .end();
}

/** @returns undefined if it does not arrive in time */
async function readToken(request: IncomingMessage, tokenMs: number): Promise<string | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(late.resolve, tokenMs, undefined);
  try {
    return await Promise.race([text(request), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function refuse(response: ServerResponse, status: number, detail: string): void {
  const code = status === 401 ? 'unauthenticated' : 'forbidden';
  const body = JSON.stringify({ type: 'about:blank', title: detail, status, code, detail });
  // The rest of the body is not read.
  response.writeHead(status, { 'Content-Type': 'application/problem+json', Connection: 'close' });
  response.end(body);
}

const SCRIPT = `
const say = (id) => { for (const each of document.querySelectorAll('p')) each.hidden = each.id !== id; };
const enter = async (token) => {
  history.replaceState(null, '', '/');
  const answer = await fetch('${ENTER}', { method: 'POST', body: token }).catch(() => undefined);
  if (answer?.ok) location.replace('/');
  else say('wrong');
};
const token = new URLSearchParams(location.hash.slice(1)).get('token');
if (token) enter(token);
else say('none');
addEventListener('hashchange', () => location.reload());
`;

/** The address has the token behind its #, which browsers do not send. So this page sends it, once. */
const ENTRY = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>media-analysis</title>
<p id="none" hidden>Open the whole address that <code>npm start</code> has printed, with what stands behind its #.<br>
<span lang="ja"><code>npm start</code> が表示したアドレスを、# の後ろも含めてすべて開いてください。</span>
<p id="wrong" hidden>This address is of an earlier start. Open the one that <code>npm start</code> has printed last.<br>
<span lang="ja">前回の起動のアドレスです。<code>npm start</code> が最後に表示したアドレスを開いてください。</span>
<script>${SCRIPT}</script>
`;

const ENTRY_POLICY = [
  ...["default-src 'none'", "connect-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"],
  `script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`,
].join('; ');

function showEntry(response: ServerResponse): void {
  response.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': ENTRY_POLICY,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(ENTRY);
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  options: NetworkOptions,
  to: 'gateway' | 'storage',
): void {
  const { gatewayUrl, storageUrl, token } = options;
  const target = new URL(to === 'gateway' ? gatewayUrl : storageUrl);
  const path = request.url ?? '/';
  const { origin, cookie, authorization, referer: _, ...sent } = endToEnd(request.headers);
  // The door has to read them.
  if (hasAddresses(path)) delete sent['accept-encoding'];
  const others = (cookie ?? '').split(/;\s*/).filter((pair) => !pair.startsWith(`${COOKIE}=`));
  const isDevice = authorization !== undefined && isSame(authorization.slice(7), token);
  const upstream = http.request({
    host: '127.0.0.1',
    port: target.port,
    method: request.method,
    path: to === 'gateway' ? path : storagePathOf(path).href.slice('http://localhost'.length),
    headers: {
      ...sent,
      host: target.host,
      ...(to === 'gateway' && origin !== undefined && { origin: gatewayUrl }),
      ...(others.join('') !== '' && { cookie: others.join('; ') }),
      // The token of the device names no user.
      ...(authorization !== undefined && !isDevice && { authorization }),
      ...(request.headers['transfer-encoding'] && { 'transfer-encoding': 'chunked' }),
    },
  });
  const fail = () => {
    if (response.headersSent) response.destroy();
    else refuse(response, 503, 'The service did not answer. Try again in a moment.');
  };
  upstream.on('error', fail);
  upstream.on('response', (answer) => {
    const own = `http://${request.headers.host}`;
    void reply(answer, response, { path, to, storageUrl, gatewayUrl, own }).catch(fail);
  });
  response.once('close', () => upstream.destroy());
  request.pipe(upstream);
}

async function reply(
  answer: IncomingMessage,
  response: ServerResponse,
  by: Record<'path' | 'to' | 'storageUrl' | 'gatewayUrl' | 'own', string>,
): Promise<void> {
  const headers = endToEnd(answer.headers);
  const reachable = (value: string) =>
    value.replaceAll(by.storageUrl, by.own + STORAGE).replaceAll(by.gatewayUrl, by.own);
  if (headers.location !== undefined) headers.location = reachable(headers.location);
  // Uploaded files come from the page's own address here, so they must not be able to run as the page does.
  if (by.to === 'storage') {
    headers['content-security-policy'] = "sandbox; default-src 'none'";
    headers['x-content-type-options'] = 'nosniff';
  }
  const status = answer.statusCode ?? 502;
  const isJson = /^application\/json/.test(headers['content-type'] ?? '');
  if (isJson && hasAddresses(by.path)) {
    const body = Buffer.from(reachable(await text(answer)));
    delete headers['content-length'];
    response.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
    return;
  }
  response.writeHead(status, headers);
  response.socket?.setNoDelay(true);
  response.flushHeaders();
  answer.pipe(response);
  // A stream that was cut off must look cut off and not finished.
  answer.on('close', () => answer.complete || response.destroy());
}
