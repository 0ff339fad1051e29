import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

// Tests start some two hundred processes from the sources. With this cache, which all of them share, Node translates
// and compiles each file once: a stack starts with 2.5 s of CPU instead of 4.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('node_modules/.cache/node', import.meta.url),
);

// From the quickest to the most real: unit tests sit beside their source, contract tests hold Google's
// own clients against local/, journey tests drive the whole stack, browser tests the page on top
// of it, security tests attack it; deploy tests run what is deployed.

/** How long a test waits for one thing (`test/support/hang-limit.ts`): no test judges the speed of the machine. */
process.env.HANG_LIMIT_MS ??= '240000';

// Google's clients in the tests need no account: without this they look for a metadata server, and warn that there is none.
process.env.METADATA_SERVER_DETECTION ??= 'none';

const common = {
  testEnvironment: '<rootDir>/test/support/jest/environment.js',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: { '\\.tsx?$': '<rootDir>/test/support/jest/transform.js' },
  // Those of `npm run test:long` (`jest.long.config.js`).
  testPathIgnorePatterns: ['/node_modules/', '\\.long\\.test\\.ts$'],
  // What is built has package.json files with the names of ours.
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

export default {
  // Here and not in the script of package.json: Jest reads "--maxWorkers=100% --maxWorkers=1" as 100 workers. Three more
  // than two cores, as tests of streams and of restarts wait for a quarter of their time.
  maxWorkers: Math.max(5, availableParallelism()),
  // A worker keeps some of each file that it ran, so its garbage collections take ever longer: at 1.4 GB, a test that
  // forces them takes 15 times as long. Past this size Jest ends the worker and starts another one.
  workerIdleMemoryLimit: '350MB',
  testSequencer: '<rootDir>/test/support/jest/sequencer.js',
  globalSetup: '<rootDir>/test/support/systems.ts',
  // A test that waits in vain says itself what it waited for, before Jest ends it.
  testTimeout: 2 * Number(process.env.HANG_LIMIT_MS),
  // A worker has that long to end by itself: half a second, Jest's default, is short on a busy machine.
  workerGracefulExitTimeout: 30_000,
  // The summary would print each failure a second time.
  reporters: ['<rootDir>/test/support/jest/reporter.js', ['summary', { summaryThreshold: 1_000 }]],
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/{shared,functions,sandbox,vision,local-cloud,local,cli,deploy,bench,web,test/eval,test/support,test/without}/**/*.test.ts',
      ],
    },
    { ...common, displayName: 'contract', testMatch: ['<rootDir>/test/contract/**/*.test.ts'] },
    { ...common, displayName: 'journey', testMatch: ['<rootDir>/test/journey/**/*.test.ts'] },
    { ...common, displayName: 'faults', testMatch: ['<rootDir>/test/faults/**/*.test.ts'] },
    { ...common, displayName: 'browser', testMatch: ['<rootDir>/test/browser/**/*.test.ts'] },
    { ...common, displayName: 'deploy', testMatch: ['<rootDir>/test/deploy/**/*.test.ts'] },
    { ...common, displayName: 'security', testMatch: ['<rootDir>/test/security/**/*.test.ts'] },
  ],
};
