/** All of `cache.test.ts`, with what `npm test` leaves out. */
import './cache.test.ts';
