/**
 * `npm run faults -- --items 2000 --seed 42`: each service away for two virtual hours, and then the whole product
 * under random faults. Prints what happened and the seed; ends with 1 if something was lost, doubled, or seen that
 * must not be.
 */
import { parseArgs } from 'node:util';
import { runOutages } from './outages/run.ts';
import { OUTAGES } from './outages/scenario.ts';
import { runScenario } from './scenario.ts';

const RANDOM = 'random';
const PARTS: readonly string[] = [...OUTAGES, RANDOM];

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** Share of calls that meet a fault. */
    rate: { type: 'string', default: '0.15' },
    /** Seconds that each service is away. */
    outage: { type: 'string', default: '30' },
    /** Seconds between two kills. */
    kill: { type: 'string', default: '5' },
    /** Only these parts; may be given more than once. `outages`: all of two virtual hours. `random`: the whole product. */
    only: { type: 'string', multiple: true, default: [...PARTS] },
  },
});

const items = Number(values.items);
const seed = Number(values.seed);
const chosen = values.only.flatMap((part) => (part === 'outages' ? OUTAGES : part));
const unknown = chosen.find((part) => !PARTS.includes(part));
if (unknown !== undefined) {
  console.error(`There is no part "${unknown}". There are: outages, ${PARTS.join(', ')}.`);
  process.exit(2);
}
const violations = await runOutages(
  OUTAGES.filter((outage) => chosen.includes(outage)),
  items,
  seed,
);
if (chosen.includes(RANDOM)) violations.push(...(await runRandomFaults()));
for (const violation of violations) console.error(`VIOLATION ${violation}`);
const verdict = violations.length === 0 ? 'holds' : 'DOES NOT HOLD';
console.log(`Seed ${seed}: ${verdict}. Again: npm run faults -- --seed ${seed}`);
process.exit(violations.length === 0 ? 0 : 1);

async function runRandomFaults(): Promise<string[]> {
  const report = await runScenario({
    items,
    seed,
    rate: Number(values.rate),
    outageMs: Number(values.outage) * 1_000,
    killEveryMs: Number(values.kill) * 1_000,
    maxDelayMs: 2_000,
    environment: {
      // Lost tasks need not wait five minutes here.
      SWEEP_QUIET_S: '60',
      // Each answer that is lost counts as the dearest. Two owners with thousands of photos would wait for tomorrow.
      MAX_USD_PER_DAY: '100000',
      MAX_OWNER_USD_PER_DAY: '100000',
    },
    sweepIntervalMs: 20_000,
    deleteRate: 0.03,
    patienceMs: 45 * 60_000,
    onProgress: (line) => console.log(line),
  });

  console.table(report.counts);
  return report.violations;
}
