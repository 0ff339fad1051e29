/**
 * Google's Auth emulator does not sign its tokens (`alg: none`), but the units accept only signed ones.
 * So the local gateway replaces such a token by one that the local issuer signs, with the same claims.
 * https://firebase.google.com/docs/emulator-suite/connect_auth#id_tokens
 */
import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { UnsecuredJWT } from 'jose';
import type { Identity } from '../identity/identity.ts';

export interface EmulatorUsers {
  /** Port of the Auth emulator on this machine. */
  port: number;
  /**
   * Replaces an unsigned token in these headers. A token of another issuer or project stays, and the
   * units refuse it.
   */
  exchange(headers: IncomingHttpHeaders): Promise<void>;
}

export interface EmulatorUsersOptions {
  /** `127.0.0.1:9099` */
  host: string;
  /** The project of the emulator's tokens. */
  project: string;
  identity: Identity;
  /** The `aud` that the units expect. */
  audience: string;
}

export function createEmulatorUsers(options: EmulatorUsersOptions): EmulatorUsers {
  const { host, project, identity, audience } = options;
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
    port: Number(host.split(':').at(-1)),
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

/** The emulator's calls that the sign-in page may use, by their local path. Any API key works. */
const REST = new Map([
  ['/local/auth/sign-up', '/identitytoolkit.googleapis.com/v1/accounts:signUp?key=local'],
  [
    '/local/auth/sign-in',
    '/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=local',
  ],
  ['/local/auth/token', '/securetoken.googleapis.com/v1/token?key=local'],
]);

/** The emulator's path behind a local path, if there is one. */
export const restPath = (pathname: string) => REST.get(pathname);

/** The page loads this script before its own. The script gives the page the user's token. */
export const SESSION_SCRIPT = '/local/session.js';

const FILES = new Map([
  ['/local/sign-in', ['sign-in.html', 'text/html; charset=utf-8']],
  ['/local/sign-in.js', ['sign-in.js', 'text/javascript; charset=utf-8']],
  ['/local/sign-in.css', ['sign-in.css', 'text/css; charset=utf-8']],
  [SESSION_SCRIPT, ['session.js', 'text/javascript; charset=utf-8']],
] as const);

/** @returns Whether the file exists. If it does, it was sent. */
export async function sendSignIn(response: ServerResponse, pathname: string): Promise<boolean> {
  const [file, type] = (FILES as Map<string, readonly [string, string]>).get(pathname) ?? [];
  if (file === undefined) return false;
  const body = await readFile(new URL(`page/${file}`, import.meta.url));
  const self = "'self'";
  response
    .writeHead(200, {
      'Content-Type': type,
      'Cache-Control': 'no-store',
      'Content-Security-Policy': `default-src 'none'; script-src ${self}; style-src ${self}; connect-src ${self}; base-uri 'none'; frame-ancestors 'none'`,
      'X-Content-Type-Options': 'nosniff',
    })
    .end(body);
  return true;
}
