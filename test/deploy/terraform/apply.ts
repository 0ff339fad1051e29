/** Sets a scenario up with the stand-in for Google's APIs, changes it, takes it down, and looks at each plan in between. */
import { type GoogleApis, startGoogleApis } from '../google/server.ts';
import { COMMON, type Scenario } from './scenarios.ts';
import { Workspace } from './workspace.ts';

/** Names of the `time_sleep` resources. */
export const WAITS = [
  'services_known',
  'build_may_build',
  'metrics_known',
  'load_balancer_account',
];
/** Whoever deletes one of these deletes media, tasks, users, or the key of the model. */
const WITH_DATA =
  /^google_(firestore_database|cloud_tasks_queue|identity_platform_config|storage_bucket)\.(media|staging|upload|analyze)|^google_secret_manager_secret\.gemini_api_key/;

const INDEX = /^POST \/firestore\/.*\/indexes$/;
const CODE = /^(POST|PATCH) \/(cloudfunctions\/.*\/functions|run\/.*\/services)(\/[\w-]+)?$/;

/**
 * @param tell Gets a line for each step.
 * @returns What went wrong.
 */
export async function applyScenario(
  scenario: Scenario,
  major: string,
  tell: (line: string) => void,
): Promise<string[]> {
  const google = await startGoogleApis();
  const workspace = new Workspace(major, google.env);
  workspace.waitForNothing(WAITS);
  const problems: string[] = [];
  const wrong = (what: string, why: string) => problems.push(`${scenario.what}, ${what}: ${why}`);
  let variables = { ...COMMON, ...scenario.variables };

  /** @returns Whether it was applied. */
  const step = async (
    what: string,
    { options = [], deletes }: { options?: string[]; deletes?: RegExp | undefined } = {},
  ): Promise<boolean> => {
    workspace.set(variables);
    const plan = await workspace.run(
      'plan',
      '-input=false',
      '-no-color',
      '-out=tfplan',
      ...options,
    );
    if (plan.code !== 0) return failed(what, plan.output);
    if (options.length === 0) {
      const changes = await changesOf(workspace);
      const lost = changes.filter(
        ({ address, actions }) =>
          actions.includes('delete') && WITH_DATA.test(address) && !deletes?.test(address),
      );
      if (lost.length > 0) wrong(what, `the plan deletes data: ${addresses(lost)}`);
      const bare = changes.filter(
        ({ address, actions }) =>
          actions.join() === 'delete,create' && /_iam_member\./.test(address),
      );
      if (bare.length > 0) wrong(what, `a unit is without a right for a time: ${addresses(bare)}`);
    }
    const apply = await workspace.run(
      'apply',
      '-input=false',
      '-no-color',
      '-parallelism=30',
      'tfplan',
    );
    if (apply.code !== 0) return failed(what, apply.output);
    tell(`${what}: ${summaryOf(apply.output)}`);
    return true;
  };
  const failed = (what: string, output: string): boolean => {
    wrong(what, output.slice(output.indexOf('Error')).trim());
    for (const line of google.refused.slice(-5)) problems.push(`Refused before: ${line}`);
    return false;
  };
  const expectNoChanges = async (what: string) => {
    const { code, output } = await workspace.run(
      'plan',
      '-input=false',
      '-no-color',
      '-detailed-exitcode',
    );
    if (code !== 0)
      wrong(
        what,
        `the next plan is not empty:\n${output.slice(output.indexOf('Terraform will perform'))}`,
      );
  };
  const takeDown = async (what: string) => {
    variables = { ...variables, deletion_protection: false };
    if (!(await step(`${what}, protection off`))) return;
    if (!(await step(what, { options: ['-destroy'] }))) return;
    const left = google.left();
    if (left.length > 0) wrong(what, `these are left: ${left.join(', ')}`);
  };

  try {
    const init = await workspace.run('init', '-input=false', '-no-color');
    if (init.code !== 0) return [init.output];
    if (!(await step('set up'))) return problems;
    const firstCode = google.calls.findIndex((call) => CODE.test(call));
    const lastIndex = google.calls.findLastIndex((call) => INDEX.test(call));
    if (firstCode < lastIndex) wrong('set up', 'the code comes before its indexes');
    await expectNoChanges('set up');
    for (const change of scenario.changes) {
      if (change.restoredDatabase !== undefined) {
        await restoreDatabase(change.restoredDatabase, google, workspace);
      }
      variables = { ...variables, ...change.variables };
      if (await step(change.what, { deletes: change.deletes })) await expectNoChanges(change.what);
    }
    await takeDown('taken down');
    if (scenario.again) {
      variables = { ...COMMON, ...scenario.variables, ...scenario.again };
      if (await step('set up again')) await expectNoChanges('set up again');
      await takeDown('taken down again');
    }
    return problems;
  } finally {
    workspace.remove();
    await google.close();
  }
}

/** What docs/day-two.md does by hand, up to the apply. The damaged database is deleted at once, which a person does later. */
async function restoreDatabase(
  name: string,
  google: GoogleApis,
  workspace: Workspace,
): Promise<void> {
  const url = `${google.env.GOOGLE_FIRESTORE_CUSTOM_ENDPOINT}projects/${COMMON.project_id}/databases`;
  const body = JSON.stringify({ type: 'FIRESTORE_NATIVE', locationId: 'us-central1' });
  await fetch(`${url}?databaseId=${name}`, { method: 'POST', body });
  const { output } = await workspace.run('state', 'list');
  const known = output.split('\n').filter((address) => address.startsWith('google_firestore_'));
  await workspace.run('state', 'rm', ...known);
  google.resources.forget('firestore/projects/my-project-1234/databases/(default)');
}

interface Change {
  address: string;
  /** In the order in which Terraform does them. */
  actions: string[];
}

/** What a saved plan is going to do. */
async function changesOf(workspace: Workspace): Promise<Change[]> {
  const { output } = await workspace.run('show', '-json', 'tfplan');
  const { resource_changes = [] } = JSON.parse(output) as {
    resource_changes?: { address: string; change: { actions: string[] } }[];
  };
  return resource_changes.map(({ address, change }) => ({ address, actions: change.actions }));
}

const addresses = (changes: Change[]) => changes.map(({ address }) => address).join(', ');

function summaryOf(output: string): string {
  return /Resources: (.*)\./.exec(output)?.[1] ?? 'no summary';
}
