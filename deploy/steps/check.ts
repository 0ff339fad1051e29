/** Checks the needs of a deployment before it changes anything: programs, a user, a project, billing, rights. */
import { z } from 'zod';
import { Terraform } from '../check/terraform.ts';
import { CommandError } from './commands.ts';
import {
  accessToken,
  apiUrl,
  DeployError,
  type Deployment,
  gcloud,
  readAnswer,
  retryTemporary,
  tell,
} from './deployment.ts';
import { budgetRemedy, decideFailure, grantOwner } from './failures.ts';
import { commandOf, without } from './options.ts';
import { isNewApi } from './prepare.ts';
import { parseJson } from './settings.ts';

/** As in `terraform/versions.tf`. */
export const LEAST_TERRAFORM = [1, 9] as const;

/** Cloud Shell keeps the home folder; its own Terraform may be too old. docs/cloud-shell.md has the same lines. */
export const INSTALL_TERRAFORM = [
  'curl -fsSLo ~/terraform.zip https://releases.hashicorp.com/terraform/1.11.4/terraform_1.11.4_linux_amd64.zip',
  'unzip -o ~/terraform.zip terraform -d ~/bin',
  `echo 'export PATH="$HOME/bin:$PATH"' >> ~/.bashrc && export PATH="$HOME/bin:$PATH"`,
];
const TERRAFORM_REMEDY = [
  'On Linux, also in Cloud Shell:',
  ...INSTALL_TERRAFORM,
  'Elsewhere: https://developer.hashicorp.com/terraform/install',
];

export async function checkPrograms(deployment: Deployment): Promise<void> {
  if (process.platform === 'win32' && !deployment.commands.isDry) {
    throw new DeployError('On Windows gcloud is a script that only a shell can start.', [
      'Use WSL (https://learn.microsoft.com/windows/wsl/install) or Cloud Shell (https://shell.cloud.google.com).',
    ]);
  }
  const sdk = await installed(
    () => gcloud(deployment, ['version', '--format=json'], { anyProject: true, assume: '{}' }),
    'The gcloud CLI is not installed.',
    [
      'https://cloud.google.com/sdk/docs/install',
      'Cloud Shell has it: https://shell.cloud.google.com',
    ],
  );
  const assume = JSON.stringify({ terraform_version: LEAST_TERRAFORM.join('.') });
  const terraform = await installed(
    () => deployment.commands.run({ program: 'terraform', args: ['version', '-json'], assume }),
    'Terraform is not installed.',
    TERRAFORM_REMEDY,
  );
  const { terraform_version: version } = readAnswer(
    'terraform version -json',
    z.object({ terraform_version: z.string() }),
    terraform,
  );
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < LEAST_TERRAFORM[0] || (major === LEAST_TERRAFORM[0] && minor < LEAST_TERRAFORM[1])) {
    throw new DeployError(
      `Terraform ${version} is too old: it has to be 1.9 or newer.`,
      TERRAFORM_REMEDY,
    );
  }
  const versions = readAnswer(
    'gcloud version --format=json',
    z.record(z.string(), z.unknown()),
    sdk,
  );
  if (deployment.commands.isDry) return;
  tell(deployment, `gcloud ${versions['Google Cloud SDK']}, Terraform ${version}`);
}

async function installed(
  run: () => Promise<string>,
  what: string,
  remedy: string[],
): Promise<string> {
  try {
    return await run();
  } catch (error) {
    const isMissing = error instanceof CommandError && error.code === undefined;
    throw isMissing ? new DeployError(what, remedy, { cause: error }) : error;
  }
}

export async function checkAccount(deployment: Deployment): Promise<void> {
  const args = ['auth', 'list', '--filter=status:ACTIVE', '--format=value(account)'];
  const answer = await gcloud(deployment, args, { anyProject: true, assume: 'you@example.com' });
  const account = answer.trim();
  // A token from outside belongs to no account that gcloud knows.
  const hasToken = Boolean(deployment.env.CLOUDSDK_AUTH_ACCESS_TOKEN_FILE);
  if (account === '' && !hasToken) {
    throw new DeployError('Nobody is signed in to gcloud.', ['gcloud auth login']);
  }
  deployment.place.account = account === '' ? 'the account of your token' : account;
  if (!deployment.commands.isDry) tell(deployment, deployment.place.account);
}

