/** What can go wrong during the sign-in, as codes that have words in each language. */
import type { SignInWords } from './words.ts';

export type SignInCode = keyof SignInWords['errors'];

export class SignInError extends Error {
  override readonly name = 'SignInError';
  readonly code: SignInCode;

  /** @param message For the console and the operator: what Identity Platform said. */
  constructor(code: SignInCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** The error names of Identity Platform: https://cloud.google.com/identity-platform/docs/error-codes */
const CODES: [SignInCode, string][] = [
  // The service does not tell which of both is wrong.
  ['wrong_credentials', 'INVALID_LOGIN_CREDENTIALS EMAIL_NOT_FOUND INVALID_PASSWORD'],
  ['disabled', 'USER_DISABLED'],
  ['email_taken', 'EMAIL_EXISTS'],
  ['invalid_email', 'INVALID_EMAIL MISSING_EMAIL'],
  ['weak_password', 'WEAK_PASSWORD MISSING_PASSWORD PASSWORD_DOES_NOT_MEET_REQUIREMENTS'],
  ['too_many_tries', 'TOO_MANY_ATTEMPTS_TRY_LATER RESET_PASSWORD_EXCEED_LIMIT QUOTA_EXCEEDED'],
  ['link_expired', 'EXPIRED_OOB_CODE INVALID_OOB_CODE MISSING_OOB_CODE'],
  ['sign_up_closed', 'ADMIN_ONLY_OPERATION'],
  ['not_allowed', 'OPERATION_NOT_ALLOWED PASSWORD_LOGIN_DISABLED BLOCKING_FUNCTION_ERROR_RESPONSE'],
  ['key_refused', 'UNAUTHORIZED_DOMAIN'],
  ['google_failed', 'INVALID_IDP_RESPONSE INVALID_REQUEST_URI'],
];

/**
 * @param status Status of the answer.
 * @param message `error.message` of its body: a name, maybe with words after a colon; for the API key, words alone.
 * @param refusal What a 400 with an unknown name means.
 */
export function signInErrorOf(
  status: number,
  message: string,
  refusal: SignInCode = 'unavailable',
): SignInError {
  const [name = ''] = message.split(/[\s:]/, 1);
  const [known] = CODES.find(([, names]) => names.split(' ').includes(name)) ?? [];
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

export function asSignInError(error: unknown): SignInError {
  if (error instanceof SignInError) return error;
  return new SignInError('unavailable', String(error), error);
}

/** What happened and what to do now. */
export function explain({ code, message }: SignInError, words: SignInWords): string {
  if (code !== 'weak_password') return words.errors[code];
  const lacks = Object.entries(words.requirements).filter(([rule]) => message.includes(rule));
  if (lacks.length > 0) return words.lacks(lacks.map(([, name]) => name));
  const [, length] = /at least (\d+) characters/i.exec(message) ?? [];
  return length ? words.passwordRule(Number(length)) : words.errors.weak_password;
}
