/** All of `frames.test.ts`, with what `npm test` leaves out. */
import './frames.test.ts';