const projectSchema = z.object({ projectNumber: z.string(), lifecycleState: z.string() });

/** @returns the project's number */
export async function checkProject(deployment: Deployment): Promise<string> {
  const { project } = deployment.options;
  const assume = JSON.stringify({ projectNumber: '123456789012', lifecycleState: 'ACTIVE' });
  const args = ['projects', 'describe', project, '--format=json'];
  const answer = await gcloud(deployment, args, { anyProject: true, assume }).catch((error) => {
    if (!(error instanceof CommandError) || isTemporaryOrSignIn(error, deployment)) throw error;
    throw new DeployError(
      `There is no project ${project}, or ${deployment.place.account} may not see it.`,
      [
        'gcloud projects list',
        `gcloud projects create ${project}`,
        'gcloud auth login   signs in as somebody else',
      ],
      { cause: error },
    );
  });
  const { projectNumber, lifecycleState } = readAnswer(
    `gcloud ${args.join(' ')}`,
    projectSchema,
    answer,
  );
  if (lifecycleState !== 'ACTIVE') {
    throw new DeployError(`The project ${project} is being deleted.`, [
      `gcloud projects undelete ${project}`,
    ]);
  }
  return projectNumber;
}

/** Google answers "403" for a project that does not exist, so only an expired sign-in means something else. */
function isTemporaryOrSignIn(error: CommandError, { place }: Deployment): boolean {
  const failure = decideFailure(error.message, place);
  return failure?.kind === 'wait' || /gcloud auth login/.test(String(failure?.remedy));
}

const billingSchema = z.object({
  billingEnabled: z.boolean().default(false),
  billingAccountName: z.string().default(''),
});
const accountsSchema = z.array(z.object({ name: z.string() }));

