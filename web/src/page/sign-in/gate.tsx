/** Shows the page to a user who is signed in, and the sign-in screens to anybody else. */
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';
import type { GetToken } from '../../client/index.ts';
import { baseOf } from '../../components/words/index.ts';
import { PageHeader } from '../shell/header.tsx';
import { useLanguage } from '../shell/language.tsx';
import type { Account } from '../shell/use-menu.tsx';
import { leaveAddress, type OpenedSignIn } from './open.ts';
import { SignInScreens } from './screens.tsx';
import { signInWordsFor } from './words.ts';
import './sign-in.css';

export { readSignIn } from './config.ts';
export { openSignIn } from './open.ts';

interface SignInGateProps {
  signIn: OpenedSignIn;
  /** Called when nobody is signed in, or no longer. */
  onNobody: () => unknown;
  /**
   * The page of one user.
   * @param key Give it to the page: another user gets another page, which knows nothing of the first.
   */
  children: (page: { key: string; getToken: GetToken; account: Account }) => ReactNode;
}

export function SignInGate({ signIn, onNobody, children }: SignInGateProps) {
  const language = baseOf(useLanguage());
  const words = signInWordsFor(language);
  const { session } = signIn;
  const { user, endedBy } = useSyncExternalStore(session.subscribe, session.getSnapshot);
  const isNobody = user === undefined;
  useEffect(() => {
    if (isNobody) onNobody();
  }, [isNobody, onNobody]);
  const [resetCode, setResetCode] = useState(signIn.resetCode);
  if (user && resetCode === undefined) {
    const account = {
      name: `${words.signedInAs} ${user.name || user.email}`,
      signOut: words.signOut,
      onSignOut: () => session.end(),
    };
    return children({ key: user.id, getToken: session.tokensOf(user.id), account });
  }
  const onResetEnd = () => {
    leaveAddress();
    setResetCode(undefined);
  };
  return (
    <>
      <PageHeader />
      <main className="page-main">
        <SignInScreens
          signIn={{ ...signIn, words, language }}
          {...{ endedBy, resetCode, onResetEnd }}
        />
      </main>
    </>
  );
}
