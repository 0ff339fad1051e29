/** A thousand objects are imported, and the worker is killed three times on the way. */
import { afterAll, beforeAll } from '@jest/globals';
import { STRICT } from '../../local/front/modes.ts';
import { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { needing } from '../support/needing.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { type Backend, expectAllImported, openBackend } from './imports.ts';
// With what `npm test` leaves out of it.
import './imports.test.ts';

const it = needing('signals');

const faults = new FaultPlan();
let stack: Stack;
let backend: Backend;

beforeAll(async () => {
  stack = await startStack({
    mode: STRICT,
    faults,
    sweepIntervalMs: 5_000,
    environment: { IMPORT_BUCKETS: 'shop-photos', LEASE_S: '6', SWEEP_QUIET_S: '6' },
  });
  backend = await openBackend(stack);
});
afterAll(async () => {
  await backend.close();
  await stack.close();
});

it(
  'each of a thousand objects is one media, through kills of the worker and lost answers',
  async () => {
    await expectAllImported({ stack, backend, faults, bucket: 'shop-photos' }, 1_000);
  },
  30 * 60_000,
);
