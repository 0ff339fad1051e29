/** `SIGN_IN=local`: users sign in on this machine as in a deployment. */

import type { Mail } from '@media-analysis/local-cloud';
import { createRemoteJWKSet } from 'jose';
import type { StackOptions } from './stack.ts';

const GOOGLE_KEYS = new URL('https://www.googleapis.com/oauth2/v3/certs');

/**
 * Everybody may make an account. With `GOOGLE_CLIENT_ID`, users may sign in with their real Google accounts too. Mails are
 * written to the console.
 */
export function localSignIn(env = process.env): NonNullable<StackOptions['signIn']> {
  const { GOOGLE_CLIENT_ID: clientId } = env;
  return {
    signUp: true,
    onMail: print,
    google: clientId ? { clientId, keys: createRemoteJWKSet(GOOGLE_KEYS) } : undefined,
  };
}

function print({ to, link }: Mail): void {
  console.log(`Mail to ${to}: choose a new password on ${link}`);
}
