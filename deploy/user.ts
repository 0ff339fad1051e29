/** `npm run user -- add|list|disable|enable|erase`: manages the users who may sign in. `docs/sign-in.md` has more. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createIdentity } from '../local-cloud/identity/identity.ts';
import { startIdentity } from '../local-cloud/identity/server.ts';
import { type Account, Accounts, AccountsError, identityUrl, lastSignInOf } from './accounts.ts';
import { exitWithFailure } from './command-failure.ts';
import { readCommand } from './npm-options.ts';
import { useProxy } from './proxy.ts';

const USAGE = `npm run user -- add EMAIL [--project PROJECT] [--local]
npm run user -- list [--local]
npm run user -- disable EMAIL [--local]
npm run user -- enable EMAIL [--local]
npm run user -- erase EMAIL --yes [--local]

  add       makes an account, and prints a link by which its owner chooses a password;
            of an account that is there: a new link
  disable   ends the sessions of a user, who cannot sign in until "enable"
  erase     removes the account and all photos and videos of its owner; without --yes it only says whose
  --project the project; absent: the one that GOOGLE_CLOUD_PROJECT or gcloud names
  --local   the users of "SIGN_IN=local npm start" on this machine`;

const ACTIONS = ['add', 'list', 'disable', 'enable', 'erase'] as const;
const OWNER = fileURLToPath(new URL('owner.ts', import.meta.url));

const { action, email, isLocal, isSure } = readArguments();
try {
  useProxy(process.env);
  const opened = isLocal ? await openLocal() : openDeployed();
  await run(opened);
  await opened.close();
  process.exit(0);
} catch (error) {
  exitWithFailure(error);
}

async function run(opened: Opened): Promise<void> {
  const { accounts } = opened;
  if (action === 'list') return list(accounts);
  if (action === 'add') return add(opened);
  const account = await accounts.find(email);
  if (!account) throw new AccountsError(`There is no account with the address ${email}.`);
  if (action === 'erase') return erase(accounts, account);
  await accounts.setDisabled(account, action === 'disable');
  console.log(
    action === 'disable'
      ? `${email} cannot sign in any more. A page that is open may go on for up to an hour: docs/sign-in.md says what ends now.`
      : `${email} can sign in again.`,
  );
}

/** If the link is lost or too old, the same command prints another one. */
async function add({ accounts, place, pageUrl }: Opened): Promise<void> {
  const account = await accounts.find(email);
  if (account?.disabled) {
    throw new AccountsError(
      `The account of ${email} ${place} is disabled. "npm run user -- enable ${email}" lets its owner in again.`,
    );
  }
  if (!account) await accounts.add(email);
  const since = account ? 'There is already' : 'Now there is';
  console.log(`${since} an account for ${email} ${place}. Give its owner this link, which`);
  console.log(`works for an hour, to choose a password: ${await accounts.passwordLink(email)}`);
  const page = pageUrl === undefined ? 'the page' : `the page, ${pageUrl}`;
  console.log(`Later, "Forgot your password?" on ${page}, sends such a link by e-mail.`);
}

async function list(accounts: Accounts): Promise<void> {
  let count = 0;
  for await (const account of accounts.list()) {
    const { email, localId, disabled } = account;
    const last = lastSignInOf(account)?.toISOString() ?? 'never';
    console.log(`${email}  ${localId}  last sign-in: ${last}${disabled ? '  disabled' : ''}`);
    count++;
  }
  console.log(count === 1 ? '1 account' : `${count} accounts`);
}

/** The account goes last: without it nobody would know whose the media are. */
async function erase(accounts: Accounts, account: Account): Promise<void> {
  const { localId } = account;
  if (!isLocal) checkSettings();
  // Without `--yes`, the command lists what it would remove, and so it checks its settings.
  if (!(await runOwner(['erase', localId], isSure ? 'ignore' : 'inherit'))) {
    throw new AccountsError(
      `Nothing was changed: the photos and videos of ${email} cannot be reached (see above).`,
    );
  }
  if (!isSure) {
    console.log(`${email} is the owner ${localId}. Add --yes to erase the account and all`);
    console.log('photos and videos of its owner.');
    return;
  }
  await accounts.setDisabled(account, true);
  if (!(await runOwner(['erase', localId, '--yes']))) {
    throw new AccountsError(
      `The media of ${email} could not be erased (see above). The account is disabled and still there: run this again.`,
    );
  }
  await accounts.remove(account);
  console.log(`The account of ${email} is gone.`);
}

