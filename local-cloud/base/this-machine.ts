/**
 * Checks who may use the ports that are open on this machine. A browser sends requests of any page to this machine: with the
 * page's `Origin`, or with a host name whose owner has pointed it here (DNS rebinding). The stand-ins for Google's services ask
 * for no token, so each of them checks both headers.
 */
import type { IncomingMessage } from 'node:http';

type Request = Pick<IncomingMessage, 'method' | 'headers'>;
type ServiceRequest = Pick<IncomingMessage, 'headers' | 'socket'>;

const LOCAL_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/;

/** True if the address or origin belongs to this machine. */
export function isLocalAddress(url: string): boolean {
  return LOCAL_NAME.test(URL.parse(url)?.host ?? '');
}

/** The address of a service for programs on this machine: nothing can connect to 0.0.0.0, which means all addresses. */
export const ownAddress = (host: string, port: number) =>
  `${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`;

/** True if the request is addressed to a name of this machine that no other site can have. */
export function isForThisMachine({ headers }: Pick<Request, 'headers'>): boolean {
  return LOCAL_NAME.test(headers.host ?? '');
}

/** An IPv4 address, or a name that nobody can register on the internet, as a container has one. */
const PRIVATE_NAME = /^(\d+\.\d+\.\d+\.\d+|[\w-]+|[\w.-]+\.internal)(:\d+)?$/;
const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/** Like `isForThisMachine`. A service that `host` opens to a network also answers to its private names, but only there. */
export function isForThisService({ headers, socket }: ServiceRequest): boolean {
  if (isForThisMachine({ headers })) return true;
  const { localAddress } = socket;
  if (localAddress === undefined || LOOPBACK.test(localAddress)) return false;
  return PRIVATE_NAME.test(headers.host ?? '');
}

/** True if the request comes from this port's own page, or from a program that is not a browser. */
export function isFromOwnPage({ headers }: Pick<Request, 'headers'>): boolean {
  if (!isForThisMachine({ headers })) return false;
  return isOwnOrigin({ headers });
}

/** Like `isFromOwnPage`, for a service that may be open to a network. */
export function isFromOwnPageOfService({ headers, socket }: ServiceRequest): boolean {
  return isForThisService({ headers, socket }) && isOwnOrigin({ headers });
}

function isOwnOrigin({ headers: { host, origin } }: Pick<Request, 'headers'>): boolean {
  return origin === undefined || URL.parse(origin)?.host === host;
}

/**
 * Content types that a page of any site may send without a preflight, and none at all:
 * https://fetch.spec.whatwg.org/#cors-safelisted-request-header
 */
const TYPE_WITHOUT_PREFLIGHT =
  /^(text\/plain|application\/x-www-form-urlencoded|multipart\/form-data)\b|^$/i;

/**
 * True if another site's page may have sent this request without a preflight. Its other requests that change something begin with
 * one, and the answer to that allows them or not.
 */
export function isWriteWithoutPreflight({ method, headers }: Request): boolean {
  const { origin, 'content-type': type = '' } = headers;
  if (method !== 'POST' || origin === undefined) return false;
  return TYPE_WITHOUT_PREFLIGHT.test(type.trim()) && !isLocalAddress(origin);
}
