/** All of `cloud-package.test.ts`, with what `npm test` leaves out. */
import './cloud-package.test.ts';
