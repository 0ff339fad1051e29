/** All of `kept-uploads.test.ts`, with what `npm test` leaves out. */
import './kept-uploads.test.ts';
