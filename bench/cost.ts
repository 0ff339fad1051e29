/**
 * `npm run cost [-- --input-tokens 1300 …]`: the cost of a thousand photos, and of a month without any, in both shapes.
 * The counts come from `npm run bench`, the prices from Google's lists (`deploy/prices.ts`).
 */
import { parseArgs } from 'node:util';
import { type Line, line, monthAtRest, PHOTO_TOKENS } from '../deploy/prices.ts';
import { costInUsd } from '../functions/analysis/prices.ts';
import { EXAMPLE_GEMINI } from '../functions/process/model-name.ts';
import { loadResult } from './lib/result.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: `googleai/${EXAMPLE_GEMINI}` },
    'input-tokens': { type: 'string', default: String(PHOTO_TOKENS.input) },
    'output-tokens': { type: 'string', default: String(PHOTO_TOKENS.output) },
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

for (const shape of ['small', 'domain'] as const) {
  print(`a month without photos, shape ${shape}`, monthAtRest(shape, false));
  print(`the same with alerts and checks from outside`, monthAtRest(shape, true));
}

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

function counted(what: string): number {
  const row = loadResult('operations')?.rows.find((each) => each.what === what);
  if (!row) throw new Error('There are no counts yet. Run: npm run bench -- operations');
  return row.ours.median;
}
