/**
 * "Continue with Google": the page leaves for Google and comes back with an ID token after the `#` of its address,
 * which no server sees. No script and no frame of Google runs in the page.
 * https://openid.net/specs/openid-connect-core-1_0.html#ImplicitFlowAuth
 */
import { parseJson } from '../../client/json.ts';
import { randomId } from '../../client/older-browsers.ts';
import { SignInError } from './errors.ts';
import { texts } from './texts.ts';

const AUTHORIZATION_URL = 'https://accounts.google.com/o/oauth2/v2/auth';
const KEY = 'media-analysis-google';

/** The tab's own storage: another tab cannot answer in the place of this one. */
export type Memory = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Remembers the attempt. @returns the address to go to */
export function beginGoogle(
  clientId: string,
  language: string,
  origin: string,
  memory: Memory,
): string {
  const attempt = { state: randomId(), nonce: randomId() };
  memory.setItem(KEY, JSON.stringify(attempt));
  const query = new URLSearchParams({
    client_id: clientId,
    // The OAuth client at Google must list this address.
    redirect_uri: `${origin}/`,
    response_type: 'id_token',
    scope: 'openid email profile',
    prompt: 'select_account',
    hl: language,
    ...attempt,
  });
  return `${AUTHORIZATION_URL}?${query}`;
}

/**
 * Reads Google's answer.
 * @returns the person's ID token; undefined if the page was opened in another way
 * @throws {SignInError} `google_cancelled` if the person went back; `google_failed` if the answer is not for this tab
 */
export function finishGoogle(hash: string, memory: Memory | undefined): string | undefined {
  const answer = new URLSearchParams(hash.slice(1));
  const state = answer.get('state');
  if (state === null) return undefined;
  const attempt = texts(parseJson(memory?.getItem(KEY) ?? ''), 'state', 'nonce');
  memory?.removeItem(KEY);
  if (attempt?.state !== state) {
    throw new SignInError('google_failed', 'The answer belongs to no attempt of this tab.');
  }
  const error = answer.get('error');
  if (error !== null) {
    throw new SignInError(error === 'access_denied' ? 'google_cancelled' : 'google_failed', error);
  }
  const idToken = answer.get('id_token') ?? '';
  // Identity Platform checks the signature. The nonce shows that the token was made for this attempt.
  if (nonceOf(idToken) !== attempt.nonce) {
    throw new SignInError('google_failed', 'The token was made for another attempt.');
  }
  return idToken;
}

function nonceOf(idToken: string): string | undefined {
  const payload = (idToken.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
  try {
    return texts(parseJson(atob(payload)), 'nonce')?.nonce;
  } catch {
    // The payload is not in base64.
    return undefined;
  }
}
