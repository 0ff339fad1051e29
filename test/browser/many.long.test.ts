/** All of `many.test.ts`, with what `npm test` leaves out. */
import './many.test.ts';