/** @returns the account's id, as `012345-6789AB-CDEF01`; undefined if Google does not tell it */
export async function checkBilling(deployment: Deployment): Promise<string | undefined> {
  const { project } = deployment.options;
  const args = ['billing', 'projects', 'describe', project, '--format=json'];
  const assume = {
    billingEnabled: true,
    billingAccountName: 'billingAccounts/012345-6789AB-CDEF01',
  };
  const options = { anyProject: true, assume: JSON.stringify(assume) };
  const answer = await retryTemporary(deployment, () => gcloud(deployment, args, options));
  const { billingEnabled, billingAccountName } = readAnswer(
    `gcloud ${args.join(' ')}`,
    billingSchema,
    answer,
  );
  if (billingEnabled) return billingAccountName.replace(/^.*\//, '') || undefined;
  const open = await openBillingAccounts(deployment);
  const link = (id: string) => `gcloud billing projects link ${project} --billing-account=${id}`;
  throw new DeployError(
    billingAccountName === ''
      ? `The project ${project} has no billing account.`
      : `The billing account of the project ${project} is closed.`,
    open.length === 0
      ? [
          'https://console.cloud.google.com/billing/create  makes a billing account',
          link('ACCOUNT_ID'),
        ]
      : open.map(link),
  );
}

/** Only for the remedy, so an error changes nothing. */
async function openBillingAccounts(deployment: Deployment): Promise<string[]> {
  const args = ['billing', 'accounts', 'list', '--filter=open=true', '--format=json'];
  const answer = await gcloud(deployment, args, { anyProject: true, assume: '[]' }).catch(
    () => '[]',
  );
  const { data = [] } = accountsSchema.safeParse(parseJson(answer));
  return data.map(({ name }) => name.replace(/^.*\//, ''));
}

/** One for each kind of resource. A user who has all of these nearly always has the role of an owner. */
const NEEDED_PERMISSIONS = [
  'artifactregistry.repositories.create',
  'cloudbuild.builds.create',
  'cloudfunctions.functions.create',
  'cloudscheduler.jobs.create',
  'cloudtasks.queues.create',
  'datastore.databases.create',
  'firebaserules.rulesets.create',
  'iam.roles.create',
  'iam.serviceAccounts.actAs',
  'iam.serviceAccounts.create',
  'logging.logMetrics.create',
  'monitoring.alertPolicies.create',
  'resourcemanager.projects.setIamPolicy',
  'run.services.create',
  'secretmanager.secrets.create',
  'serviceusage.services.enable',
  'serviceusage.services.use',
  'storage.buckets.create',
];
const WITH_DOMAIN = ['compute.urlMaps.create', 'compute.securityPolicies.create'];

const permissionsSchema = z.object({ permissions: z.array(z.string()).default([]) });

/** gcloud has no command for this; an owner by a folder or an organisation is in no list of the project's grants. */
export async function checkRights(deployment: Deployment): Promise<void> {
  const { project, domain } = deployment.options;
  const permissions = [...NEEDED_PERMISSIONS, ...(domain ? WITH_DOMAIN : [])];
  const url = `${apiUrl(deployment, 'cloudresourcemanager')}/v1/projects/${project}:testIamPermissions`;
  const token = await accessToken(deployment);
  const answer = await retryTemporary(deployment, () =>
    deployment.commands.request({
      url,
      body: { permissions },
      accessToken: token,
      assume: { permissions },
    }),
  );
  const granted = new Set(permissionsSchema.parse(answer).permissions);
  const missing = permissions.filter((each) => !granted.has(each));
  if (missing.length === 0) return;
  throw new DeployError(
    `${deployment.place.account} lacks rights in the project ${project}: ${missing.join(', ')}.`,
    [`An owner of the project runs: ${grantOwner(deployment.place)}`],
  );
}

/** A budget belongs to the billing account: an owner of the project may have no right to make one. */
const FOR_A_BUDGET = ['billing.budgets.create', 'billing.budgets.get', 'billing.budgets.update'];

/** @param billingAccount as `012345-6789AB-CDEF01` */
export async function checkBudget(deployment: Deployment, billingAccount: string): Promise<void> {
  const url = `${apiUrl(deployment, 'cloudbilling')}/v1/billingAccounts/${billingAccount}:testIamPermissions`;
  const body = { permissions: FOR_A_BUDGET };
  const token = await accessToken(deployment);
  const answer = await retryTemporary(deployment, () =>
    deployment.commands.request({ url, body, accessToken: token, assume: body }).catch((error) => {
      // Google says the same of an account that does not exist.
      const isHidden =
        error instanceof CommandError && [403, 404].includes(error.code ?? 0) && !isNewApi(error);
      if (isHidden) return {};
      throw error;
    }),
  );
  const granted = new Set(permissionsSchema.parse(answer).permissions);
  const missing = FOR_A_BUDGET.filter((each) => !granted.has(each));
  if (missing.length === 0) return;
  throw new DeployError(
    `${deployment.place.account} lacks rights on the billing account ${billingAccount}, which a budget (billing_account) needs: ${missing.join(', ')}.`,
    budgetRemedy(deployment.place, billingAccount),
  );
}

/** Runs before anything is made: a bucket of the state in a wrong region could not be moved. */
export function checkRegion(region: string, { root, options }: Deployment): void {
  const regions = [
    ...(new Terraform(`${root}/terraform`).locals().regions ?? '').matchAll(/"([^"]+)"/g),
  ];
  const names = regions.map(([, name]) => name ?? '');
  if (names.includes(region)) return;
  const continent = region.split('-', 1)[0] ?? '';
  const near = names.filter((name) => name.startsWith(`${continent}-`));
  throw new DeployError(
    `The region ${region} does not have everything that is needed: Cloud Run functions, Cloud Tasks, Cloud Scheduler and Firestore. These do: ${(near.length > 0 ? near : names).join(', ')}.`,
    near.slice(0, 1).map((each) => commandOf(without(options, 'region'), `--region ${each}`)),
  );
}
