/**
 * `npm run fuzz -- --cases 100000 --seed 1` sends bent requests, and `--containers 20000` opens bent photos and videos. With
 * `--from N` and one case or file, a single one again; `--save FILE` writes the bytes of that file.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { bentFile, fuzzContainers } from './containers/fuzz.ts';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    containers: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    from: { type: 'string', default: '0' },
    save: { type: 'string' },
  },
});
const seed = Number(values.seed);
const from = Number(values.from);
const what = values.containers === undefined ? 'cases' : 'containers';
const count = Number(values[what]);
if (values.save) writeFileSync(values.save, (await bentFile(seed, from)).bytes);
const onProgress = (done: number) => process.stderr.write(`\r${done} of ${count}`);
const run =
  what === 'cases'
    ? { deaths: [], ...(await fuzz({ seed, cases: count, from, onProgress })) }
    : await fuzzContainers({ seed, files: count, from, onProgress });
process.stderr.write('\n');
console.table(Object.fromEntries(Object.entries(run.counts).toSorted()));
const again = (index: number) => `--seed ${seed} --from ${index} --${what} 1`;
for (const { index, name, reason } of run.deaths) {
  console.log(
    `${again(index)}: ${name} ended the process that opened it, and only that: ${reason}`,
  );
}
for (const { index, reason } of run.failures) console.error(`${again(index)}: ${reason}`);
console.log(
  `${count} ${what}, seed ${seed}, ${Math.round(run.durationMs / 1_000)} s: ${run.failures.length} failures`,
);
process.exitCode = run.failures.length === 0 ? 0 : 1;
