/** All of `webhooks.test.ts`, with what `npm test` leaves out. */
import './webhooks.test.ts';
