/** Sign-in without a domain: the API is on another site. */
import { testSignIn } from './sign-in.ts';

testSignIn('small', ['02-cat.png', '03-coffee.webp']);
