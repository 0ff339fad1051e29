/** Files that are made to stop the program that opens them, sent by one user through the whole product: all that we know. */
import { test } from '@jest/globals';
import { BOMBS } from '../support/bombs.ts';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';
import { expectBombsCostNothing } from './bombs.ts';

test(
  'every bomb fails at its first delivery, and costs the worker and another user nothing',
  () => expectBombsCostNothing(BOMBS),
  (BOMBS.length + 1) * HANG_LIMIT_MS,
);
