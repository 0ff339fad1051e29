/** All of `check.test.ts`, with what `npm test` leaves out. */
import './check.test.ts';
