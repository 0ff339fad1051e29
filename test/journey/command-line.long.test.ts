/** All of `command-line.test.ts`, with what `npm test` leaves out. */
import './command-line.test.ts';
