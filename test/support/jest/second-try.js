import { jest } from '@jest/globals';

// The first error is printed, and `reporter.js` names the test.
jest.retryTimes(1, { logErrorsBeforeRetry: true });
