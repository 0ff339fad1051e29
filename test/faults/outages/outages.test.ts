/** Some outages: others are in `outages.long.test.ts`, and each for two hours in `npm run faults`. */
import { describe, expect, test } from '@jest/globals';
import {
  expectRecovery,
  expectThatAllWaits,
  expectThatNobodyStarves,
  HOUR,
  MINUTE,
} from './expectations.ts';
import { runOutage } from './scenario.ts';

describe('while a service is away, nothing fails, and afterwards everything completes by itself:', () => {
  test('model 503, for half an hour', () =>
    expectThatAllWaits({ outage: 'model 503', items: 4, lengthMs: 30 * MINUTE }, [
      'analysis_unavailable',
    ]));

  test('a Cloud Storage that takes our role away, for half an hour', async () => {
    const options = { outage: 'storage 403', items: 4, lengthMs: 30 * MINUTE } as const;
    expect((await expectRecovery(options)).waitCodes).toEqual(['unavailable']);
  });

  test('half of all calls to the model fail: nobody starves, and no media comes near its last delivery', () =>
    expectThatNobodyStarves({ outage: 'model 503', share: 0.5, items: 12, lengthMs: HOUR }));

  test('whatever an owner sends is stored meanwhile', async () => {
    const report = await expectRecovery({ outage: 'cap', items: 44, lengthMs: HOUR });
    expect(report.waitCodes).toEqual(['analysis_spend_cap']);
    expect(report.unstored).toBe(0);
  });

  test('Firestore, while results are to be written: each is written later, and paid for once', async () => {
    const report = await runOutage({ outage: 'firestore', items: 20, lengthMs: 3 * MINUTE });
    expect(report.violations).toEqual([]);
  });
});
