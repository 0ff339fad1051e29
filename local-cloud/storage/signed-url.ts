/** Checks V4 signed URLs. https://cloud.google.com/storage/docs/authentication/signatures */
import { createHash, type KeyObject, verify } from 'node:crypto';
import type { Call } from './call.ts';
import { StorageError } from './errors.ts';
import { decodeSegment, encodeSegment } from './names.ts';

const ALGORITHM = 'GOOG4-RSA-SHA256';
const MAX_EXPIRES_S = 7 * 24 * 60 * 60;

interface SignatureParameters {
  email: string;
  /** `YYYYMMDD/location/storage/goog4_request`. */
  scope: string;
  date: string;
  /** Milliseconds. */
  validFrom: number;
  /** Milliseconds. */
  validUntil: number;
  signedHeaders: string[];
  signature: Buffer;
}

/** True if a request carries a V4 signature in its query. */
export function isSigned({ query }: Call): boolean {
  return query.has('X-Goog-Signature');
}

/**
 * @throws {StorageError} 403 if the signature is not a known service account's signature of exactly this request; 400 if the URL
 * has expired or its parameters are malformed
 */
export function verifySignedUrl(
  call: Call,
  publicKey: (email: string) => KeyObject | undefined,
  now: number,
): void {
  const parameters = parseParameters(call.query);
  const key = publicKey(parameters.email);
  const attempts = hostsOf(call).map((host) => stringsToSign(call, parameters, host));
  const isGenuine =
    key !== undefined &&
    attempts.some(({ toSign }) =>
      verify('RSA-SHA256', Buffer.from(toSign), key, parameters.signature),
    );
  if (!isGenuine) throw mismatch(attempts[0]);
  if (now < parameters.validFrom) {
    throw new StorageError('accessDenied', 'Access denied.', {
      Details: `The signed URL is not valid before ${new Date(parameters.validFrom).toISOString()}.`,
    });
  }
  if (now > parameters.validUntil) {
    throw new StorageError('expiredToken', 'The provided token has expired.', {
      Details: `Request signature expired at: ${new Date(parameters.validUntil).toISOString()}`,
    });
  }
}

/**
 * The SHA-256 of the body that the signer demands. The signature covers this header. Without it, any body
 * is accepted.
 */
export function signedContentHash({ req, query }: Call): string | undefined {
  const signed = (query.get('X-Goog-SignedHeaders') ?? '').split(';');
  const hash = req.headers['x-goog-content-sha256'];
  if (!signed.includes('x-goog-content-sha256') || hash === 'UNSIGNED-PAYLOAD') return undefined;
  return typeof hash === 'string' ? hash.toLowerCase() : undefined;
}

function parseParameters(query: URLSearchParams): SignatureParameters {
  const get = (name: string) => {
    const value = query.get(`X-Goog-${name}`);
    if (!value) throw new StorageError('invalid', `Missing query parameter: X-Goog-${name}`);
    return value;
  };
  if (get('Algorithm') !== ALGORITHM) {
    throw new StorageError('invalid', `Only ${ALGORITHM} signatures are supported.`);
  }
  const [, email, scope] =
    /^(.+?)\/(\d{8}\/[^/]+\/storage\/goog4_request)$/.exec(get('Credential')) ?? [];
  const date = get('Date');
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const validFrom = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  const expires = Number(get('Expires'));
  if (email === undefined || scope === undefined || !scope.startsWith(`${y}${mo}${d}/`)) {
    throw new StorageError('invalid', 'Invalid X-Goog-Credential.');
  }
  if (Number.isNaN(validFrom)) throw new StorageError('invalid', 'Invalid X-Goog-Date.');
  if (!Number.isInteger(expires) || expires < 1 || expires > MAX_EXPIRES_S) {
    throw new StorageError('invalid', `X-Goog-Expires must be from 1 to ${MAX_EXPIRES_S} seconds.`);
  }
  return {
    email,
    scope,
    date,
    validFrom,
    validUntil: validFrom + expires * 1000,
    signedHeaders: get('SignedHeaders').split(';'),
    signature: Buffer.from(get('Signature'), 'hex'),
  };
}

/** Google's Node client signs the host without its port; other signers sign it with the port. */
function hostsOf({ req }: Call): string[] {
  const host = req.headers.host ?? '';
  return [...new Set([host, host.replace(/:\d+$/, '')])];
}

function stringsToSign(
  call: Call,
  { date, scope, signedHeaders }: SignatureParameters,
  host: string,
) {
  const canonicalRequest = [
    call.method,
    canonicalPath(call.path),
    canonicalQuery(call.query),
    ...signedHeaders.map((name) => `${name}:${canonicalHeader(call, name, host)}`),
    '',
    signedHeaders.join(';'),
    signedHeaders.includes('x-goog-content-sha256')
      ? canonicalHeader(call, 'x-goog-content-sha256', host)
      : 'UNSIGNED-PAYLOAD',
  ].join('\n');
  const hash = createHash('sha256').update(canonicalRequest).digest('hex');
  return { canonicalRequest, toSign: [ALGORITHM, date, scope, hash].join('\n') };
}

function canonicalPath(path: string): string {
  return path
    .split('/')
    .map((segment) => encodeSegment(decodeSegment(segment)))
    .join('/');
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => name !== 'X-Goog-Signature')
    .map(([name, value]) => `${encodeSegment(name)}=${encodeSegment(value)}`)
    .sort()
    .join('&');
}

function canonicalHeader({ req }: Call, name: string, host: string): string {
  const value = name === 'host' ? host : req.headers[name];
  if (value === undefined) {
    throw new StorageError('malformedSecurityHeader', 'Your request has a malformed header.', {
      ParameterName: name,
      Details: 'Header was included in signedheaders, but not in the request.',
    });
  }
  return String(value).trim().replace(/\s+/g, ' ');
}

function mismatch(attempt: { canonicalRequest: string; toSign: string } | undefined): StorageError {
  return new StorageError('signatureDoesNotMatch', 'Access denied.', {
    Details:
      'The request signature we calculated does not match the signature you provided. Check your Google secret key and signing method.',
    StringToSign: attempt?.toSign ?? '',
    CanonicalRequest: attempt?.canonicalRequest ?? '',
  });
}
