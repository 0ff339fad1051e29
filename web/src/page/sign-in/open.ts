/** Prepares the sign-in: who is signed in already, and what the address of the page says. */
import type { SignInConfig } from '@media-analysis/shared/page-config';
import { SignInError } from './errors.ts';
import { finishGoogle, googleReturnUrl } from './google.ts';
import { IdentityToolkit } from './identity-toolkit.ts';
import { browserStorage, Session } from './session.ts';
import { type SignInWords, signInWordsFor } from './words.ts';

export interface SignIn {
  config: SignInConfig;
  toolkit: IdentityToolkit;
  session: Session;
  words: SignInWords;
  language: string;
  /** The code of the link by which the page was opened, if that was the link of a mail. */
  resetCode: string | undefined;
  /** What went wrong on the way back from Google. */
  error: SignInError | undefined;
}

/** @param language BCP 47, of the page. */
export async function openSignIn(config: SignInConfig, language: string): Promise<SignIn> {
  const toolkit = new IdentityToolkit(config, language, globalThis.fetch.bind(globalThis));
  const session = new Session({ toolkit, storage: browserStorage(), now: Date.now });
  // Another tab has signed in or out. A page that was kept while another one was shown has missed it.
  addEventListener('storage', () => session.follow());
  addEventListener('pageshow', ({ persisted }) => persisted && session.follow());
  const resetCode = resetCodeOf(new URLSearchParams(location.search));
  const error = await returnFromGoogle(toolkit, session);
  const words = signInWordsFor(language);
  return { config, toolkit, session, words, language, resetCode, error };
}

async function returnFromGoogle(
  toolkit: IdentityToolkit,
  session: Session,
): Promise<SignInError | undefined> {
  try {
    const idToken = finishGoogle(location, tabStorage());
    if (idToken === undefined) return undefined;
    // The token must not stay in the address.
    history.replaceState(null, '', location.pathname);
    session.begin(await toolkit.signInWithGoogle(idToken, googleReturnUrl(location.origin)));
    return undefined;
  } catch (error) {
    history.replaceState(null, '', location.pathname);
    return asSignInError(error);
  }
}

export function asSignInError(error: unknown): SignInError {
  if (error instanceof SignInError) return error;
  return new SignInError('unavailable', String(error), error);
}

/** Links of Identity Platform: https://firebase.google.com/docs/auth/custom-email-handler */
function resetCodeOf(query: URLSearchParams): string | undefined {
  return query.get('mode') === 'resetPassword' ? (query.get('oobCode') ?? '') : undefined;
}

/** @returns undefined where the browser's settings forbid it */
export function tabStorage(): Storage | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined;
  }
}
