/**
 * `npm run cost [-- --input-tokens 1300 …]`: the cost of a thousand photos, and of a month without any, in both shapes.
 * The counts come from `npm run bench`, the prices from Google's lists (`deploy/prices.ts`).
 */
import { readCommand } from '../deploy/npm-options.ts';
import { type Line, line, monthAtRest, PHOTO_TOKENS, readPrice } from '../deploy/prices.ts';
import { EXAMPLE_GEMINI, providerOf } from '../functions/analysis/catalog/model-name.ts';
import { costInUsd } from '../functions/analysis/prices.ts';
import { loadResult } from './lib/result.ts';

const USAGE = `npm run cost [-- --model MODEL] [--input-tokens N] [--output-tokens N] [--megabytes-a-photo N] [--cpu-ms N]

  --model   what looks at the photos; default vertexai/${EXAMPLE_GEMINI}, as in npm run deploy.
            What an openai/ model costs is in OPENAI_PRICE (docs/models.md)
  the others are of one photo; --cpu-ms is of api, worker and stream together`;

const OPTIONS = {
  model: { type: 'string', default: `vertexai/${EXAMPLE_GEMINI}` },
  'input-tokens': { type: 'string', default: String(PHOTO_TOKENS.input) },
  'output-tokens': { type: 'string', default: String(PHOTO_TOKENS.output) },
  'megabytes-a-photo': { type: 'string', default: '2.5' },
  'cpu-ms': { type: 'string', default: '500' },
} as const;
const values = readCommand('cost', USAGE, OPTIONS, (read, [more]) => {
  if (more !== undefined) throw new Error(`Unexpected argument '${more}'.`);
  const { model: _, ...numbers } = read;
  for (const [name, text] of Object.entries(numbers)) {
    if (text.trim() !== '' && Number(text) >= 0) continue;
    throw new Error(`--${name} ${text}: write a number.`);
  }
  return read;
});
const number = (name: Exclude<keyof typeof values, 'model'>) => Number(values[name]);

const ITEMS = 1_000;
/** Cloud Tasks calls: two tasks are created and delivered. */
const TASK_OPERATIONS = 4;
/**
 * Class A: insert into staging, copy, insert the preview and the small one. Class B: reads of the original and of the
 * preview.
 */
const [CLASS_A, CLASS_B] = [4, 2];

const lines: Line[] = [
  line('Firestore reads', counted('reads') * ITEMS, {
    price: 0.06 / 100_000,
    page: 'firestore/pricing',
  }),
  line('Firestore writes', counted('writes') * ITEMS, {
    price: 0.18 / 100_000,
    page: 'firestore/pricing',
  }),
  line('Cloud Tasks operations', TASK_OPERATIONS * ITEMS, {
    price: 0.4 / 1e6,
    page: 'tasks/pricing',
  }),
  line('Storage class A operations', CLASS_A * ITEMS, {
    price: 0.005 / 1_000,
    page: 'storage/pricing',
  }),
  line('Storage class B operations', CLASS_B * ITEMS, {
    price: 0.0004 / 1_000,
    page: 'storage/pricing',
  }),
  line('Storage, a month', (number('megabytes-a-photo') * ITEMS) / 1_000, {
    unit: 'GB',
    price: 0.02,
    page: 'storage/pricing',
  }),
  line('CPU', (number('cpu-ms') * ITEMS) / 1_000, {
    unit: 'vCPU s',
    price: 0.000024,
    page: 'run/pricing',
  }),
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
  const rows = all.map(({ what, amount, unit, usd, source }) => [
    what,
    `${amount.toLocaleString('en')} ${unit}`.trim(),
    `$${usd.toFixed(4)}`,
    `${((usd / total) * 100 || 0).toFixed(1)} %`,
    source,
  ]);
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  for (const row of rows) {
    const cells = row.map((cell, i) =>
      [1, 2, 3].includes(i) ? cell.padStart(width(i)) : cell.padEnd(width(i)),
    );
    console.log(`  ${cells.join('  ')}`.trimEnd());
  }
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
  const config = { openaiPrice: readPrice(process.env.OPENAI_PRICE) };
  const price = isOfAProvider ? costInUsd(model, tokens, Date.now(), config) : null;
  if (price !== null) return price;
  const unknown = model.startsWith('openai/')
    ? `The price of ${model} is not known. Say it, in dollars for a million tokens of the prompt and of the answer: OPENAI_PRICE=0.15,0.60 npm run cost -- …`
    : `The price of ${model} is not known. Add it to functions/analysis/providers/gemini-models.ts.`;
  console.error(
    isOfAProvider
      ? unknown
      : `--model ${model}: write PROVIDER/MODEL, such as vertexai/${EXAMPLE_GEMINI}.`,
  );
  process.exit(2);
}
