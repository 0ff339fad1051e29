/** What can go wrong while a person signs in, as codes for which there are words in each language. */

/**
 * - `wrong_credentials`: the address or the password is wrong; Identity Platform does not tell which
 * - `session_ended`: the password was changed, the account is gone, or the page belongs to another project now
 * - `sign_up_closed`: only the operator makes accounts
 * - `not_allowed`: the project does not offer this way to sign in
 * - `key_refused`: the project does not accept this page's API key
 */
export type SignInCode =
  | 'wrong_credentials'
  | 'disabled'
  | 'email_taken'
  | 'invalid_email'
  | 'weak_password'
  | 'too_many_tries'
  | 'link_expired'
  | 'session_ended'
  | 'sign_up_closed'
  | 'not_allowed'
  | 'key_refused'
  | 'google_cancelled'
  | 'google_failed'
  | 'unreachable'
  | 'unavailable';

/** What a password lacks. */
export type Requirement = 'lower' | 'upper' | 'digit' | 'symbol';

export class SignInError extends Error {
  override readonly name = 'SignInError';
  readonly code: SignInCode;
  /** Of `weak_password`: what the password lacks, besides length. */
  readonly lacks: readonly Requirement[];
  /** Of `weak_password`: how many characters it must have. */
  readonly minLength: number | undefined;

  /** @param message For the console and the operator: what Identity Platform said. */
  constructor(code: SignInCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.lacks = code === 'weak_password' ? lacksOf(message) : [];
    this.minLength = code === 'weak_password' ? minLengthOf(message) : undefined;
  }
}

/** https://cloud.google.com/identity-platform/docs/error-codes */
const CODES: Record<string, SignInCode> = {
  INVALID_LOGIN_CREDENTIALS: 'wrong_credentials',
  EMAIL_NOT_FOUND: 'wrong_credentials',
  INVALID_PASSWORD: 'wrong_credentials',
  USER_DISABLED: 'disabled',
  EMAIL_EXISTS: 'email_taken',
  INVALID_EMAIL: 'invalid_email',
  MISSING_EMAIL: 'invalid_email',
  WEAK_PASSWORD: 'weak_password',
  MISSING_PASSWORD: 'weak_password',
  PASSWORD_DOES_NOT_MEET_REQUIREMENTS: 'weak_password',
  TOO_MANY_ATTEMPTS_TRY_LATER: 'too_many_tries',
  RESET_PASSWORD_EXCEED_LIMIT: 'too_many_tries',
  QUOTA_EXCEEDED: 'too_many_tries',
  EXPIRED_OOB_CODE: 'link_expired',
  INVALID_OOB_CODE: 'link_expired',
  MISSING_OOB_CODE: 'link_expired',
  TOKEN_EXPIRED: 'session_ended',
  INVALID_REFRESH_TOKEN: 'session_ended',
  INVALID_ID_TOKEN: 'session_ended',
  CREDENTIAL_TOO_OLD_LOGIN_AGAIN: 'session_ended',
  USER_NOT_FOUND: 'session_ended',
  // The session began when the page belonged to another project.
  PROJECT_NUMBER_MISMATCH: 'session_ended',
  MISSING_REFRESH_TOKEN: 'session_ended',
  ADMIN_ONLY_OPERATION: 'sign_up_closed',
  OPERATION_NOT_ALLOWED: 'not_allowed',
  PASSWORD_LOGIN_DISABLED: 'not_allowed',
  BLOCKING_FUNCTION_ERROR_RESPONSE: 'not_allowed',
  UNAUTHORIZED_DOMAIN: 'key_refused',
  INVALID_IDP_RESPONSE: 'google_failed',
  INVALID_REQUEST_URI: 'google_failed',
};

/**
 * @param status Of the answer.
 * @param message `error.message` of its body: a code, maybe with words after a colon; for the API key, words alone.
 * @param refusal What a 400 means whose code is not known here.
 */
export function signInErrorOf(
  status: number,
  message: string,
  refusal: SignInCode = 'unavailable',
): SignInError {
  const [code = ''] = message.split(/[\s:]/, 1);
  const known = Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  return new SignInError(
    known ?? codeOfStatus(status, message, refusal),
    message || `status ${status}`,
  );
}

function codeOfStatus(status: number, message: string, refusal: SignInCode): SignInCode {
  if (status === 403 || /api key/i.test(message)) return 'key_refused';
  if (status === 400) return refusal;
  return status === 429 ? 'too_many_tries' : 'unavailable';
}

/** The policy of a project in Google's words: https://cloud.google.com/identity-platform/docs/password-policy */
const REQUIREMENTS: [Requirement, RegExp][] = [
  ['lower', /lower case/i],
  ['upper', /upper case/i],
  ['digit', /\bnumeric/i],
  ['symbol', /non-alphanumeric/i],
];

function lacksOf(message: string): Requirement[] {
  return REQUIREMENTS.flatMap(([name, words]) => (words.test(message) ? [name] : []));
}

function minLengthOf(message: string): number | undefined {
  const length = /at least (\d+) characters/i.exec(message)?.[1];
  return length === undefined ? undefined : Number(length);
}
