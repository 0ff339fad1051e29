/** Who is calling: the end user of the API, or Cloud Tasks calling the worker. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { AppError } from '@media-analysis/shared/errors';
import {
  createRemoteJWKSet,
  errors,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';

export interface TokenPolicy {
  issuer: string;
  audience: string;
  jwksUrl: string;
}

/** What the library says when the issuer's keys, and not the token, are at fault. */
const KEYS_UNAVAILABLE: ReadonlySet<string> = new Set([
  errors.JWKSTimeout.code,
  errors.JWKSInvalid.code,
  // An answer that is no 200, or no JSON.
  errors.JOSEError.code,
]);

/** Verifies a signed token. @throws {AppError} `unauthenticated`, or `unavailable` without keys. */
function createVerifier({ issuer, audience, jwksUrl }: TokenPolicy) {
  const keys = createRemoteJWKSet(new URL(jwksUrl));
  // Naming the algorithm is what refuses `alg: none` and keys used for another algorithm.
  const options: JWTVerifyOptions = {
    issuer,
    audience,
    algorithms: ['RS256'],
    clockTolerance: 30,
    requiredClaims: ['exp'],
  };
  return async (token: string): Promise<JWTPayload> => {
    try {
      return (await jwtVerify(token, keys, options)).payload;
    } catch (cause) {
      if (cause instanceof errors.JOSEError && !KEYS_UNAVAILABLE.has(cause.code)) {
        const expired = cause instanceof errors.JWTExpired;
        const message = expired
          ? 'The token has expired: sign in again.'
          : 'The token is not valid.';
        throw new AppError('unauthenticated', message, { cause });
      }
      throw new AppError('unavailable', 'Signing in cannot be checked just now. Try again.', {
        cause,
      });
    }
  };
}

export type Authenticate = (
  request: Pick<IncomingMessage, 'method' | 'headers'>,
) => Promise<string>;

/**
 * Answers the caller's id (`sub`). The cookie, which a browser adds to the requests of any page, is
 * enough to read and not to change anything (cross-site request forgery).
 * @throws {AppError} `unauthenticated`
 */
export function createAuthenticate(policy: TokenPolicy): Authenticate {
  const verify = createVerifier(policy);
  return async ({ method, headers }) => {
    const cookie = method === 'GET' ? sessionCookie(headers) : undefined;
    const token = bearerToken(headers) ?? cookie;
    if (token === undefined) {
      throw new AppError(
        'unauthenticated',
        'Sign in first: send "Authorization: Bearer <token>", or to read the __session cookie.',
      );
    }
    const { sub } = await verify(token);
    if (!sub) throw new AppError('unauthenticated', 'The token names no user.');
    return sub;
  };
}

export type AuthenticateTask = (headers: IncomingHttpHeaders) => Promise<void>;

/** Passes only Cloud Tasks and Scheduler, calling as our service account, for this worker. */
export function createAuthenticateTask(
  policy: TokenPolicy & { serviceAccount: string },
): AuthenticateTask {
  const verify = createVerifier(policy);
  return async (headers) => {
    const token = bearerToken(headers);
    if (token === undefined) throw new AppError('unauthenticated', 'This route is for tasks only.');
    const { email, email_verified } = await verify(token);
    if (email !== policy.serviceAccount || email_verified !== true) {
      throw new AppError('unauthenticated', 'This route is for tasks only.');
    }
  };
}

function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** The one cookie that Firebase Hosting and CDNs in front of it let through to a backend. */
function sessionCookie(headers: IncomingHttpHeaders): string | undefined {
  return /(?:^|;\s*)__session=([^;\s]+)/.exec(headers.cookie ?? '')?.[1];
}

/** Firebase Authentication's issuer and audience, unless the operator names others. */
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
