/** Each service in turn is away, for minutes and for hours. `npm run faults` has all of them for two hours, with more media. */
import { describe, expect, test } from '@jest/globals';
import {
  expectRecovery,
  expectThatAllWaits,
  expectThatNobodyStarves,
  HOUR,
  MINUTE,
} from './expectations.ts';
import { type Outage, runOutage } from './scenario.ts';

const ITEMS = 8;

describe('while a service is away, nothing fails, and afterwards everything completes by itself:', () => {
  test.each<[Outage, string, number, string]>([
    ['model 503', 'for two hours', 2 * HOUR, 'analysis_unavailable'],
    ['model 429', 'for ten minutes', 10 * MINUTE, 'analysis_quota'],
    ['storage', 'for two hours', 2 * HOUR, 'unavailable'],
  ])('%s, %s', (outage, _title, lengthMs, code) =>
    expectThatAllWaits({ outage, items: ITEMS, lengthMs }, [code]),
  );

  test.each<Outage>(['firestore', 'tasks'])('%s, for ten minutes', (outage) =>
    expectRecovery({ outage, items: ITEMS, lengthMs: 10 * MINUTE }),
  );

  test.each<[Outage, number]>([
    ['model 503', 0.3],
    ['model 503', 0.7],
    ['storage', 0.3],
    ['storage', 0.5],
  ])(
    '%s, for %d of all calls: nobody starves, and no media comes near its last delivery',
    (outage, share) => expectThatNobodyStarves({ outage, share, items: 20, lengthMs: 2 * HOUR }),
  );

  test('a Cloud Storage that takes our role away, for half an hour', async () => {
    const options = { outage: 'storage 403', items: 4, lengthMs: 30 * MINUTE } as const;
    expect((await expectRecovery(options)).waitCodes).toEqual(['unavailable']);
  });

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
