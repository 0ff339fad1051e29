/** Finds out who calls: a user of the API, or Cloud Tasks with a task for the worker. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { AppError } from '@media-analysis/shared/errors';
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
  UnsecuredJWT,
} from 'jose';
import {
  type AuthenticateService,
  isServiceToken,
  type ServiceCaller,
  scopeOf,
} from './service-caller.ts';
import type { Scope } from './service-key.ts';

/** The clocks of the issuer and of this instance may differ by this much. */
const CLOCK_TOLERANCE_S = 30;

export interface TokenPolicy {
  issuer: string;
  audience: string;
  jwksUrl: string;
}

/** The library's codes for faults of the issuer's keys, not of the token. */
const KEYS_UNAVAILABLE: ReadonlySet<string> = new Set([
  errors.JWKSTimeout.code,
  errors.JWKSInvalid.code,
  // The issuer's answer was not 200, or not JSON.
  errors.JOSEError.code,
]);

/** Throws the errors of `jose`. */
type ReadClaims = (token: string, options: JWTVerifyOptions) => Promise<JWTPayload>;

/** The issuer's keys are fetched when the first token needs them. */
function readSigned(jwksUrl: string): ReadClaims {
  const keys = createRemoteJWKSet(new URL(jwksUrl));
  return async (token, options) => {
    return (await jwtVerify(token, keys, options)).payload;
  };
}

/** @throws {AppError} `unauthenticated`; `unavailable` if the keys cannot be fetched */
function createVerifier({ issuer, audience }: TokenPolicy, read: ReadClaims) {
  // The named algorithm refuses `alg: none`, and keys used for another algorithm.
  const options: JWTVerifyOptions = {
    issuer,
    audience,
    algorithms: ['RS256'],
    clockTolerance: CLOCK_TOLERANCE_S,
    requiredClaims: ['exp'],
  };
  return async (token: string): Promise<JWTPayload> => {
    try {
      return await read(token, options);
    } catch (cause) {
      if (cause instanceof errors.JOSEError && !KEYS_UNAVAILABLE.has(cause.code)) {
        const expired = cause instanceof errors.JWTExpired;
        const message = expired
          ? 'The token has expired: sign in again.'
          : 'The token is not valid.';
        throw new AppError('unauthenticated', message, { cause });
      }
      throw new AppError('unavailable', 'Your sign-in cannot be checked now. Try again.', {
        cause,
      });
    }
  };
}

export interface Caller {
  /** The `sub` of the token, or the user for whom a service key acts. */
  ownerId: string;
  /** The end of the token or key, in epoch milliseconds. A call may be accepted a little later, but a stream ends then. */
  expiresAtMs: number;
  /** The service key with which a backend calls. */
  keyId?: string;
}

export type Authenticate = (
  request: Pick<IncomingMessage, 'method' | 'headers'> & { url?: string | undefined },
  /** A service key needs this scope. Default: `read` for a GET, `write` for others. A user may do everything. */
  scope?: Scope,
) => Promise<Caller>;

/**
 * A browser adds the cookie to requests of any page. So the cookie is enough to read, but not to change anything (cross-site
 * request forgery).
 * @param service Finds out which backend calls. Without it there are no service keys.
 * @throws {AppError} `unauthenticated`
 */
export function createAuthenticate(
  policy: TokenPolicy,
  service?: AuthenticateService,
): Authenticate {
  const verify = createVerifier(policy, readSigned(policy.jwksUrl));
  return async (request, scope = scopeOf(request.method)) => {
    const { method, headers } = request;
    const bearer = bearerToken(headers);
    if (service && isServiceToken(bearer)) return onBehalf(await service(request, scope));
    if (headers['x-on-behalf-of'] !== undefined) {
      throw new AppError(
        'invalid_request',
        'X-On-Behalf-Of: only a service key acts for others. Send it as "Authorization: Bearer mk_…".',
      );
    }
    const cookie = scopeOf(method) === 'read' ? sessionCookie(headers) : undefined;
    const token = bearer ?? cookie;
    if (token === undefined) {
      throw new AppError(
        'unauthenticated',
        'Sign in first: send "Authorization: Bearer <token>", or for reading the __session cookie.',
      );
    }
    const { sub, exp = 0 } = await verify(token);
    if (!sub) throw new AppError('unauthenticated', 'The token names no user.');
    return { ownerId: sub, expiresAtMs: exp * 1_000 };
  };
}

