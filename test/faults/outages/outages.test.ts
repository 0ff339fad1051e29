/** Some outages: others are in `outages.long.test.ts`, and each for two hours in `npm run faults`. */
import { describe, test } from '@jest/globals';
import { expectThatAllWaits, expectThatNobodyStarves, HOUR, MINUTE } from './expectations.ts';

describe('while a service is away, nothing fails, and afterwards everything completes by itself:', () => {
  test('model 503, for half an hour', () =>
    expectThatAllWaits({ outage: 'model 503', items: 4, lengthMs: 30 * MINUTE }, [
      'analysis_unavailable',
    ]));

  test('half of all calls to the model fail: nobody starves, and no media comes near its last delivery', () =>
    expectThatNobodyStarves({ outage: 'model 503', share: 0.5, items: 12, lengthMs: HOUR }));
});
