/**
 * `npm run without -- NAME`: takes a feature out of a copy of the project (`remove.ts` says how), and checks that what is left
 * is whole: the types of the product, and the core's journeys. Ends with 1 if something broke. `-- --list` names the
 * features, `-- --all` takes out each of them by itself.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runTests } from '../mutations/jest.ts';
import { Sandbox } from '../mutations/sandbox.ts';
import { featuresOf, removeFeature } from './remove.ts';
import { typeErrors } from './types.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** One photo from the form to its analysis, and what can go wrong on the way. */
const JOURNEYS = ['photos', 'deliveries', 'bad-input'].map(
  (name) => `test/journey/${name}.test.ts`,
);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
  },
});
const features = featuresOf(ROOT);
if (values.list) {
  console.log(features.join('\n'));
} else {
  const chosen = values.all ? features : positionals;
  if (chosen.length === 0) throw new Error('Name a feature, or use --all. --list names them all.');
  let broken = 0;
  for (const name of chosen) if (!(await isWholeWithout(name))) broken++;
  process.exitCode = broken === 0 ? 0 : 1;
}

async function isWholeWithout(name: string): Promise<boolean> {
  const sandbox = new Sandbox(ROOT);
  try {
    const removed = removeFeature(sandbox.dir, name);
    const [, ...others] = removed.features;
    const also = others.length > 0 ? `, and ${others.join(', ')}, which need it` : '';
    console.log(`without ${name}${also}: ${removed.files.length} files gone`);
    // Without whole types no unit starts.
    const wrong = [...removed.complaints, ...(await typeErrors(sandbox.dir, JOURNEYS))];
    if (wrong.length === 0) wrong.push(...(await failedJourneys(sandbox.dir)));
    for (const line of wrong) console.log(`  ${line}`);
    console.log(wrong.length === 0 ? '  whole' : `  broken: ${wrong.length}`);
    return wrong.length === 0;
  } finally {
    sandbox.remove();
  }
}

async function failedJourneys(dir: string): Promise<string[]> {
  const results = await runTests(dir, JOURNEYS, ['']);
  if (!results) return ['the journeys did not come to an end'];
  if (results.length === 0) return ['no journey ran'];
  return results
    .filter(({ isPassed }) => !isPassed)
    .map(({ file, name, reason }) => `${file}: ${name}: ${reason}`);
}
