/** All of `connection.test.ts`, with what `npm test` leaves out. */
import './connection.test.ts';
