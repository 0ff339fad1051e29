import { test } from '@jest/globals';
import { isHere, type NeedName } from './systems.ts';

/**
 * Jest's `test` where the system has what the tests need, else its `test.skip`.
 * @example const it = needing('ps');
 */
export function needing(name: NeedName): typeof test {
  return isHere(name) ? test : (test.skip as typeof test);
}
