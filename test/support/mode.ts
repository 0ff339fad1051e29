import { type Mode, ON_DEMAND, STRICT } from '../../local/front/modes.ts';
import { isLong } from './long-test.ts';

/**
 * For files of which no test is about instances that come and go: the strict mode in the long run alone. It starts two to
 * three times as many units, and each of them takes one to two seconds of CPU before it is quick.
 */
export const STRICT_IN_LONG_RUN: Mode = isLong ? STRICT : ON_DEMAND;
