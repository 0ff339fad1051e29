/**
 * `npm run cost [-- --input-tokens 1300 …]`: the cost of a thousand photos, and of a month without any, in both shapes.
 * The counts come from `npm run bench`, the prices from Google's lists (`deploy/prices.ts`).
 */
import { parseArgs } from 'node:util';
import { keptByNpm } from '../deploy/npm-options.ts';
import { type Line, line, monthAtRest, PHOTO_TOKENS } from '../deploy/prices.ts';
import { costInUsd } from '../functions/analysis/prices.ts';
import { EXAMPLE_GEMINI, providerOf } from '../functions/process/model-name.ts';
import { loadResult } from './lib/result.ts';

const USAGE = `npm run cost [-- --model MODEL] [--input-tokens N] [--output-tokens N] [--megabytes-a-photo N] [--cpu-ms N]

  --model   what looks at the photos; default googleai/${EXAMPLE_GEMINI}
  the others are of one photo; --cpu-ms is of api, worker and stream together`;

const OPTIONS = {
  model: { type: 'string', default: `googleai/${EXAMPLE_GEMINI}` },
  'input-tokens': { type: 'string', default: String(PHOTO_TOKENS.input) },
  'output-tokens': { type: 'string', default: String(PHOTO_TOKENS.output) },
  'megabytes-a-photo': { type: 'string', default: '2.5' },
  'cpu-ms': { type: 'string', default: '500' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;
const values = readArguments();
const number = (name: Exclude<keyof typeof values, 'help' | 'model'>) => Number(values[name]);

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
const analysis = priceOf(values.model);
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

function priceOf(model: string): number {
  const tokens = {
    input: number('input-tokens') * ITEMS,
    output: number('output-tokens') * ITEMS,
  };
  const isOfAProvider = providerOf(model) !== undefined && model.includes('/');
  const price = isOfAProvider ? costInUsd(model, tokens) : null;
  if (price !== null) return price;
  console.error(
    isOfAProvider
      ? `The price of ${model} is not known. Add it to functions/analysis/providers/gemini-models.ts.`
      : `--model ${model}: write PROVIDER/MODEL, such as googleai/${EXAMPLE_GEMINI}.`,
  );
  process.exit(2);
}

function readArguments() {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    const kept = keptByNpm('cost', Object.keys(OPTIONS), process.argv, process.env);
    if (kept !== undefined) throw new Error(kept);
    const { model: _, help: __, ...numbers } = values;
    for (const [name, text] of Object.entries(numbers)) {
      if (text.trim() !== '' && Number(text) >= 0) continue;
      throw new Error(`--${name} ${text}: write a number.`);
    }
    return values;
  } catch (error) {
    console.error(`${USAGE}\n\n${(error as Error).message}`);
    process.exit(2);
  }
}
