/**
 * `npm run faults:model -- --items 200 --seed 7`: the whole product with a model that fails. Prints what
 * happened and the seed; ends with 1 if an item did not end as it should, or a call was made in vain.
 */
import { parseArgs } from 'node:util';
import { runModelScenario } from './scenario.ts';

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** Share of calls that meet a fault of a moment. */
    rate: { type: 'string', default: '0.15' },
    /** Share of items that are refused for good. */
    refused: { type: 'string', default: '0.05' },
  },
});

const seed = Number(values.seed);
const { violations, counts, callsPerItem } = await runModelScenario({
  items: Number(values.items),
  seed,
  rate: Number(values.rate),
  refused: Number(values.refused),
  hang: true,
  onProgress: (line) => console.log(line),
});

console.table({ ...counts, 'calls an item': Number(callsPerItem.toFixed(3)) });
for (const violation of violations) console.error(`VIOLATION ${violation}`);
const verdict = violations.length === 0 ? 'holds' : 'DOES NOT HOLD';
console.log(`Seed ${seed}: ${verdict}. Again: npm run faults:model -- --seed ${seed}`);
process.exit(violations.length === 0 ? 0 : 1);
