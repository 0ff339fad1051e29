/** The tokens that tasks send to their targets. */
import { accountId, type Identity } from '../identity/identity.ts';
import type { Authorization } from './model.ts';

const LIFETIME_MS = 3_600_000;
/** A reused token must stay valid for the longest dispatch deadline, 30 minutes. */
const REUSE_MS = LIFETIME_MS - 1_900_000;
const MAX_CACHED = 1_000;

/** Value of the `Authorization` header. */
export type Authorizer = (authorization: Authorization) => Promise<string>;

/** Signing takes longer than the rest of a dispatch, so tokens are reused while they are fresh. */
export function createAuthorizer(identity: Pick<Identity, 'issuer' | 'sign'>): Authorizer {
  const cache = new Map<string, { header: Promise<string>; reuseUntilMs: number }>();
  return (authorization) => {
    const key = JSON.stringify(authorization);
    const cached = cache.get(key);
    if (cached && Date.now() < cached.reuseUntilMs) return cached.header;
    if (cache.size >= MAX_CACHED) cache.clear();
    const header = sign(identity, authorization).then((token) => `Bearer ${token}`);
    cache.set(key, { header, reuseUntilMs: Date.now() + REUSE_MS });
    header.catch(() => cache.delete(key));
    return header;
  };
}

function sign(
  identity: Pick<Identity, 'issuer' | 'sign'>,
  authorization: Authorization,
): Promise<string> {
  const { email } = authorization;
  const sub = accountId(email);
  const token = { sub, email, expiresInS: LIFETIME_MS / 1_000 };
  return authorization.kind === 'oidc'
    ? identity.sign({ ...token, audience: authorization.audience, claims: { azp: sub } })
    : identity.sign({
        ...token,
        audience: identity.issuer,
        claims: { scope: authorization.scope },
      });
}
