/** `npm run fuzz -- --cases 100000 --seed 1`; with `--from N --cases 1` a single case again. */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    from: { type: 'string', default: '0' },
  },
});
const seed = Number(values.seed);
const cases = Number(values.cases);
const { counts, failures, durationMs } = await fuzz({
  seed,
  cases,
  from: Number(values.from),
  onProgress: (done) => process.stderr.write(`\r${done} of ${cases}`),
});
process.stderr.write('\n');
console.table(counts);
for (const { index, reason } of failures) {
  console.error(`--seed ${seed} --from ${index} --cases 1: ${reason}`);
}
console.log(
  `${cases} cases, seed ${seed}, ${Math.round(durationMs / 1_000)} s: ${failures.length} failures`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
