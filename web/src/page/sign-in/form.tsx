/** The form of each screen: it asks for an e-mail address, a password, or both. */
import {
  type ComponentProps,
  type ReactNode,
  type SubmitEvent,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { Button } from '../../components/base/button.tsx';
import { HiddenIcon, Icon } from '../../components/base/icons.tsx';
import { asSignInError, explain, type SignInCode, SignInError } from './errors.ts';
import type { SignInWords } from './words.ts';

/** Identity Platform takes no shorter password. A project may ask for more, and its answer says so. */
const MIN_PASSWORD_LENGTH = 6;

/** The error of a field stands below the field, any other above the form. */
const FIELDS: Partial<Record<SignInCode, 'email' | 'password'>> = {
  email_missing: 'email',
  email_taken: 'email',
  invalid_email: 'email',
  password_missing: 'password',
  wrong_credentials: 'password',
  weak_password: 'password',
};

interface FormProps {
  words: SignInWords;
  /** The text of the button. */
  action: string;
  email: string;
  /** Undefined: it cannot be changed. */
  onEmail?: (email: string) => void;
  /** The password that the form asks for; undefined: none. */
  password?: 'current-password' | 'new-password';
  /** May throw a `SignInError`. */
  send: (email: string, password: string) => Promise<void>;
  /** An earlier error, shown until the first try. */
  error?: SignInError | undefined;
}

export function Form({ words, action, email, onEmail, password: kind, send, error }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [password, setPassword] = useState('');
  const [isShown, setIsShown] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [errors, setErrors] = useState(error ? [error] : []);
  useEffect(() => {
    if (errors.length === 0) return;
    form.current?.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus();
  }, [errors]);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isBusy) return;
    const found = [...wrongWith(email.trim()), ...(kind ? wrongWithPassword(password, kind) : [])];
    setErrors(found);
    if (found.length > 0) return;
    setIsBusy(true);
    send(email.trim(), password)
      .catch((caught: unknown) => setErrors([asSignInError(caught)]))
      .finally(() => setIsBusy(false));
  };
  const problemOf = (field?: 'email' | 'password') => {
    const found = errors.find(({ code }) => FIELDS[code] === field);
    return found && explain(found, words);
  };
  return (
    <form ref={form} className="sign-in-form" noValidate onSubmit={submit} aria-busy={isBusy}>
      <Notice text={problemOf()} />
      <Field
        label={words.email}
        problem={problemOf('email')}
        type="email"
        name="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        value={email}
        readOnly={onEmail === undefined}
        onChange={({ target }) => onEmail?.(target.value)}
      />
      {kind && (
        <Field
          label={words.password}
          hint={kind === 'new-password' ? words.passwordRule(MIN_PASSWORD_LENGTH) : undefined}
          problem={problemOf('password')}
          type={isShown ? 'text' : 'password'}
          name="password"
          autoComplete={kind}
          value={password}
          onChange={({ target }) => setPassword(target.value)}
        >
          <Button
            kind="icon"
            label={isShown ? words.hide : words.show}
            onClick={() => setIsShown(!isShown)}
          >
            {isShown ? <HiddenIcon /> : <EyeIcon />}
          </Button>
        </Field>
      )}
      <button type="submit" className="ma-button" data-kind="primary">
        {isBusy ? words.busy : action}
      </button>
    </form>
  );
}

function wrongWith(email: string): SignInError[] {
  if (email === '') return [new SignInError('email_missing', '')];
  return /^\S+@\S+$/.test(email) ? [] : [new SignInError('invalid_email', '')];
}

function wrongWithPassword(password: string, kind: FormProps['password']): SignInError[] {
  if (password === '') return [new SignInError('password_missing', '')];
  if (kind === 'current-password' || password.length >= MIN_PASSWORD_LENGTH) return [];
  return [new SignInError('weak_password', `at least ${MIN_PASSWORD_LENGTH} characters`)];
}

export const Notice = ({ text }: { text: string | undefined }) =>
  text && (
    <div className="ma-notice" role="alert">
      <p>{text}</p>
    </div>
  );

interface FieldProps extends ComponentProps<'input'> {
  label: string;
  hint?: string | undefined;
  problem: string | undefined;
  /** Shown in the field, at its end. */
  children?: ReactNode;
}

function Field({ label, hint, problem, children, ...input }: FieldProps) {
  const id = useId();
  const text = problem ?? hint;
  return (
    <div className="sign-in-field">
      <label htmlFor={id}>{label}</label>
      <div className="sign-in-input">
        <input
          {...input}
          id={id}
          required
          aria-invalid={problem !== undefined}
          aria-describedby={text && `${id}-text`}
        />
        {children}
      </div>
      {text && (
        <p id={`${id}-text`} className="sign-in-text" data-kind={problem ? 'problem' : 'hint'}>
          {text}
        </p>
      )}
    </div>
  );
}

const EyeIcon = () => (
  <Icon>
    <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z" />
    <circle cx="12" cy="12" r="2.75" />
  </Icon>
);
