/** A short, repeatable piece of `npm run fuzz`. */
import { expect, test } from '@jest/globals';
import { fuzz } from '../fuzz/fuzz.ts';

test('a thousand bent requests: no crash, no hang, no 5xx, and nothing is left of them', async () => {
  const { counts, failures } = await fuzz({ seed: 1, cases: 1_000 });
  expect(failures).toEqual([]);
  // The cases get somewhere: some are accepted, some refused, of every kind.
  for (const key of ['form 202', 'form 400', 'form 415', 'read 200', 'read 404', 'JSON 204']) {
    expect(counts[key]).toBeGreaterThan(5);
  }
});
