/** The short one of `npm run faults:model`. */
import { expect, test } from '@jest/globals';
import { runModelScenario } from './scenario.ts';

const SEED = 4;

test('of a model that fails 15 % of its calls every item comes to its right end, by few calls', async () => {
  const { violations, counts, callsPerItem } = await runModelScenario({
    items: 24,
    seed: SEED,
    rate: 0.15,
    refused: 0.1,
    hang: false,
  });
  expect({ seed: SEED, violations }).toEqual({ seed: SEED, violations: [] });
  expect(counts.items).toBe(24);
  expect(counts['refused for good']).toBeGreaterThan(2);
  expect(callsPerItem).toBeGreaterThan(1.05);
  expect(callsPerItem).toBeLessThanOrEqual(1.2);
});
