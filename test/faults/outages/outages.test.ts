/** The shortest outages: those of minutes and hours are in `outages.long.test.ts`, all of them in `npm run faults`. */
import { describe, expect, test } from '@jest/globals';
import { expectThatAllIsStored, expectThatAllWaits, MINUTE } from './expectations.ts';
import { runOutage } from './scenario.ts';

describe('while a service is away, nothing fails, and afterwards everything completes by itself:', () => {
  test('model 503, for half an hour', () =>
    expectThatAllWaits({ outage: 'model 503', items: 4, lengthMs: 30 * MINUTE }, [
      'analysis_unavailable',
    ]));

  test('whatever an owner sends is stored meanwhile', () => expectThatAllIsStored(26, 30 * MINUTE));

  test('Firestore, while results are to be written: each is written later, and paid for once', async () => {
    const report = await runOutage({ outage: 'firestore', items: 10, lengthMs: 3 * MINUTE });
    expect(report.violations).toEqual([]);
  });
});
