/**
 * Identity Platform over its REST API: https://cloud.google.com/identity-platform/docs/use-rest-api. Each call ends
 * with a checked answer, or with a `SignInError`.
 */
import type { SignInConfig } from '@media-analysis/shared/page-config';
import { parseJson } from '../../client/json.ts';
import { type SignInCode, SignInError, signInErrorOf } from './errors.ts';
import { texts } from './texts.ts';

export interface SignedInUser {
  /** `sub` of the user's tokens. */
  id: string;
  email: string;
  /** As Google knows it; empty for a user with a password. */
  name: string;
}

export interface Tokens {
  idToken: string;
  /** How long the ID token is valid, in seconds. */
  lifetimeS: number;
  /** Gets new tokens. It does not expire. */
  refreshToken: string;
}

export interface SignedIn extends Tokens {
  user: SignedInUser;
}

export type IdentityToolkit = ReturnType<typeof identityToolkit>;

/** No answer within this time counts as none. */
const TIMEOUT_MS = 30_000;

/** @param language BCP 47: the language of Identity Platform's mails. */
export function identityToolkit(
  { api_key, identity_url, token_url }: SignInConfig,
  language: string,
  fetch: typeof globalThis.fetch,
) {
  async function post(url: string, body: string | URLSearchParams, refusal?: SignInCode) {
    const headers = new Headers({ 'X-Firebase-Locale': language });
    // For a form, the browser writes the type itself.
    if (typeof body === 'string') headers.set('Content-Type', 'application/json');
    const send = async () => {
      const response = await fetch(`${url}?key=${encodeURIComponent(api_key)}`, {
        method: 'POST',
        headers,
        body,
        // The API key is restricted to this site: Google has to see which site asks.
        referrerPolicy: 'strict-origin',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return { status: response.status, answer: parseJson(await response.text()) };
    };
    const { status, answer } = await send().catch((cause: unknown) => {
      throw new SignInError('unreachable', `${url} cannot be reached`, cause);
    });
    if (status === 200) return answer;
    const { error } = (answer ?? {}) as { error?: unknown };
    throw signInErrorOf(status, texts(error, 'message')?.message ?? '', refusal);
  }

  const account = (operation: string, request: object) =>
    post(`${identity_url}/v1/accounts:${operation}`, JSON.stringify(request));

  async function signInBy(operation: string, request: object): Promise<SignedIn> {
    const answer = await account(operation, { ...request, returnSecureToken: true });
    const fields = check(answer, 'localId', 'email', 'idToken', 'refreshToken', 'expiresIn');
    const { localId: id, email, idToken, refreshToken, expiresIn } = fields;
    const { displayName: name = '' } = texts(answer, 'displayName') ?? {};
    return { user: { id, email, name }, refreshToken, idToken, lifetimeS: Number(expiresIn) };
  }

  return {
    signIn: (email: string, password: string) =>
      signInBy('signInWithPassword', { email, password }),
    signUp: (email: string, password: string) => signInBy('signUp', { email, password }),
    signInWithGoogle(idToken: string, requestUri: string) {
      const postBody = new URLSearchParams({ id_token: idToken, providerId: 'google.com' });
      return signInBy('signInWithIdp', { postBody: postBody.toString(), requestUri });
    },

    /** Resolves for an unknown address too, so that nobody finds out who has an account. */
    async sendResetMail(email: string, continueUrl: string): Promise<void> {
      const request = { requestType: 'PASSWORD_RESET', email, continueUrl };
      await account('sendOobCode', request).catch((error: unknown) => {
        // Without "email enumeration protection", the project tells.
        if (!(error instanceof SignInError) || error.code !== 'wrong_credentials') throw error;
      });
    },

    /** @returns the address of the account; without a password, the code can still be used */
    async resetPassword(oobCode: string, newPassword?: string): Promise<string> {
      return check(await account('resetPassword', { oobCode, newPassword }), 'email').email;
    },

    async renew(refreshToken: string): Promise<Tokens> {
      const form = new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
      });
      // Only the token can be wrong in this request: another try would be refused for ever.
      const answer = await post(`${token_url}/v1/token`, form, 'session_ended');
      const renewed = check(answer, 'id_token', 'refresh_token', 'expires_in');
      return {
        idToken: renewed.id_token,
        refreshToken: renewed.refresh_token,
        lifetimeS: Number(renewed.expires_in),
      };
    },
  };
}

function check<Name extends string>(answer: unknown, ...names: Name[]): Record<Name, string> {
  const fields = texts(answer, ...names);
  if (fields) return fields;
  throw new SignInError('unavailable', `The answer has no ${names.join(', ')}.`);
}
