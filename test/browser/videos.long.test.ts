/** All of `videos.test.ts`, with what `npm test` leaves out. */
import './videos.test.ts';
