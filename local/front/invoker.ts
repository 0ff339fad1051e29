/** What IAM does before a private service: it checks who calls, and hands the token on without its signature. */
import type { IncomingHttpHeaders } from 'node:http';
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { Refusal } from './refusal.ts';

/** https://cloud.google.com/run/docs/troubleshooting#signature-removed */
const SIGNATURE_REMOVED = 'SIGNATURE_REMOVED_BY_GOOGLE';

export interface InvokerPolicy {
  issuer: string;
  /** The issuer's keys, or where they are. */
  keys: JSONWebKeySet | URL;
  /** The address of the service. */
  audience: string;
  /** The accounts that have `roles/run.invoker`. */
  invokers: readonly string[];
}

/** Answers the headers that the container gets. */
export type CheckInvoker = (headers: IncomingHttpHeaders) => Promise<IncomingHttpHeaders>;

/**
 * Who proves nothing is forbidden (403), who proves it wrongly is not authenticated (401), who is somebody else is
 * forbidden: https://cloud.google.com/run/docs/troubleshooting#unauthorized-client
 * @throws {Refusal} from what it returns.
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
 * Of two headers only X-Serverless-Authorization is checked:
 * https://cloud.google.com/run/docs/authenticating/service-to-service#use_an_id_token
 */
function headerToCheck(headers: IncomingHttpHeaders): string {
  const preferred = 'x-serverless-authorization';
  return headers[preferred] === undefined ? 'authorization' : preferred;
}

function withoutSignature(token: string): string {
  return [...token.split('.').slice(0, 2), SIGNATURE_REMOVED].join('.');
}
