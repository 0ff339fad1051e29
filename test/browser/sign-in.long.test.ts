/** Sign-in without a domain, with what `npm test` leaves out, and behind a domain: page, API and stream have one address. */
import { describe } from '@jest/globals';
import { TEN_PHOTOS } from '../support/stack.ts';
import { testSignIn } from './sign-in.ts';

describe('without a domain', () => testSignIn('small', TEN_PHOTOS));
describe('behind a domain', () => testSignIn('domain', TEN_PHOTOS));
