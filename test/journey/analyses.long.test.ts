/** All of `analyses.test.ts`, with what `npm test` leaves out. */
import './analyses.test.ts';
