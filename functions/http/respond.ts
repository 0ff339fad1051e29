/** Sends answers: JSON, RFC 9457 problem documents, and files. */
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type AppError, type Quota, toProblem } from '@media-analysis/shared/errors';
import { gzipFor } from './compress.ts';

/** An answer is for one caller: no cache may keep it, and no browser may guess another type. */
const COMMON_HEADERS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/** On each answer. Its value leads to the lines of the log for that request. */
export const REQUEST_ID = 'X-Request-Id';

/** The name is Stripe's: https://docs.stripe.com/api/idempotent_requests */
export const REPLAYED = 'Idempotent-Replayed';

/** Tells the caller that an earlier request with the same `Idempotency-Key` made the result. */
export function markReplayed(response: ServerResponse): void {
  response.setHeader(REPLAYED, 'true');
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  sendBody(response, status, 'application/json; charset=utf-8', body);
}

export function sendNothing(response: ServerResponse, status = 204): void {
  response.writeHead(status, COMMON_HEADERS).end();
}

export function sendRedirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { ...COMMON_HEADERS, Location: location }).end();
}

/**
 * Sends a file piece by piece, as fast as its receiver takes it. If the first piece fails, nothing was sent. If a later one
 * fails, the connection breaks off, so that nobody takes half a file for a whole one.
 * @param signal Aborted when the receiver is gone. Then this ends without an error.
 */
export async function sendFile(
  response: ServerResponse,
  { type, name }: { type: string; name: string },
  pieces: AsyncGenerator<string | Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const first = await pieces.next();
  async function* all() {
    if (!first.done) yield first.value;
    yield* pieces;
  }
  response.writeHead(200, {
    ...COMMON_HEADERS,
    'Content-Type': type,
    'Content-Disposition': `attachment; filename="${name}"`,
  });
  if (response.req.method === 'HEAD') {
    response.end();
    await pieces.return(undefined);
    return;
  }
  try {
    await pipeline(all, response);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** For an error that does not say when to try again. */
const RETRY_AFTER_MS = 5_000;

export function sendProblem(response: ServerResponse, error: AppError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const request_id = response.getHeader(REQUEST_ID);
  const problem = { ...toProblem(error), ...(request_id !== undefined && { request_id }) };
  const retryAfterMs = error.retryAfterMs ?? (problem.status === 503 ? RETRY_AFTER_MS : undefined);
  const retryAfter = retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1_000);
  if (retryAfter !== undefined) response.setHeader('Retry-After', retryAfter);
  if (error.quota && retryAfter !== undefined) showLimits(response, [error.quota], retryAfter);
  if (error.code === 'unauthenticated') response.setHeader('WWW-Authenticate', 'Bearer');
  sendBody(response, problem.status, 'application/problem+json; charset=utf-8', problem);
}

/** A strong tag is that of the bytes as they are sent: RFC 9110 §8.8.3.3. */
export const gzippedTag = (etag: string) => etag.replace(/"$/, '-gzip"');

/**
 * https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-11
 * @param againS In how many seconds there is more.
 */
export function showLimits(response: ServerResponse, all: readonly Quota[], againS: number): void {
  const policies = all.map(({ name, most, windowS, unit }) => {
    const qu = unit ? `;qu="${unit}"` : '';
    return `"${name}";q=${most}${qu};w=${windowS}`;
  });
  const states = all.map(({ name, left }) => `"${name}";r=${Math.max(0, left)};t=${againS}`);
  response.setHeader('RateLimit-Policy', policies.join(', '));
  response.setHeader('RateLimit', states.join(', '));
}

function sendBody(response: ServerResponse, status: number, type: string, body: unknown): void {
  const plain = Buffer.from(JSON.stringify(body));
  const small = gzipFor(response.req, plain);
  const bytes = small ?? plain;
  const etag = response.getHeader('ETag');
  if (small && etag !== undefined) response.setHeader('ETag', gzippedTag(String(etag)));
  response
    .writeHead(status, {
      ...COMMON_HEADERS,
      'Content-Type': type,
      ...(small && { 'Content-Encoding': 'gzip' }),
      'Content-Length': bytes.length,
    })
    .end(bytes);
}
