/**
 * Tests that stand beside their short form, and that `npm run test:long` alone runs: `NAME.long.test.ts` imports
 * `NAME.test.ts`, and so runs all of it.
 */
import { expect, test } from '@jest/globals';

const isLong = expect.getState().testPath?.endsWith('.long.test.ts') ?? false;

/** Jest's `test` in the long run; in `npm test` nothing, so that no test counts as skipped. */
export function longTest(title: string, body: () => Promise<void> | void): void {
  if (isLong) test(title, body);
}

/** Those of a table that `npm test` runs: the first ones. The long run has all. */
export function shortened<Row>(rows: readonly Row[], short: number): readonly Row[] {
  return isLong ? rows : rows.slice(0, short);
}
