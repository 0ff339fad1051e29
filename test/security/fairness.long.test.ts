/** All of `fairness.test.ts`, with what `npm test` leaves out. */
import './fairness.test.ts';
