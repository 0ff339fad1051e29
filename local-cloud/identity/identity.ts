/**
 * The local issuer of tokens. It signs real RS256 tokens with its own keys, so the units verify them with
 * the same code that verifies Google's.
 */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { exportJWK, type JSONWebKeySet, SignJWT } from 'jose';
import { createKeyring, type Keyring } from './keyring.ts';

/** RFC 6761 reserves `.invalid`, so a token of this issuer cannot be mistaken for another issuer's. */
export const ISSUER = 'https://identity.local-cloud.invalid';

export interface TokenRequest {
  sub: string;
  audience: string;
  /** Adds `email` and `email_verified: true`. */
  email?: string;
  /** Further claims. The registered claims above replace them. */
  claims?: Record<string, unknown>;
  /** Lifetime in seconds; by default an hour. */
  expiresInS?: number;
}

/** The JSON key file of a service account, with Google's field names. */
interface ServiceAccountKey {
  type: 'service_account';
  project_id: string;
  private_key_id: string;
  /** PKCS #8 PEM. */
  private_key: string;
  client_email: string;
  client_id: string;
  auth_uri: string;
  token_uri: string;
  universe_domain: string;
}

export interface Identity {
  readonly issuer: string;
  /** The public keys that verify tokens of `sign`. */
  jwks(): JSONWebKeySet;
  sign(request: TokenRequest): Promise<string>;
  /**
   * The account's key. It is created at the first call and stays the same.
   * @param tokenUri clients exchange a signed assertion for a token here: a running server's `/token`
   */
  serviceAccountKey(email: string, tokenUri?: string): Promise<ServiceAccountKey>;
  /** The key that verifies the account's signatures; undefined if the account has no key. */
  publicKey(email: string): KeyObject | undefined;
}

/**
 * @param options.issuer the issuer of its tokens; by default `ISSUER`
 * @param options.dataDir keeps the keys in `identity.json`, so that tokens survive a restart. Without it, the keys end with the
 * process.
 */
export async function createIdentity(
  options: { dataDir?: string; issuer?: string } = {},
): Promise<Identity> {
  const { issuer = ISSUER } = options;
  const keyring = await createKeyring(options.dataDir);
  const signingKey = keyring.signingKey;
  const kid = keyId(signingKey);
  const publicJwk = await exportJWK(createPublicKey(signingKey));
  const jwks = { keys: [{ ...publicJwk, kid, alg: 'RS256', use: 'sig' }] };

  return {
    issuer,
    jwks: () => jwks,
    sign: ({ sub, audience, email, claims, expiresInS = 3_600 }) => {
      const issuedAt = Math.floor(Date.now() / 1_000);
      return new SignJWT({ ...claims, ...(email ? { email, email_verified: true } : {}) })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid })
        .setIssuer(issuer)
        .setSubject(sub)
        .setAudience(audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + expiresInS)
        .sign(signingKey);
    },
    serviceAccountKey: async (email, tokenUri = `${issuer}/token`) => {
      const key = await keyring.ensure(email);
      return toServiceAccountKey(email, { authUri: `${issuer}/auth`, tokenUri }, key);
    },
    publicKey: (email) => publicKeyOf(keyring, email),
  };
}

/** An account's number, which its tokens have as `sub` and `azp`. */
export function accountId(email: string): string {
  const digest = createHash('sha256').update(email).digest('hex').slice(0, 16);
  // Google's numbers have 21 digits and start with a 1.
  return `1${BigInt(`0x${digest}`).toString().padStart(20, '0')}`;
}

function toServiceAccountKey(
  email: string,
  { authUri, tokenUri }: { authUri: string; tokenUri: string },
  key: KeyObject,
): ServiceAccountKey {
  return {
    type: 'service_account',
    project_id: /@([^.]+)\.iam\.gserviceaccount\.com$/.exec(email)?.[1] ?? 'local',
    private_key_id: keyId(key),
    private_key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    client_email: email,
    client_id: accountId(email),
    auth_uri: authUri,
    token_uri: tokenUri,
    universe_domain: 'googleapis.com',
  };
}

function publicKeyOf(keyring: Keyring, email: string): KeyObject | undefined {
  const key = keyring.find(email);
  return key && createPublicKey(key);
}

/** The same key has the same id on every machine. */
function keyId(key: KeyObject): string {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex').slice(0, 40);
}
