/** The short one of `npm run faults`' outages: a service is away, and everything completes by itself. */
import { describe, expect, test } from '@jest/globals';
import { AT_A_TIME, INSTANCES, type Outage, runOutage } from './scenario.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ITEMS = 8;
/** Deliveries that are under way when the outage begins may make all their calls, and an instance finds out for itself. */
const FIRST_CALLS = INSTANCES * AT_A_TIME * 4;
/** Not later than this after the end of the outage everything is completed. */
const RECOVERY_MS = 12 * MINUTE;

/** One probe in two minutes and five more while the pauses grow, for each instance and not for each media. */
const probes = (lengthMs: number) => INSTANCES * (5 + lengthMs / (2 * MINUTE));

describe('while a service is away, nothing fails, and afterwards everything completes by itself:', () => {
  test.each<[Outage, string, number, string]>([
    ['model 503', 'for two hours', 2 * HOUR, 'analysis_unavailable'],
    ['model 429', 'for ten minutes', 10 * MINUTE, 'analysis_quota'],
    ['storage', 'for two hours', 2 * HOUR, 'unavailable'],
  ])('%s, %s', async (outage, _title, lengthMs, code) => {
    const report = await runOutage({ outage, items: ITEMS, lengthMs });
    expect(report.violations).toEqual([]);
    expect(report.waitCodes).toEqual([code]);
    expect(report.recoveryMs).toBeLessThan(RECOVERY_MS);
    expect(report.callsInOutage).toBeLessThanOrEqual(FIRST_CALLS + probes(lengthMs));
    expect(report.longestWaitMs).toBeGreaterThan(MINUTE);
  });

  test('whatever an owner sends is stored meanwhile', async () => {
    const report = await runOutage({ outage: 'cap', items: 44, lengthMs: HOUR });
    expect(report.violations).toEqual([]);
    expect(report.waitCodes).toEqual(['analysis_spend_cap']);
    expect(report.unstored).toBe(0);
    expect(report.recoveryMs).toBeLessThan(RECOVERY_MS);
  });

  test('Firestore, while results are to be written: each is written later, and paid for once', async () => {
    const report = await runOutage({ outage: 'firestore', items: 20, lengthMs: 3 * MINUTE });
    expect(report.violations).toEqual([]);
  });

  test.each<Outage>(['firestore', 'tasks'])('%s, for ten minutes', async (outage) => {
    const report = await runOutage({ outage, items: ITEMS, lengthMs: 10 * MINUTE });
    expect(report.violations).toEqual([]);
    expect(report.recoveryMs).toBeLessThan(RECOVERY_MS);
  });
});
