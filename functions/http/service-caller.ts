/** Finds out which backend calls with a service key, and for whom. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '@media-analysis/shared/errors';
import type { Logger } from '../process/log.ts';
import { KEY_PREFIX, type Scope, type ServiceKey } from './service-key.ts';

export interface KeyRing {
  /** @returns undefined if the key does not exist, has ended or was revoked */
  find(text: string): Promise<ServiceKey | undefined>;
  isUsable(id: string): Promise<boolean>;
}

export interface ServiceCaller {
  key: ServiceKey;
  /** The user for whom it acts. Undefined: the request names nobody. */
  ownerId: string | undefined;
}

type Headers = Pick<IncomingMessage, 'method' | 'headers'> & { url?: string | undefined };

export type AuthenticateService = (request: Headers, scope: Scope) => Promise<ServiceCaller>;

const MAX_OWNER_ID = 255;

/** The limit of OpenID Connect for `sub`: https://openid.net/specs/openid-connect-core-1_0.html#IDToken */
export function isOwnerId(text: string): boolean {
  return text.length <= MAX_OWNER_ID && /^[\x21-\x7e]+$/.test(text);
}

/** The scope of a request whose route names none. */
export function scopeOf(method: string | undefined): Scope {
  return method === 'GET' || method === 'HEAD' ? 'read' : 'write';
}

export function isServiceToken(token: string | undefined): token is string {
  return token?.startsWith(KEY_PREFIX) ?? false;
}

/**
 * Each call is written to the log with the id of its key.
 * @throws {AppError} `unauthenticated`, `forbidden`, `invalid_request` for a user id that cannot exist
 */
export function createAuthenticateService(keys: KeyRing, logger: Logger): AuthenticateService {
  return async ({ method, url, headers }, scope) => {
    // A key is accepted only in this header: addresses get into logs, and any page sends a cookie.
    const text = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (!isServiceToken(text)) {
      throw new AppError(
        'unauthenticated',
        'This is for backends: send a service key, as "Authorization: Bearer mk_…".',
      );
    }
    const key = await keys.find(text);
    if (!key) {
      throw new AppError(
        'unauthenticated',
        'The service key is not valid: it has ended, or never was.',
      );
    }
    const call = { key_id: key.id, method, path: url?.split('?')[0] };
    if (!key.scopes.includes(scope)) {
      logger.warn({ ...call, scope }, 'a service key may not do this');
      throw new AppError(
        'forbidden',
        `This service key has no scope "${scope}". It has: ${key.scopes.join(', ')}.`,
      );
    }
    const ownerId = headers['x-on-behalf-of']?.toString();
    if (ownerId !== undefined && !isOwnerId(ownerId)) {
      throw new AppError(
        'invalid_request',
        `X-On-Behalf-Of: the id of one user, "sub" of the user's own tokens: 1 to ${MAX_OWNER_ID} letters, digits and signs without blanks.`,
      );
    }
    logger.info(call, 'called with a service key');
    return { key, ownerId };
  };
}
