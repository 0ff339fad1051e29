/** The shortest one of `npm run faults`: everything fails that can, for seconds. */
import { expect, test } from '@jest/globals';
import { runScenario } from './scenario.ts';

/** Kills the stream, the worker and the api, in this order. */
const SEED = 20_281;

test('under random faults, outages and kills nothing is lost, doubled, or left behind', async () => {
  const { seed, violations, counts } = await runScenario({
    items: 12,
    seed: SEED,
    rate: 0.15,
    maxDelayMs: 300,
    outageMs: 1_000,
    killEveryMs: 2_000,
    maxKills: 3,
    environment: { LEASE_S: '4', SWEEP_QUIET_S: '3' },
    sweepIntervalMs: 2_000,
    deleteRate: 0.2,
  });
  expect({ seed, violations }).toEqual({ seed: SEED, violations: [] });
  expect(counts.accepted).toBe(12);
  expect(counts['deleted by their owner']).toBeGreaterThan(0);
  expect(counts['firestore.lose']).toBeGreaterThan(0);
});
