/** What the short outages and the long ones promise: a service is away, and everything completes by itself. */
import { expect } from '@jest/globals';
import {
  AT_A_TIME,
  INSTANCES,
  type OutageOptions,
  type OutageReport,
  runOutage,
} from './scenario.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** Deliveries that are under way when the outage begins may make all their calls, and an instance finds out for itself. */
const FIRST_CALLS = INSTANCES * AT_A_TIME * 4;
/** Not later than this after the end of the outage everything is completed. */
const RECOVERY_MS = 12 * MINUTE;

/** One probe in two minutes and five more while the pauses grow, for each instance and not for each media. */
const probes = (lengthMs: number) => INSTANCES * (5 + lengthMs / (2 * MINUTE));

/** @param waitCodes The reasons for which media wait meanwhile. */
export async function expectThatAllWaits(
  options: OutageOptions,
  waitCodes: readonly string[],
): Promise<void> {
  const report = await expectRecovery(options);
  expect(report.waitCodes).toEqual(waitCodes);
  expect(report.callsInOutage).toBeLessThanOrEqual(FIRST_CALLS + probes(options.lengthMs));
  expect(report.longestWaitMs).toBeGreaterThan(MINUTE);
}

export async function expectRecovery(options: OutageOptions): Promise<OutageReport> {
  const report = await runOutage(options);
  expect(report.violations).toEqual([]);
  expect(report.recoveryMs).toBeLessThan(RECOVERY_MS);
  return report;
}

/** By chance others may be answered, and none of them fail, just while one media fails. */
const MOST_BY_CHANCE = 2;

/** While a service fails now and then, work goes on, and no media comes near its eight deliveries. */
export async function expectThatNobodyStarves(options: OutageOptions): Promise<void> {
  const report = await expectRecovery(options);
  expect(report.starved).toBe(0);
  expect(report.deliveries).toBeLessThanOrEqual(MOST_BY_CHANCE);
}
