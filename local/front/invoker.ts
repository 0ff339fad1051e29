/**
 * IAM's check in front of a private service: verifies the caller's token, and passes the token on without
 * its signature.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { Refusal } from './refusal.ts';

/** https://cloud.google.com/run/docs/troubleshooting#signature-removed */
const SIGNATURE_REMOVED = 'SIGNATURE_REMOVED_BY_GOOGLE';

export interface InvokerPolicy {
  issuer: string;
  /** The issuer's public keys, or their address. */
  keys: JSONWebKeySet | URL;
  /** The address of the service. */
  audience: string;
  /** The accounts that have `roles/run.invoker`. */
  invokers: readonly string[];
}

/** Returns the headers for the container. */
export type CheckInvoker = (headers: IncomingHttpHeaders) => Promise<IncomingHttpHeaders>;

/**
 * Without a token the answer is 403, with an invalid token 401, and with a valid token of another account 403:
 * https://cloud.google.com/run/docs/troubleshooting#unauthorized-client
 * @throws {Refusal} from the returned function
 */
export function createInvokerCheck(policy: InvokerPolicy): CheckInvoker {
  const { issuer, audience, keys, invokers } = policy;
  const keySet = keys instanceof URL ? createRemoteJWKSet(keys) : createLocalJWKSet(keys);
  return async (headers) => {
    const header = headerToCheck(headers);
    const sent = headers[header];
    if (typeof sent !== 'string') throw new Refusal(403);
    const token = /^Bearer +(\S+)$/i.exec(sent)?.[1];
    if (token === undefined) throw new Refusal(401);
    const options = { issuer, audience, algorithms: ['RS256'], requiredClaims: ['exp'] };
    const verified = await jwtVerify(token, keySet, options).catch((cause: unknown) => {
      throw new Refusal(401, { cause });
    });
    const { email, email_verified } = verified.payload;
    if (email_verified !== true || !invokers.includes(String(email))) throw new Refusal(403);
    return { ...headers, [header]: `Bearer ${withoutSignature(token)}` };
  };
}

/**
 * If both headers are present, only X-Serverless-Authorization is checked:
 * https://cloud.google.com/run/docs/authenticating/service-to-service#use_an_id_token
 */
function headerToCheck(headers: IncomingHttpHeaders): string {
  const preferred = 'x-serverless-authorization';
  return headers[preferred] === undefined ? 'authorization' : preferred;
}

function withoutSignature(token: string): string {
  return [...token.split('.').slice(0, 2), SIGNATURE_REMOVED].join('.');
}
