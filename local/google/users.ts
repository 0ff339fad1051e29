/**
 * Users of Google's Auth emulator, which signs nothing (`alg: none`), for units that believe signatures alone.
 * The local gateway puts a token in the place of theirs that the local issuer signs, with the same claims.
 * https://firebase.google.com/docs/emulator-suite/connect_auth#id_tokens
 */
import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { UnsecuredJWT } from 'jose';
import type { Identity } from '../identity/identity.ts';

export interface EmulatorUsers {
  /** Of the Auth emulator, on this machine. */
  port: number;
  /** Replaces an unsigned token in these headers; one that is not for us stays, for the units to refuse. */
  exchange(headers: IncomingHttpHeaders): Promise<void>;
}

export interface EmulatorUsersOptions {
  /** `127.0.0.1:9099` */
  host: string;
  /** That the emulator's tokens are of. */
  project: string;
  identity: Identity;
  /** What the units want to read as `aud`. */
  audience: string;
}

export function createEmulatorUsers(options: EmulatorUsersOptions): EmulatorUsers {
  const { host, project, identity, audience } = options;
  const issuer = `https://securetoken.google.com/${project}`;

  async function signed(token: string): Promise<string> {
    let claims: ReturnType<typeof UnsecuredJWT.decode>['payload'];
    try {
      // Refuses whatever has a signature, too: that is the units' to judge.
      claims = UnsecuredJWT.decode(token, { issuer, audience: project }).payload;
    } catch {
      return token;
    }
    const { sub, exp } = claims;
    // Whoever writes it may write anything: a number for a name, 1e999 for a time.
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

/** What the page of signing in may ask the emulator; by where it asks. Any key will do. */
const REST = new Map([
  ['/local/auth/sign-up', '/identitytoolkit.googleapis.com/v1/accounts:signUp?key=local'],
  [
    '/local/auth/sign-in',
    '/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=local',
  ],
  ['/local/auth/token', '/securetoken.googleapis.com/v1/token?key=local'],
]);

/** The address of the emulator that stands behind this one, if one does. */
export const restPath = (pathname: string) => REST.get(pathname);

/** Run by the product's page before its own script: gives it the user's token. */
export const SESSION_SCRIPT = '/local/session.js';

const FILES = new Map([
  ['/local/sign-in', ['sign-in.html', 'text/html; charset=utf-8']],
  ['/local/sign-in.js', ['sign-in.js', 'text/javascript; charset=utf-8']],
  ['/local/sign-in.css', ['sign-in.css', 'text/css; charset=utf-8']],
  [SESSION_SCRIPT, ['session.js', 'text/javascript; charset=utf-8']],
] as const);

/** @returns whether there is such a file; then it has been sent. */
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
