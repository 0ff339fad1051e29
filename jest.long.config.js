import config from './jest.config.js';

/**
 * `npm run test:long`: the files named `*.long.test.ts`, which `npm test` leaves out. Beside most of them is a file of the
 * same name without `.long`, with the short form: some import it, and run the tests that it marks with `longTest`, too
 * (`test/support/long-test.ts`).
 */
export default {
  ...config,
  projects: config.projects.map(({ testPathIgnorePatterns, testMatch, ...project }) => ({
    ...project,
    testMatch: testMatch.map((glob) => glob.replace(/\*\.test\.ts$/, '*.long.test.ts')),
  })),
};
