import { expect, test } from '@jest/globals';
import { explain, signInErrorOf } from './errors.ts';
import { signInWordsFor } from './words.ts';

const [en, ja] = [signInWordsFor('en'), signInWordsFor('ja')];

test.each([
  [400, 'INVALID_LOGIN_CREDENTIALS', 'wrong_credentials'],
  [400, 'EMAIL_NOT_FOUND', 'wrong_credentials'],
  [400, 'INVALID_PASSWORD', 'wrong_credentials'],
  [400, 'USER_DISABLED', 'disabled'],
  [400, 'EMAIL_EXISTS', 'email_taken'],
  [400, 'TOO_MANY_ATTEMPTS_TRY_LATER : Access to this account has been …', 'too_many_tries'],
  [400, 'EXPIRED_OOB_CODE', 'link_expired'],
  [400, 'ADMIN_ONLY_OPERATION', 'sign_up_closed'],
  [400, 'API key not valid. Please pass a valid API key.', 'key_refused'],
  [403, 'Requests from referer <empty> are blocked.', 'key_refused'],
  [429, '', 'too_many_tries'],
  [503, '', 'unavailable'],
  [400, 'SOMETHING_NEW', 'unavailable'],
  [400, 'constructor', 'unavailable'],
])('%i %s is %s, in words of each language', (status, message, code) => {
  const error = signInErrorOf(status, message);
  expect(error.code).toBe(code);
  expect(explain(error, en)).not.toBe(explain(error, ja));
  expect(explain(error, en)).not.toMatch(/[A-Z]_[A-Z]/);
});

test('the rule that a weak password breaks is said', () => {
  const short = signInErrorOf(400, 'WEAK_PASSWORD : Password should be at least 6 characters');
  expect(explain(short, en)).toBe('Use at least 6 characters.');
  const policy = signInErrorOf(
    400,
    'PASSWORD_DOES_NOT_MEET_REQUIREMENTS : Missing password requirements: [Password must contain an upper case character, Password must contain a numeric character]',
  );
  expect(explain(policy, ja)).toBe('パスワードには大文字、数字も必要です。');
  const sign = 'Password must contain a non-alphanumeric character';
  expect(explain(signInErrorOf(400, `WEAK_PASSWORD : ${sign}`), ja)).toContain('記号');
});
