/** All of `owner.test.ts`, with what `npm test` leaves out. */
import './owner.test.ts';
