/** Allows cross-origin calls from the pages that the operator names, and from no others. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { REPLAYED, sendNothing } from './respond.ts';

/** Chromium's maximum: https://developer.mozilla.org/docs/Web/HTTP/Headers/Access-Control-Max-Age */
const MAX_AGE_S = 7_200;
const ALLOWED_HEADERS =
  'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, traceparent';

export function applyCors(
  request: IncomingMessage,
  response: ServerResponse,
  allowedOrigins: readonly string[],
): void {
  const { origin } = request.headers;
  // On every answer: otherwise a shared cache could serve one page's answer to another page.
  response.setHeader('Vary', 'Origin');
  if (origin === undefined || !allowedOrigins.includes(origin)) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Credentials', 'true');
  response.setHeader(
    'Access-Control-Expose-Headers',
    `ETag, Retry-After, RateLimit-Policy, RateLimit, Content-Disposition, X-Request-Id, ${REPLAYED}`,
  );
}

/** The origin of the page that sent a request, if it is on the same host or allowed. */
export function pageOf(
  { headers: { origin, host } }: IncomingMessage,
  allowedOrigins: readonly string[],
): string | undefined {
  if (origin === undefined || allowedOrigins.includes(origin)) return origin;
  return URL.parse(origin)?.host === host ? origin : undefined;
}

export function isPreflight(request: IncomingMessage): boolean {
  return (
    request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined
  );
}

export function sendPreflight(response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST, PATCH, DELETE');
  response.setHeader('Access-Control-Allow-Headers', ALLOWED_HEADERS);
  response.setHeader('Access-Control-Max-Age', MAX_AGE_S);
  sendNothing(response);
}
