/**
 * `npm run bench [-- name …] [--quick] [--repeats n] [--artefact sources|bundles]`: measures each claim
 * together with its baselines, prints a table and writes `bench/results/<name>.json`. Each claim runs in
 * a separate process.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Claim } from './lib/claim.ts';
import { describeMachine, pin, requireLinux } from './lib/machine.ts';
import { CLAIMS, printTable, saveResult } from './lib/result.ts';
import { ARTEFACTS, type Artefact } from './lib/units.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    repeats: { type: 'string' },
    artefact: { type: 'string', default: 'bundles' },
  },
});
const names: readonly string[] = positionals.length > 0 ? positionals : CLAIMS;
for (const name of names) {
  if (!CLAIMS.some((known) => known === name)) {
    console.error(`There is no bench "${name}". Choose from: ${CLAIMS.join(', ')}.`);
    process.exit(2);
  }
}
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
  const { quick } = values;
  const repeats = claim.once ? 1 : Number(values.repeats ?? (quick ? 1 : 5));
  const artefact = parseArtefact(values.artefact);
  const machine = describeMachine();
  if (!claim.whole) pin(process.pid, 'load');
  console.log(`\n# ${claim.title}${quick ? ' (quick: the numbers mean nothing)' : ''}`);
  const say = (line: string) => console.log(`  ${line}`);
  const { setup, rows } = await claim.run({ quick, repeats, artefact, say });
  printTable(rows);
  if (!quick) saveResult({ claim, setup, rows, machine, repeats, artefact });
  return rows.filter(({ holds }) => !holds).length;
}

function parseArtefact(given: string): Artefact {
  const artefact = ARTEFACTS.find((each) => each === given);
  if (artefact) return artefact;
  console.error(`--artefact must be one of ${ARTEFACTS.join(', ')}.`);
  process.exit(2);
}
