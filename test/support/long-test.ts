/**
 * Tests that stand beside their short form, and that `npm run test:long` alone runs: `NAME.long.test.ts` imports
 * `NAME.test.ts`, and so runs all of it.
 */
import { expect, test } from '@jest/globals';

type Test = (title: string, body: () => Promise<void> | void) => void;

export const isLong = expect.getState().testPath?.endsWith('.long.test.ts') ?? false;

/** The same in the long run; in `npm test` nothing, so that no test counts as skipped. */
export const inLongRun = (it: Test): Test => (isLong ? it : () => undefined);

export const longTest = inLongRun(test);

/** Those of a table that `npm test` runs: the first ones. The long run has all. */
export const shortened = <Row>(rows: readonly Row[], short: number): readonly Row[] =>
  isLong ? rows : rows.slice(0, short);
