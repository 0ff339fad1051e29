/** Changes the headers of a request on its way to a container, as the platform does. */
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { parseTraceparent } from '@media-analysis/functions/process/trace';

/**
 * The load balancer accepts 64 KiB for the address and the headers:
 * https://cloud.google.com/load-balancing/docs/quotas#https-lb-header-limits A container may accept less:
 * Node accepts 16 KiB.
 */
export const MAX_HEADER_BYTES = 64 * 1_024;

/**
 * Headers of one connection, which are not passed on (RFC 9110 §7.6.1):
 * https://cloud.google.com/functions/docs/reference/headers#headers_removed_from_incoming_requests
 */
const HOP_BY_HOP = [
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Google reserves these and removes them from clients' requests: see the same page. */
const RESERVED = /^x-google-/;

/**
 * `Connection` must not remove these: without its length, a body would be read as another request, and
 * without a host the container does not know its own name.
 */
const ALWAYS_PASSED_ON = ['content-length', 'host'];

/** Headers that may be passed on to the next connection. */
export function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const dropped = new Set([...HOP_BY_HOP, ...named]);
  for (const name of ALWAYS_PASSED_ON) dropped.delete(name);
  const kept = Object.entries(headers).filter(
    ([name]) => !dropped.has(name) && !RESERVED.test(name),
  );
  return Object.fromEntries(kept);
}

/**
 * The load balancer appends two addresses to `X-Forwarded-For`, sets the protocol, and names itself in
 * `Via`: https://cloud.google.com/load-balancing/docs/https#target-proxies
 */
export function throughLoadBalancer(
  headers: IncomingHttpHeaders,
  { client, balancer }: { client: string; balancer: string },
): IncomingHttpHeaders {
  const via = headers.via === undefined ? '1.1 google' : `${headers.via}, 1.1 google`;
  return { ...forwardedFor(headers, client, balancer), via };
}

/** The headers of a call to the service's `run.app` address, which has no load balancer in front. */
export function straightToService(
  headers: IncomingHttpHeaders,
  client: string,
): IncomingHttpHeaders {
  return forwardedFor(headers, client);
}

/**
 * The client may have written the earlier addresses; the appended ones are true. They are appended after reading the client's
 * `Connection` header, because that header could remove them.
 */
function forwardedFor(sent: IncomingHttpHeaders, ...addresses: string[]): IncomingHttpHeaders {
  const headers = endToEnd(sent);
  const before = headers['x-forwarded-for'];
  const all = before === undefined ? addresses : [before, ...addresses];
  // There is no TLS on this machine.
  return { ...headers, 'x-forwarded-for': all.join(','), 'x-forwarded-proto': 'http' };
}

/**
 * Names the request's trace in both formats. If the platform begins the trace, it is not sampled: Cloud
 * Run samples at most one request in ten seconds:
 * https://cloud.google.com/run/docs/trace#trace_sampling_rate
 */
export function inTrace(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const sent = headers.traceparent?.toString();
  const traceparent = parseTraceparent(sent) ? String(sent) : newTraceparent();
  return { ...headers, traceparent, 'x-cloud-trace-context': toCloudTrace(traceparent) };
}

function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
}

/**
 * The older format of the same trace context, whose span is a decimal number:
 * https://cloud.google.com/trace/docs/trace-context
 */
function toCloudTrace(traceparent: string): string {
  const [, trace, span, flags = ''] = traceparent.split('-');
  return `${trace}/${BigInt(`0x${span}`)};o=${Number.parseInt(flags, 16) & 1}`;
}
