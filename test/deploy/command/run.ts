/** `npm run test:deploy`: the life of a deployment with the real gcloud and the real Terraform, against a Google on loopback. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { startStack } from '../../support/stack.ts';
import { Workspace } from '../terraform/workspace.ts';
import { startPeople } from './people.ts';
import { Programs } from './programs.ts';
import { type Ended, openProject, type TestProject } from './project.ts';

const USAGE = `npm run test:deploy [-- --provider MAJOR] [--only WORDS]

  --provider  major version of hashicorp/google; default 7
  --only      only the scenarios with these words in their names

Needs gcloud and terraform 1.9 or newer in the PATH, and the providers: of the registry, or of a mirror that your own CLI
configuration names (TF_CLI_CONFIG_FILE). Takes some minutes. Exit code: 0 good, 1 not good, 2 wrong arguments, 3 not tried.`;

/** Exit code if a program or a provider is not here. */
const NOT_TRIED = 3;

const { provider, only } = readOptions();
const missing = await whatIsMissing();

class Unexpected extends Error {}

/** @throws {Unexpected} If a run ended otherwise than with that code, or did not say these things. */
function expectRun({ code, output }: Ended, expected: number, ...says: (string | RegExp)[]): void {
  const unsaid = says.filter(
    (each) => !(typeof each === 'string' ? output.includes(each) : each.test(output)),
  );
  if (code === expected && unsaid.length === 0) return;
  throw new Unexpected(`exit code ${code}, not said: ${unsaid.join(' | ')}\n${output}`);
}

const ADDRESS = /^https:\/\/media-stream-123456789012\.us-central1\.run\.app$/m;
const NOTHING = 'Nothing is to be changed.';

type Scenario = (project: TestProject, tell: (line: string) => void) => Promise<void>;

/** With answers of Terraform that were recorded (`programs.ts`). */
const WITHOUT_TERRAFORM: Record<string, Scenario> = {
  'the real gcloud, and a Terraform that was recorded': async (project, tell) => {
    const { deploy, google } = project;
    const model = ['--model', 'googleai/gemini-3.5-flash-lite'];
    // What Terraform would have made.
    const parent = 'projects/my-project-1234';
    for (const api of ['artifactregistry', 'cloudbuild', 'secretmanager']) {
      google.resources.merge(`serviceusage/${api}`, {});
    }
    for (const [name, fields] of Object.entries({
      [`artifactregistry/${parent}/locations/us-central1/repositories/media`]: { format: 'DOCKER' },
      [`secretmanager/${parent}/secrets/gemini-api-key`]: {},
      'storage/b/my-project-1234-media-source': { projectNumber: '123456789012' },
    })) {
      google.resources.replace(name, { name: name.slice(name.indexOf('/') + 1), ...fields });
    }
    expectRun(await deploy('--yes', '--user', 'first@example.com', ...model), 0, 'works.');
    expectRun(await deploy(), 0, NOTHING, 'The stream has not changed', 'has one.');
    tell('set up, and again');
    project.programs?.plan('all', ['google_cloud_run_v2_service.stream', 'update']);
    project.answer = async () => {
      expectRun(await deploy('--yes', '--var', 'monthly_budget=80'), 0, 'works.');
      return 'yes';
    };
    expectRun(
      await deploy('--var', 'log_level=debug'),
      1,
      'Another run has changed the settings since this one has read them.',
    );
    project.programs?.plan('all', ['google_cloud_run_v2_service.stream', 'update']);
    expectRun(await deploy('--yes', '--var', 'log_level=debug'), 0, 'works.');
    expectSettings(google, { monthly_budget: 80, log_level: 'debug' });
    tell('two people at once: the second one stops, and goes on with what the first has chosen');
    google.resources.merge('serviceusage/firestore', {});
    for (const [name, fields] of Object.entries({
      [`firestore/${parent}/databases/media-2`]: {
        deleteProtectionState: 'DELETE_PROTECTION_ENABLED',
      },
      [`firestore/${parent}/locations/us-central1/backups/b1`]: {
        database: `${parent}/databases/media-2`,
        state: 'READY',
        snapshotTime: '2026-11-24T04:00:00Z',
        expireTime: '2026-12-01T04:00:00Z',
      },
      [`iam/${parent}/roles/mediaObjectKeeper`]: { deleted: true },
    })) {
      google.resources.replace(name, { name: name.slice(name.indexOf('/') + 1), ...fields });
    }
    const down = await deploy('--yes', 'destroy');
    expectRun(
      down,
      0,
      'gcloud storage rm --recursive',
      "gcloud firestore databases update --no-delete-protection --database='media-2'",
      'gcloud firestore backups delete --backup=b1 --location=us-central1',
      'The deleted role mediaObjectKeeper',
      'gcloud artifacts repositories delete media --location=us-central1',
    );
    if (/not known/.test(down.output)) throw new Unexpected(down.output);
    tell('taken down, and what stays is named');
  },
};

