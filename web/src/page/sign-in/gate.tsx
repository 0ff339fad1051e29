/** Shows the page to a person who is signed in, and to anybody else the screens that lead there. */
import { type ReactNode, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { GetToken } from '../../client/index.ts';
import { baseOf } from '../../components/words/index.ts';
import { PageHeader } from '../shell/header.tsx';
import { useLanguage } from '../shell/language.tsx';
import type { Account } from '../shell/use-menu.tsx';
import type { SignIn } from './open.ts';
import { SignInScreens } from './screens.tsx';
import { signInWordsFor } from './words.ts';
import './sign-in.css';

interface SignInGateProps {
  signIn: SignIn;
  /** Called when nobody is signed in, or no longer. */
  onNobody: () => unknown;
  /**
   * The page of one user.
   * @param key Give it to the page: another user gets another page, which knows nothing of the first.
   */
  children: (page: { key: string; getToken: GetToken; account: Account }) => ReactNode;
}

export function SignInGate({ signIn: opened, onNobody, children }: SignInGateProps) {
  const language = baseOf(useLanguage());
  // The language may be switched.
  const signIn = useMemo(
    () => ({ ...opened, language, words: signInWordsFor(language) }),
    [opened, language],
  );
  const { session } = signIn;
  const { user, endedBy } = useSyncExternalStore(session.subscribe, session.getSnapshot);
  const isNobody = user === undefined;
  useEffect(() => {
    if (isNobody) onNobody();
  }, [isNobody, onNobody]);
  useEffect(() => {
    let last = session.getSnapshot().user?.id;
    return session.subscribe(() => {
      const { user: next, endedBy: fault } = session.getSnapshot();
      // What they have searched for is nothing to the next person, whichever tab they have signed out in.
      if (last !== undefined && next?.id !== last && fault === undefined)
        history.replaceState(null, '', location.pathname);
      // Who has to sign in again goes on where they were.
      last = next?.id ?? last;
    });
  }, [session]);
  const [resetCode, setResetCode] = useState(signIn.resetCode);
  if (user && resetCode === undefined) {
    const { signedInAs, signOut } = signIn.words;
    const account = {
      name: `${signedInAs} ${user.name || user.email}`,
      signOut,
      onSignOut: () => session.end(),
    };
    return children({ key: user.id, getToken: session.tokensOf(user.id), account });
  }
  const leaveReset = () => {
    history.replaceState(null, '', location.pathname);
    setResetCode(undefined);
  };
  return (
    <>
      <PageHeader />
      <main className="page-main">
        <SignInScreens
          signIn={signIn}
          endedBy={endedBy}
          resetCode={resetCode}
          onResetEnd={leaveReset}
        />
      </main>
    </>
  );
}
