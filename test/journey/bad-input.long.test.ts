/** All of `bad-input.test.ts`, with what `npm test` leaves out. */
import './bad-input.test.ts';
