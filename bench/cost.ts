/**
 * `npm run cost [-- --input-tokens 1300 …]`: the cost of a thousand photos, and of a month without any, in both shapes.
 * The counts come from `npm run bench`, the prices from Google's lists (Firestore in the multi-region `nam5`, the others in
 * `us-central1`). Free tiers are not subtracted. Prices change and differ by region: check the page that each line names.
 */
import { parseArgs } from 'node:util';
import { costInUsd } from '../functions/analysis/prices.ts';
import { EXAMPLE_GEMINI } from '../functions/process/model-name.ts';
import { loadResult } from './lib/result.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: `googleai/${EXAMPLE_GEMINI}` },
    /**
     * Tokens of one analysis. Input: preview, prompt and schema. Output: the answer and the thinking
     * before it.
     */
    'input-tokens': { type: 'string', default: '2000' },
    'output-tokens': { type: 'string', default: '800' },
    'megabytes-a-photo': { type: 'string', default: '2.5' },
    /** CPU time of the api, the worker and the stream together. */
    'cpu-ms': { type: 'string', default: '500' },
  },
});
const number = (name: keyof typeof values) => Number(values[name]);

const ITEMS = 1_000;
/** Cloud Tasks calls: two tasks are created and delivered. */
const TASK_OPERATIONS = 4;
/**
 * Class A: insert into staging, copy, insert the preview. Class B: reads of the original and of the
 * preview.
 */
const [CLASS_A, CLASS_B] = [3, 2];

interface Line {
  what: string;
  amount: number;
  unit: string;
  usd: number;
  source: string;
}

const lines: Line[] = [
  line('Firestore reads', counted('reads') * ITEMS, '', 0.06 / 100_000, 'firestore/pricing'),
  line('Firestore writes', counted('writes') * ITEMS, '', 0.18 / 100_000, 'firestore/pricing'),
  line('Cloud Tasks operations', TASK_OPERATIONS * ITEMS, '', 0.4 / 1e6, 'tasks/pricing'),
  line('Storage class A operations', CLASS_A * ITEMS, '', 0.005 / 1_000, 'storage/pricing'),
  line('Storage class B operations', CLASS_B * ITEMS, '', 0.0004 / 1_000, 'storage/pricing'),
  line(
    'Storage, a month',
    (number('megabytes-a-photo') * ITEMS) / 1_000,
    'GB',
    0.02,
    'storage/pricing',
  ),
  line('CPU', (number('cpu-ms') * ITEMS) / 1_000, 'vCPU s', 0.000024, 'run/pricing'),
];
const analysis = costInUsd(values.model, {
  input: number('input-tokens') * ITEMS,
  output: number('output-tokens') * ITEMS,
});
if (analysis === null) {
  console.error(
    `The price of ${values.model} is not known. Add it to functions/analysis/profiles.ts.`,
  );
  process.exit(2);
}
lines.push({
  what: values.model,
  amount: (number('input-tokens') + number('output-tokens')) * ITEMS,
  unit: 'tokens',
  usd: analysis,
  source: 'ai.google.dev/gemini-api/docs/pricing',
});
print('a thousand photos, in both shapes', lines);

/** Cloud Run counts at least 100 ms for a request. */
const LEAST_S = 0.1;
const MINUTES = 60 * 24 * 30;
/** Places from which Google asks for the page and for the API, once a minute each (`terraform/uptime.tf`). */
const UPTIME_REQUESTS = 2 * 6 * MINUTES;
const SWEEPS = MINUTES / 5;
/** `conditions` in `terraform/`, each policy of a `for_each` counted. */
const ALERT_CONDITIONS = 30;
/** The stream's and the functions' images that `terraform/registry.tf` keeps. */
const IMAGES_GB = 4;

const atRest = [
  line('alert conditions', ALERT_CONDITIONS, '', 0.1, 'products/observability/pricing'),
  line(
    'CPU for uptime checks and sweeps',
    (UPTIME_REQUESTS + SWEEPS) * LEAST_S,
    'vCPU s',
    0.000024,
    'run/pricing',
  ),
  line('requests of uptime checks', UPTIME_REQUESTS, '', 0.4 / 1e6, 'run/pricing'),
  line('uptime checks', UPTIME_REQUESTS, '', 0.3 / 1_000, 'products/observability/pricing', 1e6),
  line('images', IMAGES_GB, 'GB', 0.1, 'artifact-registry/pricing'),
  line('scheduler jobs', 1, '', 0.1, 'scheduler/pricing'),
];
const HOURS = MINUTES / 60;
const loadBalancer = [
  line('forwarding rules (up to five)', HOURS, 'hours', 0.025, 'vpc/network-pricing'),
  line('Cloud Armor policy', 1, '', 5, 'armor/pricing'),
  line('Cloud Armor rules', 2, '', 1, 'armor/pricing'),
];
print('a month without photos, shape small', atRest);
print('a month without photos, shape domain', [...atRest, ...loadBalancer]);

function print(title: string, all: Line[]): void {
  const total = all.reduce((sum, { usd }) => sum + usd, 0);
  console.log(`\n${title}: $${total.toFixed(2)}`);
  console.table(
    all.map(({ usd, ...rest }) => ({
      ...rest,
      usd: usd.toFixed(4),
      share: `${((usd / total) * 100).toFixed(1)} %`,
    })),
  );
}

/** @param free How much of it costs nothing, where the price list says so for each project. */
function line(
  what: string,
  amount: number,
  unit: string,
  price: number,
  page: string,
  free = 0,
): Line {
  const usd = Math.max(0, amount - free) * price;
  return { what, amount, unit, usd, source: `cloud.google.com/${page}` };
}

function counted(what: string): number {
  const row = loadResult('operations')?.rows.find((each) => each.what === what);
  if (!row) throw new Error('There are no counts yet. Run: npm run bench -- operations');
  return row.ours.median;
}
