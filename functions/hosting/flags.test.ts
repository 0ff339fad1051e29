import { expect, test } from '@jest/globals';

// If this fails, Node takes the flag as a start option: move it from `flags.ts` to NODE_OPTIONS in `terraform/units.tf`.
test('still needed: NODE_OPTIONS does not take the flag of `keepBuffersYoung`', () => {
  expect(process.allowedNodeEnvironmentFlags.has('--no-allocation-site-pretenuring')).toBe(false);
  // Nor the other spelling, and this is how it looks if it does.
  expect(process.allowedNodeEnvironmentFlags.has('--allocation-site-pretenuring')).toBe(false);
  expect(process.allowedNodeEnvironmentFlags.has('--expose-gc')).toBe(true);
});
