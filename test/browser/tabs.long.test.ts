/** All of `tabs.test.ts`, with what `npm test` leaves out. */
import './tabs.test.ts';
