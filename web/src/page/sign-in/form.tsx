/** The parts of the sign-in forms. */
import {
  type ComponentProps,
  type ReactNode,
  type SubmitEvent,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import type { SignInError } from './errors.ts';
import { asSignInError } from './open.ts';
import { explain, type SignInWords } from './words.ts';

/** What is wrong with each field. */
export interface FieldProblems {
  email?: string | undefined;
  password?: string | undefined;
}

export interface FormState {
  isBusy: boolean;
  problems: FieldProblems;
  /** What concerns no single field. */
  notice: string | undefined;
  submit: (event: SubmitEvent<HTMLFormElement>) => void;
}

/**
 * The state of a form.
 * @param check What the form itself finds wrong; nothing is sent then.
 * @param work Sends the form. It may throw a `SignInError`.
 * @param first An error from before, which is shown until the first try.
 */
export function useForm(
  words: SignInWords,
  check: () => FieldProblems,
  work: () => Promise<void>,
  first?: SignInError,
): FormState {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<SignInError | undefined>(first);
  const [found, setFound] = useState<FieldProblems>({});
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isBusy) return;
    const problems = check();
    setFound(problems);
    setError(undefined);
    if (Object.values(problems).some((problem) => problem !== undefined)) return;
    setIsBusy(true);
    work()
      .catch((caught: unknown) => setError(asSignInError(caught)))
      .finally(() => setIsBusy(false));
  };
  const text = error && explain(error, words);
  const field = error && fieldOf(error);
  return {
    isBusy,
    problems: field === undefined ? found : { [field]: text },
    notice: field === undefined ? text : undefined,
    submit,
  };
}

function fieldOf({ code }: SignInError): keyof FieldProblems | undefined {
  if (code === 'email_taken' || code === 'invalid_email') return 'email';
  if (code === 'wrong_credentials' || code === 'weak_password') return 'password';
  return undefined;
}

interface FormProps {
  state: FormState;
  words: SignInWords;
  /** The text of the button. */
  action: string;
  children: ReactNode;
}

export function Form({ state, words, action, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const { problems, isBusy, notice, submit } = state;
  const { email, password } = problems;
  useEffect(() => {
    if (email === undefined && password === undefined) return;
    form.current?.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus();
  }, [email, password]);
  return (
    <form ref={form} className="sign-in-form" noValidate onSubmit={submit} aria-busy={isBusy}>
      {notice !== undefined && <Notice text={notice} />}
      {children}
      <button type="submit" className="ma-button sign-in-submit" data-kind="primary">
        {isBusy ? words.busy : action}
      </button>
    </form>
  );
}

export function Notice({ text }: { text: string }) {
  return (
    <div className="ma-notice" role="alert">
      <p>{text}</p>
    </div>
  );
}

interface FieldProps extends ComponentProps<'input'> {
  label: string;
  hint?: string | undefined;
  problem?: string | undefined;
  /** Stands in the field, at its end. */
  children?: ReactNode;
}

/** An input with its label, and below it what is wrong or a hint. */
function Field({ label, hint, problem, children, ...input }: FieldProps) {
  const id = useId();
  const text = problem ?? hint;
  return (
    <div className="sign-in-field">
      <label htmlFor={id}>{label}</label>
      <div className="sign-in-input" data-button={children !== undefined}>
        <input
          {...input}
          id={id}
          required
          aria-invalid={problem !== undefined}
          aria-describedby={text === undefined ? undefined : `${id}-text`}
        />
        {children}
      </div>
      {text !== undefined && (
        <p id={`${id}-text`} className="sign-in-text" data-kind={problem ? 'problem' : 'hint'}>
          {text}
        </p>
      )}
    </div>
  );
}

interface EmailFieldProps {
  words: SignInWords;
  value: string;
  problem: string | undefined;
  onChange?: (value: string) => void;
}

export function EmailField({ words, value, problem, onChange }: EmailFieldProps) {
  return (
    <Field
      label={words.email}
      problem={problem}
      type="email"
      name="email"
      autoComplete="username"
      autoCapitalize="none"
      spellCheck={false}
      value={value}
      readOnly={onChange === undefined}
      onChange={({ target }) => onChange?.(target.value)}
    />
  );
}

interface PasswordFieldProps {
  words: SignInWords;
  value: string;
  problem: string | undefined;
  /** A new password, which password managers offer to make. */
  isNew?: boolean;
  onChange: (value: string) => void;
}

export function PasswordField({ words, value, problem, isNew, onChange }: PasswordFieldProps) {
  const [isShown, setIsShown] = useState(false);
  return (
    <Field
      label={words.password}
      hint={isNew ? words.passwordRule(MIN_PASSWORD_LENGTH) : undefined}
      problem={problem}
      type={isShown ? 'text' : 'password'}
      name="password"
      autoComplete={isNew ? 'new-password' : 'current-password'}
      value={value}
      onChange={({ target }) => onChange(target.value)}
    >
      <button
        type="button"
        className="ma-button"
        data-kind="icon"
        aria-label={isShown ? words.hide : words.show}
        onClick={() => setIsShown(!isShown)}
      >
        <EyeIcon isCrossed={isShown} />
      </button>
    </Field>
  );
}

/** Identity Platform takes no shorter one. A project may ask for more, and its answer says so. */
const MIN_PASSWORD_LENGTH = 6;

export function checkEmail(words: SignInWords, email: string): string | undefined {
  if (email.trim() === '') return words.emailMissing;
  return /^\S+@\S+$/.test(email.trim()) ? undefined : words.errors.invalid_email;
}

export function checkPassword(words: SignInWords, password: string): string | undefined {
  return password === '' ? words.passwordMissing : undefined;
}

export function checkNewPassword(words: SignInWords, password: string): string | undefined {
  if (password === '') return words.passwordMissing;
  return password.length < MIN_PASSWORD_LENGTH
    ? words.passwordRule(MIN_PASSWORD_LENGTH)
    : undefined;
}

function EyeIcon({ isCrossed }: { isCrossed: boolean }) {
  return (
    <svg className="ma-icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z" />
      <circle cx="12" cy="12" r="2.75" />
      {isCrossed && <path d="m4 4 16 16" />}
    </svg>
  );
}
