/** All of `search.test.ts`, with what `npm test` leaves out. */
import './search.test.ts';
