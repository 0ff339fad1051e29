/** The screens on the way to an account: sign in, create an account, reset the password. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { type SignInCode, SignInError } from './errors.ts';
import {
  checkEmail,
  checkNewPassword,
  checkPassword,
  EmailField,
  Form,
  Notice,
  PasswordField,
  useForm,
} from './form.tsx';
import { beginGoogle } from './google.ts';
import { asSignInError, type SignIn, tabStorage } from './open.ts';
import { explain } from './words.ts';

const VIEWS = ['sign-in', 'sign-up', 'forgot', 'sent'] as const;
type View = (typeof VIEWS)[number];

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
  const [email, setEmail] = useState('');
  const [error, setError] = useState(signIn.error ?? (endedBy && new SignInError(endedBy, '')));
  const go = (next: View) => {
    setError(undefined);
    setView(next);
  };
  const account = { signIn, email, onEmail: setEmail };
  if (resetCode !== undefined) {
    const leave = (next: View, failure?: SignInError) => {
      onResetEnd();
      setView(next);
      setError(failure);
    };
    return <NewPassword {...account} code={resetCode} onEnd={leave} />;
  }
  if (view === 'sign-up') return <SignUp {...account} onBack={() => go('sign-in')} />;
  if (view === 'forgot') {
    return <Forgot {...account} onSent={() => go('sent')} onBack={() => go('sign-in')} />;
  }
  if (view === 'sent') {
    return <MailSent {...account} onAgain={() => go('forgot')} onBack={() => go('sign-in')} />;
  }
  return <Credentials {...account} error={error} onView={go} />;
}

const viewOf = (entry: { view?: unknown } | null): View =>
  VIEWS.find((each) => each === entry?.view) ?? 'sign-in';

/** Each way from the sign-in is one entry of the browser's history: Back leads to the sign-in, and not away from the page. */
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

interface ScreenProps {
  signIn: SignIn;
  email: string;
  onEmail: (email: string) => void;
}

function Credentials(
  props: ScreenProps & { error: SignInError | undefined; onView: (view: View) => void },
) {
  const { signIn, email, onEmail, error, onView } = props;
  const { words, toolkit, session, config } = signIn;
  const [password, setPassword] = useState('');
  const state = useForm(
    words,
    () => ({ email: checkEmail(words, email), password: checkPassword(words, password) }),
    async () => session.begin(await toolkit.signIn(email.trim(), password)),
    error,
  );
  return (
    <Screen title={words.signIn}>
      <GoogleButton signIn={signIn} />
      <Form state={state} words={words} action={words.signIn}>
        <EmailField words={words} value={email} problem={state.problems.email} onChange={onEmail} />
        <PasswordField
          words={words}
          value={password}
          problem={state.problems.password}
          onChange={setPassword}
        />
      </Form>
      <p className="sign-in-links">
        <LinkButton onClick={() => onView('forgot')}>{words.forgotLink}</LinkButton>
      </p>
      <p className="sign-in-links">
        {config.sign_up ? (
          <>
            {words.noAccount}{' '}
            <LinkButton onClick={() => onView('sign-up')}>{words.signUp}</LinkButton>
          </>
        ) : (
          words.askForAccount
        )}
      </p>
    </Screen>
  );
}

function SignUp({ signIn, email, onEmail, onBack }: ScreenProps & { onBack: () => void }) {
  const { words, toolkit, session } = signIn;
  const [password, setPassword] = useState('');
  const state = useForm(
    words,
    () => ({ email: checkEmail(words, email), password: checkNewPassword(words, password) }),
    async () => session.begin(await toolkit.signUp(email.trim(), password)),
  );
  return (
    <Screen title={words.signUp}>
      <GoogleButton signIn={signIn} />
      <Form state={state} words={words} action={words.signUp}>
        <EmailField words={words} value={email} problem={state.problems.email} onChange={onEmail} />
        <PasswordField
          words={words}
          isNew
          value={password}
          problem={state.problems.password}
          onChange={setPassword}
        />
      </Form>
      <p className="sign-in-links">
        {words.hasAccount} <LinkButton onClick={onBack}>{words.signIn}</LinkButton>
      </p>
    </Screen>
  );
}

function Forgot(props: ScreenProps & { onSent: () => void; onBack: () => void }) {
  const { signIn, email, onEmail, onSent, onBack } = props;
  const { words, toolkit } = signIn;
  const state = useForm(
    words,
    () => ({ email: checkEmail(words, email) }),
    async () => {
      await toolkit.sendResetMail(email.trim(), `${location.origin}/`);
      onSent();
    },
  );
  return (
    <Screen title={words.forgot} text={words.forgotHint}>
      <Form state={state} words={words} action={words.sendMail}>
        <EmailField words={words} value={email} problem={state.problems.email} onChange={onEmail} />
      </Form>
      <p className="sign-in-links">
        <LinkButton onClick={onBack}>{words.backToSignIn}</LinkButton>
      </p>
    </Screen>
  );
}

