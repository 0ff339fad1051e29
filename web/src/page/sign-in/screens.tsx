/** The screens on the way to an account: sign in, create an account, reset the password. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from '../../components/base/button.tsx';
import { asSignInError, explain, type SignInCode, SignInError } from './errors.ts';
import { Form, Notice } from './form.tsx';
import { beginGoogle } from './google.ts';
import type { OpenedSignIn } from './open.ts';
import type { SignInWords } from './words.ts';

const VIEWS = ['sign-in', 'sign-up', 'forgot'] as const;
type View = (typeof VIEWS)[number];

interface SignIn extends OpenedSignIn {
  words: SignInWords;
  language: string;
}

interface SignInScreensProps {
  signIn: SignIn;
  /** Why the last session ended, if not by the user. */
  endedBy: SignInCode | undefined;
  /** The code of a mail's link; undefined if the page was opened in another way. */
  resetCode: string | undefined;
  /** Called when the code is used or does not work. */
  onResetEnd: () => void;
}

export function SignInScreens({ signIn, endedBy, resetCode, onResetEnd }: SignInScreensProps) {
  const [view, setView] = useView();
  const [email, onEmail] = useState('');
  const [error, setError] = useState(signIn.error ?? (endedBy && new SignInError(endedBy, '')));
  const go = (next: View, failure?: SignInError) => {
    if (resetCode !== undefined) onResetEnd();
    setError(failure);
    setView(next);
  };
  const screen = { ...signIn, email, onEmail, go };
  if (resetCode !== undefined) return <NewPassword {...screen} code={resetCode} />;
  if (view === 'forgot') return <Forgot {...screen} />;
  return <Credentials key={view} {...screen} isNew={view === 'sign-up'} error={error} />;
}

const viewOf = (entry: { view?: unknown } | null): View =>
  VIEWS.find((each) => each === entry?.view) ?? 'sign-in';

/** Each further screen has an entry in the browser's history: Back leads to the sign-in, not away from the page. */
function useView(): [View, (next: View) => void] {
  const [view, setView] = useState<View>('sign-in');
  useEffect(() => {
    // After a reload, the entry is still there.
    if (viewOf(history.state) !== 'sign-in') history.replaceState(null, '');
    const follow = ({ state }: PopStateEvent) => setView(viewOf(state));
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  const go = (next: View) => {
    const isAway = viewOf(history.state) !== 'sign-in';
    if (next === 'sign-in' && isAway) return history.back();
    if (isAway) history.replaceState({ view: next }, '');
    else if (next !== 'sign-in') history.pushState({ view: next }, '');
    setView(next);
  };
  return [view, go];
}

interface ScreenProps extends SignIn {
  email: string;
  onEmail: (email: string) => void;
  go: (view: View, error?: SignInError) => void;
}

function Credentials({ isNew, ...screen }: ScreenProps & { isNew: boolean }) {
  const { words, toolkit, session, config, email, onEmail, go, error } = screen;
  const title = isNew ? words.signUp : words.signIn;
  return (
    <Screen title={title}>
      <GoogleButton {...screen} />
      <Form
        {...{ words, email, onEmail, error }}
        action={title}
        password={isNew ? 'new-password' : 'current-password'}
        send={async (...of) => session.begin(await toolkit[isNew ? 'signUp' : 'signIn'](...of))}
      />
      {isNew ? (
        <Way text={words.hasAccount} label={words.signIn} onPress={() => go('sign-in')} />
      ) : (
        <>
          <Way label={words.forgotLink} onPress={() => go('forgot')} />
          {config.sign_up ? (
            <Way text={words.noAccount} label={words.signUp} onPress={() => go('sign-up')} />
          ) : (
            <p className="sign-in-links">{words.askForAccount}</p>
          )}
        </>
      )}
    </Screen>
  );
}

function Forgot({ words, toolkit, email, onEmail, go }: ScreenProps) {
  const [isSent, setIsSent] = useState(false);
  const send = async (address: string) => {
    await toolkit.sendResetMail(address, `${location.origin}/`);
    setIsSent(true);
  };
  const [title, hint] = isSent
    ? [words.mailSent, words.mailSentTo(email.trim())]
    : [words.forgot, words.forgotHint];
  return (
    <Screen key={String(isSent)} {...{ title, hint }}>
      {isSent ? (
        <Way label={words.newMail} onPress={() => setIsSent(false)} />
      ) : (
        <Form {...{ words, email, onEmail, send }} action={words.sendMail} />
      )}
      <Way label={words.backToSignIn} onPress={() => go('sign-in')} />
    </Screen>
  );
}

function NewPassword({ code, ...screen }: ScreenProps & { code: string }) {
  const { words, toolkit, session, email, onEmail, go } = screen;
  const [broken, setBroken] = useState<SignInError>();
  useEffect(() => {
    toolkit.resetPassword(code).then(onEmail, (error) => setBroken(asSignInError(error)));
  }, [toolkit, code, onEmail]);
  const send = async (owner: string, password: string) => {
    await toolkit.resetPassword(code, password);
    // The code is used up: later errors are shown on the sign-in screen.
    const signIn = async () => session.begin(await toolkit.signIn(owner, password));
    go('sign-in', await signIn().then(() => undefined, asSignInError));
  };
  return (
    <Screen title={words.newPassword} hint={broken || email ? undefined : words.busy}>
      <Notice text={broken && explain(broken, words)} />
      {email && (
        <Form {...{ words, email, send }} password="new-password" action={words.savePassword} />
      )}
      {broken ? (
        <Way label={words.newMail} onPress={() => go('forgot')} />
      ) : (
        <Way label={words.backToSignIn} onPress={() => go('sign-in')} />
      )}
    </Screen>
  );
}

interface TextProps {
  title: string;
  hint?: string | undefined;
  children: ReactNode;
}

function Screen({ title, hint, children }: TextProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  // The pressed button disappears with its screen, and the focus must not be lost.
  useEffect(() => heading.current?.focus(), []);
  return (
    <section className="sign-in" aria-label={title}>
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {hint && <p className="sign-in-hint">{hint}</p>}
      {children}
    </section>
  );
}

const Way = ({ text, label, onPress }: { text?: string; label: string; onPress: () => void }) => (
  <p className="sign-in-links">
    {text}{' '}
    <Button kind="link" onClick={onPress}>
      {label}
    </Button>
  </p>
);

/** Leaves for Google. Shows nothing if the project has no client there, or the tab has no storage for the way back. */
function GoogleButton({ config, words, language, memory }: SignIn) {
  const { google_client_id: client } = config;
  if (client === undefined || !memory) return null;
  const leave = () => location.assign(beginGoogle(client, language, location.origin, memory));
  return (
    <>
      <Button className="ma-button sign-in-google" onClick={leave}>
        {words.google}
      </Button>
      <p className="sign-in-or" aria-hidden="true">
        {words.or}
      </p>
    </>
  );
}
