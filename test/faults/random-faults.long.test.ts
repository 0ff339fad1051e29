/** Everything fails that can, for a while; with hundreds of files: `npm run faults`. */
import { expect, test } from '@jest/globals';
import { runScenario } from './scenario.ts';

const SEED = 20_251;

test('under random faults, outages and kills nothing is lost, doubled, or left behind', async () => {
  const { seed, violations, counts } = await runScenario({
    items: 40,
    seed: SEED,
    rate: 0.15,
    maxDelayMs: 300,
    outageMs: 2_000,
    killEveryMs: 3_000,
    maxKills: 8,
    environment: { LEASE_S: '4', SWEEP_QUIET_S: '3' },
    sweepIntervalMs: 2_000,
    deleteRate: 0.1,
  });
  expect({ seed, violations }).toEqual({ seed: SEED, violations: [] });
  expect(counts.accepted).toBe(40);
  expect(counts['deleted by their owner']).toBeGreaterThan(0);
  expect(counts['firestore.lose']).toBeGreaterThan(0);
});
