/** All of `uploads.test.ts`, with what `npm test` leaves out. */
import './uploads.test.ts';
