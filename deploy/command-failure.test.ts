import { describe, expect, test } from '@jest/globals';
import { failureOf, PlainError } from './command-failure.ts';

const withCode = (message: string, code: unknown) => Object.assign(new Error(message), { code });

describe('what an operator’s command says when it could not go on', () => {
  // The messages of Google's clients for Node.
  test.each([
    [
      'no network, Cloud Storage',
      withCode(
        'request to https://storage.googleapis.com/storage/v1/b/a/o?maxResults=1 failed, reason: getaddrinfo ENOTFOUND storage.googleapis.com',
        'ENOTFOUND',
      ),
      'Google cannot be reached.',
    ],
    [
      'no network, Firestore',
      withCode(
        '14 UNAVAILABLE: Name resolution failed for target dns:firestore.googleapis.com',
        14,
      ),
      'Google cannot be reached.',
    ],
    [
      'nobody is signed in',
      new Error('Could not load the default credentials. Browse to … for more information.'),
      'Google does not know who you are.',
    ],
    [
      'the sign-in has ended',
      withCode('invalid_grant', '400'),
      'Google does not know who you are.',
    ],
    [
      'a file of credentials that is gone',
      new Error(
        'Unable to read the credential file specified by the GOOGLE_APPLICATION_CREDENTIALS environment variable: The file at /key.json does not exist',
      ),
      'Google does not know who you are.',
    ],
    [
      'a role is missing, Firestore',
      withCode('7 PERMISSION_DENIED: Missing or insufficient permissions.', 7),
      'Your account may not do this.',
    ],
    [
      'a role is missing, Cloud Storage',
      withCode(
        'ann@example.com does not have storage.objects.list access to the Google Cloud Storage bucket.',
        403,
      ),
      'Your account may not do this.',
    ],
  ])('%s: in words, with what to do', (_, error, what) => {
    const [said, remedy, ...more] = failureOf(error);
    expect(said).toBe(`${what} (${error.message})`);
    expect(remedy).toMatch(/run the same command again|gcloud auth application-default login/);
    expect(more).toEqual([]);
  });

  test('what the command itself says stands alone', () => {
    expect(failureOf(new PlainError('2 files could not be exported.'))).toEqual([
      '2 files could not be exported.',
    ]);
  });

  test('an error that nobody expects is shown whole', () => {
    const error = new TypeError('x is not a function');
    expect(failureOf(error)).toEqual([error]);
  });
});
