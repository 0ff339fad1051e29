/** Prepares the sign-in: finds who is signed in already, and reads the address of the page. */
import type { SignInConfig } from '@media-analysis/shared/page-config';
import { asSignInError, type SignInError } from './errors.ts';
import { finishGoogle, type Memory } from './google.ts';
import { type IdentityToolkit, identityToolkit } from './identity-toolkit.ts';
import { Session } from './session.ts';

export interface OpenedSignIn {
  config: SignInConfig;
  toolkit: IdentityToolkit;
  session: Session;
  /** The storage of this tab alone; undefined if the browser's settings forbid it. */
  memory: Memory | undefined;
  /** Code of the mail's link that opened the page, if one did. */
  resetCode: string | undefined;
  /** What went wrong on the way back from Google. */
  error: SignInError | undefined;
}

/** @param language BCP 47: the language of the page. */
export async function openSignIn(config: SignInConfig, language: string): Promise<OpenedSignIn> {
  const toolkit = identityToolkit(config, language, globalThis.fetch.bind(globalThis));
  const storage = unlessForbidden(() => localStorage);
  const memory = unlessForbidden(() => sessionStorage);
  const session = new Session({ renew: toolkit.renew, storage, now: Date.now });
  // Another tab has signed in or out. A page from the back/forward cache has missed that.
  addEventListener('storage', () => session.follow());
  addEventListener('pageshow', ({ persisted }) => persisted && session.follow());
  // Links of Identity Platform: https://firebase.google.com/docs/auth/custom-email-handler
  const query = new URLSearchParams(location.search);
  const isReset = query.get('mode') === 'resetPassword';
  const resetCode = isReset ? (query.get('oobCode') ?? '') : undefined;
  const error = await returnFromGoogle(toolkit, session, memory);
  leaveSearch(session);
  return { config, toolkit, session, memory, resetCode, error };
}

async function returnFromGoogle(
  toolkit: IdentityToolkit,
  session: Session,
  memory: Memory | undefined,
): Promise<SignInError | undefined> {
  try {
    const idToken = finishGoogle(location.hash, memory);
    if (idToken === undefined) return undefined;
    // The token must not stay in the address.
    leaveAddress();
    session.begin(await toolkit.signInWithGoogle(idToken, `${location.origin}/`));
    return undefined;
  } catch (error) {
    leaveAddress();
    return asSignInError(error);
  }
}

export const leaveAddress = () => history.replaceState(null, '', location.pathname);

/** The next user must not see the search of the last one, whichever tab they signed out in. */
function leaveSearch(session: Session): void {
  let last = session.getSnapshot().user?.id;
  session.subscribe(() => {
    const { user, endedBy } = session.getSnapshot();
    // A user who has to sign in again goes on at the same address.
    if (last !== undefined && user?.id !== last && endedBy === undefined) leaveAddress();
    last = user?.id ?? last;
  });
}

function unlessForbidden(storage: () => Storage): Storage | undefined {
  try {
    return storage();
  } catch {
    return undefined;
  }
}
