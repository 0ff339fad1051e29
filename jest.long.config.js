import { availableParallelism } from 'node:os';
import config from './jest.config.js';

/** Units of a test start with it, and not with their first request: many of these tests look at their processes. */
process.env.LONG_RUN = '1';

/**
 * `npm run test:long`: the files named `*.long.test.ts`, which `npm test` leaves out. Beside most of them is a file of the
 * same name without `.long`, with the short form: some import it, and run the tests that it marks with `longTest`, too
 * (`test/support/long-test.ts`).
 *
 * With `SECOND_TRY=1`, as in CI, a test that fails runs once more: of 1,360 tests, most of them with a browser on two busy
 * cores, one in each of three runs had lost a race of its own and held up all the work. The run still prints the first
 * error and names such tests: each is a fault to mend. `npm test` has no second try.
 */
export default {
  ...config,
  // Most of these tests drive a browser, which works beside them. At five on two cores, one waited half a minute for a card.
  maxWorkers: Math.max(4, availableParallelism()),
  projects: config.projects.map(({ testPathIgnorePatterns, testMatch, ...project }) => ({
    ...project,
    setupFilesAfterEnv: process.env.SECOND_TRY ? ['<rootDir>/test/support/jest/second-try.js'] : [],
    testMatch: testMatch.map((glob) => glob.replace(/\*\.test\.ts$/, '*.long.test.ts')),
  })),
};
