/** All of `moderation.test.ts`, with what `npm test` leaves out. */
import './moderation.test.ts';
