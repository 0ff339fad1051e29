/** All of `reanalyses.test.ts`, with what `npm test` leaves out. */
import './reanalyses.test.ts';
