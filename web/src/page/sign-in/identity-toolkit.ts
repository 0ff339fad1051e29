/**
 * Identity Platform over its REST API: https://cloud.google.com/identity-platform/docs/use-rest-api. Each call ends with an
 * answer that was checked, or with a `SignInError`.
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

/** What each way of signing in gives. */
export interface SignedIn {
  user: SignedInUser;
  /** Gets new tokens, without a limit of time. */
  refreshToken: string;
  idToken: string;
  /** How long the token works from now on. */
  lifetimeS: number;
}

export interface RenewedToken {
  refreshToken: string;
  idToken: string;
  lifetimeS: number;
}

/** No answer within this time counts as none. */
const TIMEOUT_MS = 30_000;

export class IdentityToolkit {
  readonly #config: SignInConfig;
  readonly #language: string;
  readonly #fetch: typeof fetch;

  /** @param language BCP 47: in which Identity Platform writes its mails. */
  constructor(config: SignInConfig, language: string, fetch: typeof globalThis.fetch) {
    this.#config = config;
    this.#language = language;
    this.#fetch = fetch;
  }

  async signIn(email: string, password: string): Promise<SignedIn> {
    return this.#signInBy('signInWithPassword', { email, password, returnSecureToken: true });
  }

  async signUp(email: string, password: string): Promise<SignedIn> {
    return this.#signInBy('signUp', { email, password, returnSecureToken: true });
  }

  /** @param idToken Of the person, from Google. */
  async signInWithGoogle(idToken: string, requestUri: string): Promise<SignedIn> {
    const postBody = new URLSearchParams({ id_token: idToken, providerId: 'google.com' });
    return this.#signInBy('signInWithIdp', {
      postBody: postBody.toString(),
      requestUri,
      returnSecureToken: true,
    });
  }

  /** Resolves for an unknown address too, so that nobody finds out who has an account. */
  async sendResetMail(email: string, continueUrl: string): Promise<void> {
    const request = { requestType: 'PASSWORD_RESET', email, continueUrl };
    await this.#account('sendOobCode', request).catch((error: unknown) => {
      // A project without "email enumeration protection" tells.
      if (!(error instanceof SignInError) || error.code !== 'wrong_credentials') throw error;
    });
  }

  /** @returns whose code it is */
  async checkResetCode(oobCode: string): Promise<string> {
    return check(await this.#account('resetPassword', { oobCode }), 'email').email;
  }

  /** @returns the address of the account */
  async resetPassword(oobCode: string, newPassword: string): Promise<string> {
    const answer = await this.#account('resetPassword', { oobCode, newPassword });
    return check(answer, 'email').email;
  }

  async renew(refreshToken: string): Promise<RenewedToken> {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    });
    // Nothing but the token can be wrong with this request. To try it again would refuse it again, for ever.
    const answer = await this.#post(`${this.#config.token_url}/v1/token`, form, 'session_ended');
    const renewed = check(answer, 'id_token', 'refresh_token', 'expires_in');
    return {
      idToken: renewed.id_token,
      refreshToken: renewed.refresh_token,
      lifetimeS: Number(renewed.expires_in),
    };
  }

  async #signInBy(operation: string, request: object): Promise<SignedIn> {
    const answer = await this.#account(operation, request);
    const account = check(answer, 'localId', 'email', 'idToken', 'refreshToken', 'expiresIn');
    const { localId: id, email, idToken, refreshToken, expiresIn } = account;
    const { displayName: name = '' } = texts(answer, 'displayName') ?? {};
    const lifetimeS = Number(expiresIn);
    return { user: { id, email, name }, refreshToken, idToken, lifetimeS };
  }

  #account(operation: string, request: object): Promise<unknown> {
    const url = `${this.#config.identity_url}/v1/accounts:${operation}`;
    return this.#post(url, JSON.stringify(request));
  }

  /** @throws {SignInError} */
  async #post(url: string, body: string | URLSearchParams, refusal?: SignInCode): Promise<unknown> {
    const headers: Record<string, string> = { 'X-Firebase-Locale': this.#language };
    // For a form, the browser writes the type itself.
    if (typeof body === 'string') headers['Content-Type'] = 'application/json';
    let status: number;
    let text: string;
    try {
      const response = await this.#fetch(`${url}?key=${encodeURIComponent(this.#config.api_key)}`, {
        method: 'POST',
        headers,
        body,
        // The API key is restricted to this site: Google has to see which site asks.
        referrerPolicy: 'strict-origin',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      status = response.status;
      text = await response.text();
    } catch (cause) {
      throw new SignInError('unreachable', `${url} cannot be reached`, cause);
    }
    const answer = parseJson(text);
    if (status === 200) return answer;
    const { error } = (answer ?? {}) as { error?: unknown };
    throw signInErrorOf(status, texts(error, 'message')?.message ?? '', refusal);
  }
}

function check<Name extends string>(answer: unknown, ...names: Name[]): Record<Name, string> {
  const fields = texts(answer, ...names);
  if (fields) return fields;
  throw new SignInError('unavailable', `The answer has no ${names.join(', ')}.`);
}
