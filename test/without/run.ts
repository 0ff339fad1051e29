/**
 * `npm run without -- NAME`: takes a feature out of a copy of the project (`remove.ts` says how), and checks that what is left
 * is whole: the types of the product, and the core's journeys. Ends with 1 if something broke.
 *
 * `-- --list` names the features. `-- --all` takes out each of them by itself and checks the types, and then all of them at
 * once, with the journeys: the core alone.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { featuresOf } from './remove.ts';
import { type Checked, checkWithout } from './whole.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

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
} else if (values.all) {
  for (const name of features) report(await checkWithout(ROOT, [name], { journeys: false }));
  report(await checkWithout(ROOT, features));
} else {
  if (positionals.length === 0) {
    throw new Error('Name a feature, or use --all. --list names them all.');
  }
  report(await checkWithout(ROOT, positionals));
}

function report({ features: gone, files, wrong }: Checked): void {
  console.log(`without ${gone.join(', ')}: ${files.length} files gone`);
  for (const line of wrong) console.log(`  ${line}`);
  console.log(wrong.length === 0 ? '  whole' : `  broken: ${wrong.length}`);
  if (wrong.length > 0) process.exitCode = 1;
}
