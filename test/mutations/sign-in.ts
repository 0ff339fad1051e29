/** Signing in, and who uses the same browser next. */
import type { Mutation } from './mutation.ts';

const NEXT_USER = 'the next user of the browser sees their data or acts as them';
const UNSENT = 'files chosen but not sent, left for the next user';
const LIVES_ON = 'a session that outlives a new password or a disabled account';
const PLANTED = 'an answer of Google for another page or person';
const FOUND_OUT = 'being found out to have an account';
const SESSION = 'web/src/page/sign-in/session.ts';
const SESSION_TEST = 'web/src/page/sign-in/session.test.ts';
const GOOGLE = 'web/src/page/sign-in/google.ts';
const GOOGLE_TEST = 'web/src/page/sign-in/google.test.ts';

export const SIGN_IN: readonly Mutation[] = [
  {
    threat: NEXT_USER,
    without: 'the user for whom the client was made',
    edits: [[SESSION, 'if (this.#stored?.user.id !== userId)', 'if (!this.#stored)']],
    tests: [SESSION_TEST, 'of another user in another tab is taken over'],
  },
  {
    threat: NEXT_USER,
    without: 'a second look after a token was renewed',
    edits: [[SESSION, '    if (this.#stored?.user.id !== session.user.id) throw ended();\n', '']],
    tests: [SESSION_TEST, 'that ends while its token is renewed'],
  },
  {
    threat: NEXT_USER,
    without: 'the end in all tabs',
    edits: [
      [
        SESSION,
        '    this.#use(undefined, endedBy);\n    this.#write();\n',
        '    this.#use(undefined, endedBy);\n',
      ],
    ],
    tests: [SESSION_TEST, 'ends in all tabs'],
  },
  {
    threat: UNSENT,
    without: 'the deletion when nobody is signed in',
    edits: [['web/src/page/sign-in/gate.tsx', 'if (isNobody) onNobody();', '']],
    tests: ['test/browser/sign-in.test.ts', 'what was not sent yet is deleted when nobody'],
  },
  {
    threat: UNSENT,
    without: 'a look at whose files they are',
    edits: [
      ['web/src/hooks/uploads/kept.ts', 'entry.owner === owner', 'entry.owner !== undefined'],
    ],
    tests: ['test/browser/sign-in.long.test.ts', "nor does another user's page send it"],
  },
  {
    threat: LIVES_ON,
    without: 'the end in the page',
    edits: [[SESSION, '      this.end(code);\n', '']],
    tests: [SESSION_TEST, 'that the server ends'],
  },
  {
    threat: PLANTED,
    without: 'the state',
    edits: [[GOOGLE, 'if (attempt?.state !== state)', 'if (!attempt)']],
    tests: [GOOGLE_TEST, 'of another attempt is refused'],
  },
  {
    threat: PLANTED,
    without: 'the nonce',
    edits: [[GOOGLE, 'if (nonceOf(idToken) !== attempt.nonce)', "if (idToken === '')"]],
    tests: [GOOGLE_TEST, 'with the token of another is refused'],
  },
  {
    threat: FOUND_OUT,
    without: 'one answer for both',
    edits: [['web/src/page/sign-in/errors.ts', ' EMAIL_NOT_FOUND', '']],
    tests: ['web/src/page/sign-in/errors.test.ts', '400 EMAIL_NOT_FOUND'],
  },
  {
    threat: FOUND_OUT,
    without: 'one answer for each mail',
    edits: [
      [
        'web/src/page/sign-in/identity-toolkit.ts',
        "if (!(error instanceof SignInError) || error.code !== 'wrong_credentials') throw error;",
        'throw error;',
      ],
    ],
    tests: ['web/src/page/sign-in/identity-toolkit.test.ts', 'is answered alike for an address'],
  },
];
