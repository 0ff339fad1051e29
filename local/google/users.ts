/**
 * Google's Auth emulator does not sign its tokens (`alg: none`), but the units accept only signed ones.
 * So the local gateway replaces such a token by one that the local issuer signs, with the same claims.
 * https://firebase.google.com/docs/emulator-suite/connect_auth#id_tokens
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Identity } from '@media-analysis/local-cloud';
import type { SignInConfig } from '@media-analysis/shared/page-config';
import { UnsecuredJWT } from 'jose';

export interface EmulatorUsers {
  /**
   * Replaces an unsigned token in these headers. A token of another issuer or project stays, and the
   * units refuse it.
   */
  exchange(headers: IncomingHttpHeaders): Promise<void>;
}

export interface EmulatorUsersOptions {
  /** The project of the emulator's tokens. */
  project: string;
  identity: Identity;
  /** The `aud` that the units expect. */
  audience: string;
}

export function createEmulatorUsers(options: EmulatorUsersOptions): EmulatorUsers {
  const { project, identity, audience } = options;
  const issuer = `https://securetoken.google.com/${project}`;

  async function signed(token: string): Promise<string> {
    let claims: ReturnType<typeof UnsecuredJWT.decode>['payload'];
    try {
      // Also throws for a signed token: the units check that one.
      claims = UnsecuredJWT.decode(token, { issuer, audience: project }).payload;
    } catch {
      return token;
    }
    const { sub, exp } = claims;
    // Anyone can write an unsigned token, with any values: a number as the name, 1e999 as a time.
    if (typeof sub !== 'string' || sub === '' || !Number.isSafeInteger(exp)) return token;
    const expiresInS = Number(exp) - Math.floor(Date.now() / 1_000);
    return identity.sign({ sub, audience, claims, expiresInS });
  }

  return {
    async exchange(headers) {
      headers.authorization &&= await replaceToken(
        /^(Bearer +)(\S+)$/i,
        headers.authorization,
        signed,
      );
      headers.cookie &&= await replaceToken(
        /^((?:.*;)?\s*__session=)([^;\s]+)/,
        headers.cookie,
        signed,
      );
    },
  };
}

async function replaceToken(
  pattern: RegExp,
  text: string,
  signed: (token: string) => Promise<string>,
): Promise<string> {
  const [, before = '', token] = pattern.exec(text) ?? [];
  if (token === undefined) return text;
  return before + (await signed(token)) + text.slice(before.length + token.length);
}

/** The page's settings for signing in there. Any API key works. @param host `127.0.0.1:9099` */
export function emulatorSignIn(host: string): SignInConfig {
  return {
    api_key: 'local',
    identity_url: `http://${host}/identitytoolkit.googleapis.com`,
    token_url: `http://${host}/securetoken.googleapis.com`,
    sign_up: true,
  };
}