const SCENARIOS: Record<string, Scenario> = {
  'set up, again, changed, taken down, set up again': async ({ deploy, google }, tell) => {
    expectRun(
      await deploy('--yes', '--user', 'first@example.com'),
      0,
      ADDRESS,
      /works\.$/m,
      'first@example.com',
    );
    tell('set up, and a photo went through');
    expectRun(
      await deploy(),
      0,
      ADDRESS,
      NOTHING,
      'The stream has not changed',
      'There are accounts.',
    );
    tell('a second run changes nothing');
    expectRun(await deploy('--var', 'log_level=debug'), 1, 'There is no terminal to ask in');
    expectRun(await deploy(), 0, NOTHING);
    expectRun(
      await deploy('--yes', '--var', 'log_level=debug', '--var', 'alert_emails=["a@example.com"]'),
      0,
      '~ google_cloud_run_v2_service.stream',
      'works.',
    );
    expectRun(
      await deploy('--yes', '--domain', 'media.example.com'),
      0,
      'set the A record of media.example.com to 203.0.113.7',
    );
    expectRun(await deploy('--yes', '--domain', 'none'), 0, ADDRESS, 'works.');
    expectRun(await deploy(), 0, NOTHING);
    tell('changed: settings, a domain, no domain');
    expectRun(
      await deploy('--yes', 'destroy'),
      0,
      'gcloud storage rm --recursive gs://my-project-1234-terraform',
    );
    expectLeft(google);
    expectRun(await deploy('--yes', 'destroy'), 0, 'Nothing is left of what Terraform has made.');
    tell('taken down');
    expectRun(await deploy('--yes'), 0, ADDRESS, 'works.');
    expectRun(await deploy('--yes', 'destroy'), 0);
    expectLeft(google);
    tell('set up again in the same project, and taken down');
  },

  'killed half way': async ({ deploy, deployUntil, google }, tell) => {
    await deployUntil(/^POST \/artifactregistry\/.*\/repositories$/, 1, '--yes');
    await goOn(deploy, '--yes');
    tell('killed while the first things were made: went on');
    const down = await deploy('--yes', 'destroy');
    expectRun(down, 0);
    expectLeft(google, down.output);
    await deployUntil(
      /^POST \/(?:cloudtasks|storage|pubsub|logging|cloudscheduler|run|cloudfunctions|monitoring)\//,
      20,
      '--yes',
    );
    await goOn(deploy, '--yes');
    expectRun(await deploy(), 0, NOTHING);
    tell('killed in the middle of the apply: went on');
    await deployUntil(/^DELETE /, 15, '--yes', 'destroy');
    const rest = await goOn(deploy, '--yes', 'destroy');
    expectLeft(google, rest.output);
    tell('killed in the middle of destroy: went on');
  },

  'the token ends in the middle of an apply': async ({ deploy, endTokenAt, google }, tell) => {
    // After the rules of Firestore: the provider goes on for 20 minutes when those are refused.
    endTokenAt(/^POST \/run\/.*\/services$/);
    expectRun(await deploy('--yes'), 0, 'The token of your sign-in has ended', ADDRESS, 'works.');
    expectRun(await deploy(), 0, NOTHING);
    tell('went on with a new one: nothing is lost, and nothing is there twice');
    const down = await deploy('--yes', 'destroy');
    expectRun(down, 0);
    expectLeft(google, down.output);
  },

  'the token ends while a grant is made': async ({ deploy, endTokenAt }, tell) => {
    // The provider reads the grants before its change, three times after it, and then once more for the state: refused, that
    // one is made again, which would delete it, as both are the same.
    endTokenAt(/\/queues\/media-upload:getIamPolicy/, 4);
    expectRun(await deploy('--yes'), 0, 'was made when the last run broke off', ADDRESS);
    expectRun(await deploy(), 0, NOTHING);
    tell('it is there');
    expectRun(await deploy('--yes', 'destroy'), 0);
  },

  'the terminal is closed in the middle of an apply': async (project, tell) => {
    const { deploy, closeTerminalAt, google } = project;
    await closeTerminalAt(/^POST \/cloudtasks\//, '--yes');
    // Nothing has to be unlocked or taken over: Terraform has ended in order.
    const run = await deploy('--yes');
    expectRun(run, 0, 'The terminal of the last run from this folder was closed', ADDRESS);
    if (/taking it over/.test(run.output)) throw new Unexpected(run.output);
    expectRun(await deploy(), 0, NOTHING);
    tell('Terraform ended in order, and the next run went on');
    const down = await deploy('--yes', 'destroy');
    expectRun(down, 0);
    expectLeft(google, down.output);
  },

  'killed while Firestore gets its indexes': async ({ deploy, deployUntil, google }, tell) => {
    await deployUntil(/^POST \/firestore\/.*\/indexes$/, 3, '--yes');
    await goOn(deploy, '--yes');
    expectRun(await deploy(), 0, NOTHING);
    const firestore = google.calls.filter((call) => /^POST \/firestore\/.*\/indexes$/.test(call));
    tell(`went on: ${firestore.length} requests for an index, and none is there twice`);
    const down = await deploy('--yes', 'destroy');
    expectRun(down, 0);
    expectLeft(google, down.output);
  },

  'killed between two alerts': async ({ deploy, deployUntil, google }, tell) => {
    const alerts = ['--var', 'alert_emails=["a@example.com"]'];
    await deployUntil(/^POST \/monitoring\/.*\/alertPolicies$/, 3, '--yes', ...alerts);
    await goOn(deploy, '--yes', ...alerts);
    expectRun(await deploy(), 0, NOTHING);
    // The service of the objectives is called as the dashboard is.
    const names = google.resources
      .under('monitoring/')
      .map(({ name, displayName }) => `${String(name).split('/').at(-2)} ${displayName}`);
    const twice = names.filter((name, i) => names.indexOf(name) !== i);
    if (twice.length > 0) throw new Unexpected(`These are there twice: ${twice.join(', ')}`);
    tell('went on: no alert, check, receiver or dashboard is there twice');
    const down = await deploy('--yes', 'destroy');
    expectRun(down, 0);
    expectLeft(google, down.output);
  },

  'taken down before sign-in was made': async ({ deploy, google }, tell) => {
    google.refusals.push({
      code: 400,
      status: 'FAILED_PRECONDITION',
      call: /initializeAuth/,
      message: 'Quota violated: something requested: 20000 allowed: 10000',
      times: 1,
    });
    expectRun(await deploy('--yes'), 1);
    expectRun(await deploy('--yes', 'destroy'), 0);
    expectLeft(google);
    expectRun(await deploy('--yes'), 0, ADDRESS, 'works.');
    expectRun(await deploy('--yes', 'destroy'), 0);
    expectLeft(google);
    tell('taken down, and set up again');
  },

  'Google says no': async ({ deploy, google }, tell) => {
    google.resources.replace('no billing', {});
    expectRun(
      await deploy('--yes'),
      1,
      'has no billing account',
      'gcloud billing projects link my-project-1234 --billing-account=012345-6789AB-CDEF01',
    );
    google.resources.forget('no billing');
    google.resources.replace('denied', { permissions: ['storage.buckets.create'] });
    expectRun(
      await deploy('--yes'),
      1,
      'lacks rights',
      'storage.buckets.create',
      '--role=roles/owner',
    );
    google.resources.forget('denied');
    const no = { code: 403, status: 'PERMISSION_DENIED' };
    google.refusals.push({
      ...no,
      call: /^GET \/cloudresourcemanager\/projects\/my-project-1234$/,
      message: 'The caller does not have permission',
      times: 1,
    });
    expectRun(
      await deploy('--yes'),
      1,
      'There is no project my-project-1234',
      'gcloud projects create my-project-1234',
    );
    expectRun(
      await deploy('--yes', '--region', 'mars-north1'),
      1,
      'does not have everything that is needed',
    );
    tell('no bill, no rights, no project, no such region');

    google.refusals.push({
      ...no,
      call: /^GET \/storage\/b\/my-project-1234-terraform$/,
      message:
        'you@example.com does not have storage.buckets.get access to the Google Cloud Storage bucket.',
      times: 1,
    });
    expectRun(
      await deploy('--yes'),
      1,
      'belongs to another project',
      '--state-bucket ANOTHER-NAME',
    );
    google.refusals.push({
      code: 409,
      status: 'conflict',
      call: /^POST \/storage\/b$/,
      message:
        'The requested bucket name is not available. The bucket namespace is shared by all users of the system.',
      times: 1,
    });
    expectRun(await deploy('--yes'), 1, 'belongs to another project');
    tell('a name that is taken');

    google.refusals.push({
      ...no,
      call: /^POST \/storage\/b$/,
      message:
        'Cloud Storage JSON API has not been used in project 123456789012 before or it is disabled.',
      times: 2,
    });
    google.refusals.push({
      ...no,
      call: /^POST \/cloudtasks\//,
      message:
        'Cloud Tasks API has not been used in project 123456789012 before or it is disabled.',
      times: 1,
    });
    google.refusals.push({
      code: 400,
      status: 'FAILED_PRECONDITION',
      call: /^POST \/run\/.*\/services$/,
      message: 'Quota violated: CpuAllocPerProjectRegion requested: 20000 allowed: 10000',
      times: 1,
    });
    const quota = await deploy('--yes');
    expectRun(
      quota,
      1,
      'An API that was just enabled is not known everywhere. Trying again in 20 s.',
      'iam-admin/quotas?project=my-project-1234',
    );
    tell('an API that is not known yet, and a quota');
    google.refusals.push({
      code: 400,
      status: 'FAILED_PRECONDITION',
      call: /^POST \/run\/.*services\/media-api:setIamPolicy$/,
      message: 'One or more users named in the policy do not belong to a permitted customer.',
      times: 1,
    });
    expectRun(await deploy('--yes'), 1, '--var api_is_open_by_grant=false');
    google.refusals.push({
      code: 400,
      status: 'FAILED_PRECONDITION',
      call: /^POST \/monitoring\/.*alertPolicies$/,
      message: 'Service agents are being provisioned. Please try again in a few minutes.',
      times: 1,
    });
    expectRun(await deploy('--yes'), 0, ADDRESS, 'works.');
    expectRun(await deploy(), 0, NOTHING);
    tell('a policy of the organisation, service agents; then everything is there');
    expectRun(await deploy('--yes', 'destroy'), 0);
    expectLeft(google);
  },
};

/** What a killed run has left is said with the command that goes on: for its lock, and for a database that is in no state. */
async function goOn(deploy: TestProject['deploy'], ...args: string[]) {
  let run = await deploy(...args);
  while (run.code !== 0) {
    const remedies = [...run.output.matchAll(/--(?:unlock (\d+)|var '(adopt=[^']+)')/g)].map(
      ([, id, adopt]) => (id === undefined ? ['--var', String(adopt)] : ['--unlock', id]),
    );
    // A remedy repeats what the command was given. The same one twice has helped nothing.
    const more = remedies.find(([, value = '']) => !args.includes(value));
    if (!more) throw new Unexpected(run.output);
    args.push(...more);
    run = await deploy(...args);
  }
  return run;
}

function expectSettings(google: TestProject['google'], expected: Record<string, unknown>): void {
  const name = 'storage/b/my-project-1234-terraform/o/media-analysis/settings.tfvars.json';
  const text = google.resources.contents.get(name)?.toString() ?? '{}';
  const settings = JSON.parse(text) as Record<string, unknown>;
  const isAsExpected = Object.entries(expected).every(([key, value]) => settings[key] === value);
  if (!isAsExpected) throw new Unexpected(`These are the settings: ${text}`);
}

/**
 * The bucket of the state stays, with what is in it. So does what was lost with a killed run, if `output` names it: roles,
 * and versions of Firestore's rules.
 */
function expectLeft(google: TestProject['google'], output = ''): void {
  const isNamed = (name: string) => {
    // Terraform does not know what was made while it was killed, and gcloud has no command for rules.
    if (/^firebaserules\/.*\/rulesets\//.test(name)) return output.includes('Firestore’s rules');
    const role = /\/roles\/(\w+)$/.exec(name)?.[1];
    return role !== undefined && output.includes(`gcloud iam roles delete ${role} `);
  };
  const left = google
    .left()
    .filter(
      (name) => !/^storage\/b\/my-project-1234-terraform(\/|$)|^upload |^cloudbuild\//.test(name),
    )
    .filter((name) => !isNamed(name));
  if (left.length > 0) throw new Unexpected(`These are left: ${left.join(', ')}\n${output}`);
}

let good = true;
const people = await startPeople({ anyPage: true });
const page = await startStack({ environment: people.settings });
await tryAll(WITHOUT_TERRAFORM, new Programs(['terraform']));
if (missing === undefined) await tryAll(SCENARIOS);
await page.close();
await people.close();
if (missing !== undefined) {
  console.error(
    `\n${missing}\n\nOnly gcloud was tried. The rest was NOT tried with the real Terraform.`,
  );
  process.exit(good ? NOT_TRIED : 1);
}
console.log(good ? '\nEverything went through.' : '\nNot good: see above.');
process.exit(good ? 0 : 1);

async function tryAll(scenarios: Record<string, Scenario>, programs?: Programs): Promise<void> {
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (only !== undefined && !name.includes(only)) continue;
    console.log(`\n${name}`);
    const project = await openProject({ major: provider, page: page.url, people, programs });
    try {
      await scenario(project, (line) => console.log(`  ok      ${line}`));
    } catch (error) {
      good = false;
      const what = error instanceof Unexpected ? error.message : (error as Error).stack;
      console.error(`  FAILED  ${what}`);
      for (const line of project.google.refused.slice(-8)) {
        console.error(`          refused: ${line}`);
      }
    } finally {
      await project.close();
    }
  }
  programs?.close();
}

/** Why nothing of Terraform's can be tried; undefined if all is here. Without gcloud nothing is tried at all. */
async function whatIsMissing(): Promise<string | undefined> {
  const isHere = (program: string) => spawnSync(program, ['version']).status === 0;
  if (!isHere('gcloud')) {
    console.error('There is no gcloud in the PATH. Nothing was tried.');
    process.exit(NOT_TRIED);
  }
  if (!isHere('terraform')) return 'There is no terraform in the PATH.';
  const workspace = new Workspace(provider);
  const { code, output } = await workspace.run('init', '-input=false', '-no-color');
  workspace.remove();
  if (code === 0) return undefined;
  return `Terraform could not get its providers (google ${provider}):\n${output}`;
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { provider: { type: 'string', default: '7' }, only: { type: 'string' } },
    });
    if (/^[1-9]\d*$/.test(values.provider)) return values;
  } catch {
    // An unknown option: print the usage.
  }
  console.error(USAGE);
  process.exit(2);
}
