/** `npm run test:terraform`: what Terraform itself, with Google's provider, says of `terraform/`. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { applyScenario } from './apply.ts';
import { SCENARIOS } from './scenarios.ts';
import { Workspace } from './workspace.ts';

const USAGE = `npm run test:terraform [-- --apply] [--provider MAJOR] [--only WORDS]

  --apply     also sets everything up and takes it down again, with a stand-in for Google's APIs (minutes)
  --provider  major version of hashicorp/google: 6 or 7; may be given twice; default both
  --only      with --apply: only the scenario of this name (${SCENARIOS.map(({ what }) => what).join(', ')})

Needs terraform 1.9 or newer in the PATH, and the providers: of the registry, or of a mirror that your own CLI
configuration names (TF_CLI_CONFIG_FILE). Exit code: 0 good, 1 not good, 2 wrong arguments, 3 not tried.`;

/** Exit code if Terraform or a provider is not here. */
const NOT_TRIED = 3;

const options = readOptions();
const version = spawnSync('terraform', ['version', '-json'], { encoding: 'utf8' });
if (version.error || version.status !== 0) {
  notTried('There is no terraform in the PATH: https://developer.hashicorp.com/terraform/install');
}
console.log(
  `Terraform ${(JSON.parse(version.stdout) as { terraform_version: string }).terraform_version}`,
);

let good = true;
for (const major of options.majors) {
  if (!(await check(major))) good = false;
}
console.log(good ? '\nTerraform is content.' : '\nTerraform is not content: see above.');
process.exitCode = good ? 0 : 1;

async function check(major: string): Promise<boolean> {
  const workspace = new Workspace(major);
  try {
    const init = await workspace.run('init', '-input=false', '-no-color');
    if (init.code !== 0) {
      notTried(`Terraform could not get its providers (google ${major}):\n${init.output}`);
    }
    console.log(`\nhashicorp/google ${lockedVersion(workspace) ?? major}`);
    const steps = {
      format: ['fmt', '-check', '-diff', '-recursive'],
      validate: ['validate', '-no-color'],
      tests: ['test', '-no-color'],
    };
    let all = true;
    for (const [what, args] of Object.entries(steps)) {
      const { code, output } = await workspace.run(...args);
      tell(code === 0, what, what === 'tests' ? (output.trim().split('\n').at(-1) ?? '') : '');
      if (code !== 0) console.error(output);
      all &&= code === 0;
    }
    if (options.apply) {
      for (const scenario of SCENARIOS) {
        if (options.only !== undefined && scenario.what !== options.only) continue;
        const problems = await applyScenario(scenario, major, (line) => console.log(`  ${line}`));
        tell(problems.length === 0, scenario.what, '');
        for (const problem of problems) console.error(`        ${problem}`);
        all &&= problems.length === 0;
      }
    }
    return all;
  } finally {
    workspace.remove();
  }
}

function tell(isGood: boolean, what: string, more: string): void {
  console.log(`${isGood ? 'ok     ' : 'FAILED '} ${what.padEnd(12)} ${more}`.trimEnd());
}

/** The version of Google's provider that `terraform init` has chosen. */
function lockedVersion({ terraform }: Workspace): string | undefined {
  const lock = readFileSync(`${terraform}/.terraform.lock.hcl`, 'utf8');
  return /hashicorp\/google" \{\s*version\s*= "([^"]+)"/.exec(lock)?.[1];
}

function notTried(why: string): never {
  console.error(`${why}\n\nNothing was tried: terraform/ was NOT checked by Terraform.`);
  process.exit(NOT_TRIED);
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        apply: { type: 'boolean', default: false },
        provider: { type: 'string', multiple: true, default: ['6', '7'] },
        only: { type: 'string' },
      },
    });
    const isKnown = values.only === undefined || SCENARIOS.some(({ what }) => what === values.only);
    if (isKnown && values.provider.every((major) => /^[1-9]\d*$/.test(major))) {
      return { apply: values.apply, majors: values.provider, only: values.only };
    }
  } catch {
    // An unknown option: print the usage.
  }
  console.error(USAGE);
  process.exit(2);
}
