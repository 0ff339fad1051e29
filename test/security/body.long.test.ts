/** All of `body.test.ts`, with what `npm test` leaves out. */
import './body.test.ts';