function MailSent(props: ScreenProps & { onAgain: () => void; onBack: () => void }) {
  const { signIn, email, onAgain, onBack } = props;
  const { words } = signIn;
  return (
    <Screen title={words.mailSent} text={words.mailSentTo(email.trim())}>
      <p className="sign-in-links">
        <LinkButton onClick={onAgain}>{words.newMail}</LinkButton>
      </p>
      <p className="sign-in-links">
        <LinkButton onClick={onBack}>{words.backToSignIn}</LinkButton>
      </p>
    </Screen>
  );
}

interface NewPasswordProps extends ScreenProps {
  code: string;
  onEnd: (view: View, error?: SignInError) => void;
}

function NewPassword({ signIn, email, onEmail, code, onEnd }: NewPasswordProps) {
  const { words, toolkit, session } = signIn;
  const [password, setPassword] = useState('');
  const [broken, setBroken] = useState<SignInError>();
  useEffect(() => {
    toolkit.checkResetCode(code).then(onEmail, (error) => setBroken(asSignInError(error)));
  }, [toolkit, code, onEmail]);
  const state = useForm(
    words,
    () => ({ password: checkNewPassword(words, password) }),
    async () => {
      const owner = await toolkit.resetPassword(code, password);
      // The code is used up: what fails from here on, fails on the screen of the sign-in.
      await toolkit.signIn(owner, password).then(
        (signedIn) => {
          session.begin(signedIn);
          onEnd('sign-in');
        },
        (error: unknown) => onEnd('sign-in', asSignInError(error)),
      );
    },
  );
  if (broken) {
    return (
      <Screen title={words.newPassword}>
        <Notice text={explain(broken, words)} />
        <p className="sign-in-links">
          <LinkButton onClick={() => onEnd('forgot')}>{words.newMail}</LinkButton>
        </p>
      </Screen>
    );
  }
  return (
    <Screen title={words.newPassword} text={email === '' ? words.busy : undefined}>
      {email !== '' && (
        <Form state={state} words={words} action={words.savePassword}>
          <EmailField words={words} value={email} problem={undefined} />
          <PasswordField
            words={words}
            isNew
            value={password}
            problem={state.problems.password}
            onChange={setPassword}
          />
        </Form>
      )}
      <p className="sign-in-links">
        <LinkButton onClick={() => onEnd('sign-in')}>{words.backToSignIn}</LinkButton>
      </p>
    </Screen>
  );
}

function Screen({
  title,
  text,
  children,
}: {
  title: string;
  text?: string | undefined;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  // The pressed button disappears with its screen, and the focus must not be lost.
  useEffect(() => heading.current?.focus(), []);
  return (
    <section className="sign-in" aria-label={title}>
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {text !== undefined && <p className="sign-in-hint">{text}</p>}
      {children}
    </section>
  );
}

function LinkButton({ onClick, children }: { onClick: () => void; children: string }) {
  return (
    <button type="button" className="sign-in-link" onClick={onClick}>
      {children}
    </button>
  );
}

/** Leaves for Google; nothing if the project has no client there. */
function GoogleButton({ signIn: { config, words, language } }: { signIn: SignIn }) {
  const [error, setError] = useState<SignInError>();
  const { google_client_id: clientId } = config;
  if (clientId === undefined) return null;
  const leave = () => {
    try {
      location.assign(beginGoogle(clientId, language, location, tabStorage()));
    } catch (caught) {
      setError(asSignInError(caught));
    }
  };
  return (
    <>
      {error && <Notice text={explain(error, words)} />}
      <button type="button" className="ma-button sign-in-google" onClick={leave}>
        <GoogleIcon />
        {words.google}
      </button>
      <p className="sign-in-or" aria-hidden="true">
        {words.or}
      </p>
    </>
  );
}

/** https://developers.google.com/identity/branding-guidelines */
function GoogleIcon() {
  return (
    <svg viewBox="0 0 48 48" width="18" height="18" aria-hidden="true">
      <path
        fill="#4285f4"
        d="M45.1 24.5c0-1.6-.1-3.1-.4-4.5H24v8.5h11.8a10.1 10.1 0 0 1-4.4 6.6v5.5h7.1c4.2-3.8 6.6-9.5 6.6-16.1Z"
      />
      <path
        fill="#34a853"
        d="M24 46c5.9 0 10.9-2 14.5-5.4l-7.1-5.5c-2 1.3-4.5 2.1-7.4 2.1-5.7 0-10.5-3.9-12.3-9.1H4.4v5.7A22 22 0 0 0 24 46Z"
      />
      <path
        fill="#fbbc05"
        d="M11.7 28.1a13.2 13.2 0 0 1 0-8.4V14H4.4a22 22 0 0 0 0 19.8l7.3-5.7Z"
      />
      <path
        fill="#ea4335"
        d="M24 10.7c3.2 0 6.1 1.1 8.4 3.3l6.3-6.3A21.9 21.9 0 0 0 4.4 14l7.3 5.7C13.5 14.6 18.3 10.7 24 10.7Z"
      />
    </svg>
  );
}
