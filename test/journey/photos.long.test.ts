/** All of `photos.test.ts`, with what `npm test` leaves out. */
import './photos.test.ts';
