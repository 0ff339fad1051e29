/** All of `reanalyse-command.test.ts`, with what `npm test` leaves out. */
import './reanalyse-command.test.ts';