function onBehalf({ key, ownerId }: ServiceCaller): Caller {
  if (ownerId === undefined) {
    throw new AppError(
      'invalid_request',
      'X-On-Behalf-Of: name the user for whom you act, by "sub" of the user\'s own tokens.',
    );
  }
  return { ownerId, keyId: key.id, expiresAtMs: key.endsAtMs ?? Number.POSITIVE_INFINITY };
}

/**
 * Cloud Run checks the signature of a token before a request reaches a private service, and then replaces it by this text:
 * https://cloud.google.com/run/docs/troubleshooting#signature-removed
 */
const REMOVED_SIGNATURE = 'SIGNATURE_REMOVED_BY_GOOGLE';

/**
 * Who verifies the signature of a task's token. `verify`: always this code. `platform`: Cloud Run, if the token has
 * `REMOVED_SIGNATURE`. That is allowed only for a service that no request reaches without Cloud Run's check
 * (`deploy/check/access.ts`).
 */
export type TasksAuth = 'verify' | 'platform';

export interface TaskPolicy extends TokenPolicy {
  /** E-mail of the service account that Cloud Tasks and Cloud Scheduler use. */
  serviceAccount: string;
  auth: TasksAuth;
}

export type AuthenticateTask = (headers: IncomingHttpHeaders) => Promise<void>;

/** Accepts only calls that Cloud Tasks or Scheduler makes as our service account, for this worker. */
export function createAuthenticateTask(policy: TaskPolicy): AuthenticateTask {
  const signed = createVerifier(policy, readSigned(policy.jwksUrl));
  const checked = createVerifier(policy, readChecked);
  return async (headers) => {
    const token = bearerToken(headers);
    if (token === undefined) throw new AppError('unauthenticated', 'This route is for tasks only.');
    const isChecked = policy.auth === 'platform' && wasChecked(token, headers);
    const { email, email_verified } = await (isChecked ? checked : signed)(token);
    if (email !== policy.serviceAccount || email_verified !== true) {
      throw new AppError('unauthenticated', 'This route is for tasks only.');
    }
  };
}

function wasChecked(token: string, headers: IncomingHttpHeaders): boolean {
  // With this header Cloud Run checks the token in it, and lets any `Authorization` pass:
  // https://cloud.google.com/run/docs/authenticating/service-to-service
  if (headers['x-serverless-authorization'] !== undefined) return false;
  return token.split('.').slice(2).join('.') === REMOVED_SIGNATURE;
}

/** Checks issuer, audience and time, but not the signature. */
const readChecked: ReadClaims = async (token, options) => {
  const alg = algorithmOf(token);
  if (alg !== 'RS256') throw new errors.JOSEAlgNotAllowed(`"alg" is ${alg}, not RS256`);
  // The library reads a token without a signature only if its header says `none`.
  const header = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  return UnsecuredJWT.decode(`${header}.${token.split('.')[1]}.`, options).payload;
};

function algorithmOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).alg;
  } catch (cause) {
    throw new errors.JWTInvalid('the header is no JSON', { cause });
  }
}

function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** Reads `__session`: Firebase Hosting and its CDN pass only this cookie to a backend. */
function sessionCookie(headers: IncomingHttpHeaders): string | undefined {
  return /(?:^|;\s*)__session=([^;\s]+)/.exec(headers.cookie ?? '')?.[1];
}

/** The defaults are those of Firebase Authentication. */
export function callerPolicy(config: {
  GOOGLE_CLOUD_PROJECT: string;
  AUTH_ISSUER?: string | undefined;
  AUTH_AUDIENCE?: string | undefined;
  AUTH_JWKS_URL: string;
}): TokenPolicy {
  const project = config.GOOGLE_CLOUD_PROJECT;
  return {
    issuer: config.AUTH_ISSUER ?? `https://securetoken.google.com/${project}`,
    audience: config.AUTH_AUDIENCE ?? project,
    jwksUrl: config.AUTH_JWKS_URL,
  };
}
