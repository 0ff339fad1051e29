/** Sign-in behind a domain: page, API and stream have one address. */
import { TEN_PHOTOS } from '../support/stack.ts';
import { testSignIn } from './sign-in.ts';

testSignIn('domain', TEN_PHOTOS);
