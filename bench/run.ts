/**
 * `npm run bench [-- name …] [--quick] [--repeats n] [--artefact sources|bundles]`: measures each claim
 * together with its baselines, prints a table and writes `bench/results/<name>.json`. Each claim runs in
 * a separate process.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readCommand } from '../deploy/npm-options.ts';
import type { Claim } from './lib/claim.ts';
import { describeMachine, pin, requireLinux } from './lib/machine.ts';
import { CLAIMS, printTable, saveResult } from './lib/result.ts';
import { ARTEFACTS } from './lib/units.ts';

const USAGE = `npm run bench [-- NAME …] [--quick] [--repeats N] [--artefact ${ARTEFACTS.join('|')}]; without a name: all

  NAME   ${CLAIMS.join(', ')}`;
const { names, quick, repeats, artefact } = readCommand(
  'bench',
  USAGE,
  {
    quick: { type: 'boolean', default: false },
    repeats: { type: 'string' },
    artefact: { type: 'string', default: 'bundles' },
  },
  (values, given) => {
    const unknown = given.find((name) => !CLAIMS.some((known) => known === name));
    if (unknown !== undefined) throw new Error(`There is no bench "${unknown}".`);
    const repeats = Number(values.repeats ?? (values.quick ? 1 : 5));
    if (!(Number.isInteger(repeats) && repeats > 0))
      throw new Error(`--repeats ${values.repeats}: write a whole number above 0.`);
    const artefact = ARTEFACTS.find((each) => each === values.artefact);
    if (!artefact) throw new Error(`--artefact must be one of ${ARTEFACTS.join(', ')}.`);
    const names: readonly string[] = given.length > 0 ? given : CLAIMS;
    return { names, quick: values.quick, repeats, artefact };
  },
);
requireLinux();
// There is no metadata server here, and a client that looks for one needs seconds to give up.
process.env.METADATA_SERVER_DETECTION = 'none';

const [name] = names;
if (names.length === 1 && name !== undefined) {
  const misses = await runClaim(name);
  process.exit(misses > 0 ? 1 : 0);
}
const flags = process.argv.slice(2).filter((arg) => !names.includes(arg));
const failed = names.filter((each) => {
  const self = fileURLToPath(import.meta.url);
  const { status } = spawnSync(process.execPath, [self, each, ...flags], { stdio: 'inherit' });
  return status !== 0;
});
if (failed.length > 0) {
  console.error(`\nTargets missed: ${failed.join(', ')}`);
  process.exit(1);
}

/** @returns How many targets were missed. */
async function runClaim(claimName: string): Promise<number> {
  const { claim } = (await import(`./claims/${claimName}.ts`)) as { claim: Claim };
  const runs = claim.once ? 1 : repeats;
  const machine = describeMachine();
  if (!claim.whole) pin(process.pid, 'load');
  console.log(`\n# ${claim.title}${quick ? ' (quick: the numbers mean nothing)' : ''}`);
  const say = (line: string) => console.log(`  ${line}`);
  const { setup, rows } = await claim.run({ quick, repeats: runs, artefact, say });
  printTable(rows);
  if (!quick) saveResult({ claim, setup, rows, machine, repeats: runs, artefact });
  return rows.filter(({ holds }) => !holds).length;
}
