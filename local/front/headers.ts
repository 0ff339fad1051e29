/** What happens to the headers of a request on its way to a container. */
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { parseTraceparent } from '@media-analysis/functions/process/trace';

/**
 * The load balancer takes 64 KB of address and headers:
 * https://cloud.google.com/load-balancing/docs/quotas#https-lb-header-limits
 * A container may take less: Node takes 16 KB.
 */
export const MAX_HEADER_BYTES = 64 * 1_024;

/**
 * They belong to one connection and are not passed on (RFC 9110 §7.6.1):
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

/** Reserved for Google, and removed from what a client sends: see the same page. */
const RESERVED = /^x-google-/;

/**
 * `Connection` may not name them: without its length a body would be read as a request of its own, and without a host
 * nobody knows who is called.
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
 * The load balancer adds two addresses to whatever the client sent, says how the client came, and names itself:
 * https://cloud.google.com/load-balancing/docs/https#target-proxies
 */
export function throughLoadBalancer(
  headers: IncomingHttpHeaders,
  { client, balancer }: { client: string; balancer: string },
): IncomingHttpHeaders {
  const via = headers.via === undefined ? '1.1 google' : `${headers.via}, 1.1 google`;
  return { ...forwardedFor(headers, client, balancer), via };
}

/** At its `run.app` address a service is called without a load balancer. */
export function straightToService(
  headers: IncomingHttpHeaders,
  client: string,
): IncomingHttpHeaders {
  return forwardedFor(headers, client);
}

/**
 * What was there before anybody may have written; the addresses behind it are true. They are added after the caller's
 * `Connection` was read, which could name them.
 */
function forwardedFor(sent: IncomingHttpHeaders, ...addresses: string[]): IncomingHttpHeaders {
  const headers = endToEnd(sent);
  const before = headers['x-forwarded-for'];
  const all = before === undefined ? addresses : [before, ...addresses];
  // Nobody comes by TLS on one machine.
  return { ...headers, 'x-forwarded-for': all.join(','), 'x-forwarded-proto': 'http' };
}

/**
 * Names the trace that the request belongs to, in both forms. Of the traces that the platform begins hardly any is
 * sampled, one in ten seconds: https://cloud.google.com/run/docs/trace#trace_sampling_rate
 */
export function inTrace(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const sent = headers.traceparent?.toString();
  const traceparent = parseTraceparent(sent) ? String(sent) : newTraceparent();
  return { ...headers, traceparent, 'x-cloud-trace-context': toCloudTrace(traceparent) };
}

function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
}

/** The same in the older form, whose span is a decimal number: https://cloud.google.com/trace/docs/trace-context */
function toCloudTrace(traceparent: string): string {
  const [, trace, span, flags = ''] = traceparent.split('-');
  return `${trace}/${BigInt(`0x${span}`)};o=${Number.parseInt(flags, 16) & 1}`;
}