/** @throws {AccountsError} if it is not known where the media are */
function checkSettings(): void {
  const { STAGING_BUCKET, MEDIA_BUCKET, GOOGLE_CLOUD_PROJECT = 'PROJECT' } = process.env;
  if (STAGING_BUCKET || MEDIA_BUCKET) return;
  throw new AccountsError(
    `Where the photos and videos of ${email} are is not known: the settings of the api are missing (STAGING_BUCKET, MEDIA_BUCKET and others). Nothing was changed. Terraform knows them:
  terraform -chdir=terraform init -reconfigure -backend-config=bucket=${GOOGLE_CLOUD_PROJECT}-terraform
  env $(terraform -chdir=terraform output -raw api_settings) npm run user -- erase ${email}${isSure ? ' --yes' : ''}
docs/sign-in.md says which rights and which sign-in it takes besides.`,
  );
}

/** @returns true if `npm run owner` has succeeded with these arguments */
async function runOwner(args: string[], stdout: 'inherit' | 'ignore' = 'inherit') {
  const command = [OWNER, ...args, ...(isLocal ? ['--local'] : [])];
  const child = spawn(process.execPath, command, { stdio: ['inherit', stdout, 'inherit'] });
  const [code] = await once(child, 'exit');
  return code === 0;
}

interface Opened {
  accounts: Accounts;
  /** Names the place of the accounts: npm may have kept `--local` without a trace. */
  place: string;
  /** Undefined: not known. */
  pageUrl: string | undefined;
  close(): Promise<void>;
}

/** `npm start` may run meanwhile, except for `erase`. */
async function openLocal(): Promise<Opened> {
  const { LOCAL_DATA_DIR = '.local', PORT = '8080' } = process.env;
  const dataDir = join(LOCAL_DATA_DIR, 'identity');
  const identity = await createIdentity({ dataDir });
  const project = 'local';
  const pageUrl = `http://localhost:${PORT}`;
  const signIn = { signUp: false, pageUrl, onMail: () => undefined };
  const server = await startIdentity({ identity, userAudience: project, signIn, dataDir });
  const accessToken = await identity.sign({ sub: 'admin', audience: identity.issuer });
  const url = server.signIn?.identity_url ?? '';
  const accounts = new Accounts({ url, project, accessToken });
  return { accounts, place: 'on this machine', pageUrl, close: server.close };
}

function openDeployed(): Opened {
  const project =
    process.env.GOOGLE_CLOUD_PROJECT || gcloud('config', 'get-value', 'project', '--quiet');
  if (!project) {
    throw new AccountsError(
      'No project: set GOOGLE_CLOUD_PROJECT, or "gcloud config set project".',
    );
  }
  const accessToken = gcloud('auth', 'print-access-token');
  const accounts = new Accounts({ url: identityUrl(process.env), project, accessToken });
  const place = `in the project ${project}`;
  // `npm run deploy` prints it.
  const pageUrl = process.env.PAGE_URL || undefined;
  return { accounts, place, pageUrl, close: async () => undefined };
}

/** @throws {AccountsError} if gcloud is not installed, or nobody is signed in there */
function gcloud(...args: string[]): string {
  // On Windows gcloud is a script, which only a shell starts.
  const options = { encoding: 'utf8', shell: process.platform === 'win32' } as const;
  // biome-ignore lint/plugin: with the shell it is found
  const { status, stdout, stderr, error } = spawnSync('gcloud', args, options);
  if (error) {
    throw new AccountsError(
      'The gcloud CLI is not installed: https://cloud.google.com/sdk/docs/install. For the users of this machine add --local.',
      { cause: error },
    );
  }
  if (status === 0) return stdout.trim();
  throw new AccountsError(`gcloud ${args.join(' ')} failed. Run "gcloud auth login".\n${stderr}`);
}

function readArguments() {
  const options = {
    project: { type: 'string' },
    yes: { type: 'boolean', default: false },
    local: { type: 'boolean', default: false },
  } as const;
  return readCommand('user', USAGE, options, (values, positionals) => {
    const [name, email = '', ...more] = positionals;
    const action = ACTIONS.find((each) => each === name);
    const isComplete = action === 'list' ? email === '' : email !== '';
    if (name === undefined) throw new Error(USAGE);
    if (!action) throw new Error(`"${name}" is none of ${ACTIONS.join(', ')}.`);
    if (!isComplete)
      throw new Error(
        action === 'list' ? `list takes no address.` : `${action} whom? Add the e-mail address.`,
      );
    if (more.length > 0) throw new Error(`Only one address at a time, and not ${more.join(' ')}.`);
    if (values.project !== undefined) process.env.GOOGLE_CLOUD_PROJECT = values.project;
    return { action, email, isLocal: values.local, isSure: values.yes };
  });
}
