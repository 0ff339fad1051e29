/** Adds the first user, and runs the smoke test as a user who exists only for it. */
import { randomBytes } from 'node:crypto';
import { resolve4 } from 'node:dns/promises';
import { z } from 'zod';
import { Accounts, AccountsError, identityUrl } from '../accounts.ts';
import { CommandError } from './commands.ts';
import { accessToken, DeployError, type Deployment, tell } from './deployment.ts';
import { commandOf, without } from './options.ts';
import type { Settings } from './settings.ts';

/** `example.com` belongs to nobody, so no mail reaches a stranger (RFC 2606). */
const SMOKE_USER = 'deploy-smoke@example.com';
/** Seconds between tries of the smoke test. New grants take a minute or two to reach every server. */
const WAITS_S = [30, 60, 90];

/** True if the page has sign-in screens of its own (terraform/identity.tf). */
export function hasSignInScreens({
  identity_platform = true,
  auth_issuer = '',
}: Settings): boolean {
  return identity_platform === true && auth_issuer === '';
}

async function openAccounts(deployment: Deployment): Promise<Accounts> {
  const { project } = deployment.options;
  const token = await accessToken(deployment);
  return new Accounts({ url: identityUrl(deployment.env), project, accessToken: token });
}

/**
 * @param url the page's address
 * @returns the link for a new user to choose a password; undefined if nobody was added
 */
export async function addFirstUser(
  deployment: Deployment,
  url: string,
): Promise<string | undefined> {
  const { commands, options } = deployment;
  const accounts = await openAccounts(deployment);
  const email = commands.isDry
    ? whomInDryRun(deployment)
    : await firstUserEmail(deployment, accounts);
  if (email === undefined) return undefined;
  const env = { GOOGLE_CLOUD_PROJECT: options.project, PAGE_URL: url };
  const args = ['run', '--silent', 'user', '--', 'add', email];
  const said = await commands.run({ program: 'npm', args, env, shown: true, assume: '' });
  return /to choose a password: (\S+)/.exec(said)?.[1];
}

function whomInDryRun(deployment: Deployment): string | undefined {
  const { user } = deployment.options;
  tell(
    deployment,
    user === undefined
      ? '(Here it looks by Identity Platform, accounts:batchGet, whether somebody may sign in, and if not, asks for an e-mail address.)'
      : '(Here it looks by Identity Platform, accounts:lookup, whether there is such an account.)',
  );
  return user;
}

/** @returns undefined if nobody is to be added */
async function firstUserEmail(
  deployment: Deployment,
  accounts: Accounts,
): Promise<string | undefined> {
  const { options, terminal } = deployment;
  const command = `GOOGLE_CLOUD_PROJECT=${options.project} npm run user -- add EMAIL`;
  if (options.user !== undefined) {
    const found = await accounts.find(options.user);
    if (!found) return options.user;
    tell(deployment, `${options.user} has an account. A new link for the password:`);
    tell(deployment, command.replace('EMAIL', options.user));
    return undefined;
  }
  if (await hasPeople(accounts)) {
    tell(deployment, 'There are accounts.');
    return undefined;
  }
  const email = terminal.isInteractive
    ? await terminal.ask(
        '  E-mail address of the first person who may sign in (Enter: nobody yet): ',
      )
    : '';
  if (email !== '') return email;
  tell(deployment, `Nobody can sign in yet: ${command}`);
  return undefined;
}

async function hasPeople(accounts: Accounts): Promise<boolean> {
  for await (const { email } of accounts.list()) if (email !== SMOKE_USER) return true;
  return false;
}

/** @returns true if the page can be reached: a domain needs a DNS record, and a certificate that Google issues after it */
export async function isReachable(
  deployment: Deployment,
  settings: Settings,
  url: string,
  ipAddress: string | undefined,
): Promise<boolean> {
  if (settings.domain === '') return true;
  if (deployment.commands.isDry) {
    tell(
      deployment,
      `(Here it looks whether the A record of ${settings.domain} is ${ipAddress}, and if not, says so and does not test.)`,
    );
    return true;
  }
  const again = commandOf(without(deployment.options));
  const addresses = await resolve4(settings.domain).catch((): string[] => []);
  if (ipAddress === undefined || !addresses.includes(ipAddress)) {
    tell(deployment, `Not tested yet: set the A record of ${settings.domain} to ${ipAddress}.`);
    tell(deployment, `It may take an hour. Then test it: ${again}`);
    return false;
  }
  const answers = await fetch(`${url}/config.json`).then(
    ({ ok }) => ok,
    () => false,
  );
  if (answers) return true;
  tell(
    deployment,
    `Not tested yet: Google is issuing the certificate of ${settings.domain}, which can take an hour.`,
  );
  tell(
    deployment,
    `gcloud compute ssl-certificates list --project=${settings.project_id} shows its state. Then: ${again}`,
  );
  return false;
}

/** @throws {DeployError} if the product does not work */
export async function smokeTest(
  deployment: Deployment,
  settings: Settings,
  url: string,
  signInApiKey: string,
): Promise<void> {
  const { SMOKE_TOKEN } = deployment.env;
  if (SMOKE_TOKEN) return run(deployment, url, SMOKE_TOKEN);
  if (!hasSignInScreens(settings)) {
    tell(deployment, 'Not tested: your own issuer gives the tokens.');
    return tell(deployment, `SMOKE_TOKEN=… npm run smoke -- ${url}`);
  }
  if (deployment.commands.isDry) {
    tell(
      deployment,
      `(Here ${SMOKE_USER} gets an account by Identity Platform, accounts and accounts:signInWithPassword, and loses it after the test.)`,
    );
    return run(deployment, url, 'TOKEN');
  }
  const accounts = await openAccounts(deployment);
  const password = randomBytes(24).toString('base64url');
  await removeSmokeUser(accounts);
  await accounts.add(SMOKE_USER, password);
  try {
    await run(deployment, url, await signIn(deployment, url, signInApiKey, password));
  } finally {
    await removeSmokeUser(accounts);
  }
}

/** A killed run has left one behind. */
async function removeSmokeUser(accounts: Accounts): Promise<void> {
  const found = await accounts.find(SMOKE_USER);
  if (found) await accounts.remove(found);
}

/** Like the page: docs/sign-in.md. A key that is restricted to the site needs the site's address. */
async function signIn(
  { env }: Deployment,
  url: string,
  key: string,
  password: string,
): Promise<string> {
  const response = await fetch(`${identityUrl(env)}/v1/accounts:signInWithPassword?key=${key}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Referer: `${url}/` },
    body: JSON.stringify({ email: SMOKE_USER, password, returnSecureToken: true }),
  });
  if (!response.ok) {
    const why = `${response.status}: ${await response.text()}`;
    throw new AccountsError(
      `Identity Platform does not sign the user of the smoke test in (${why}).`,
    );
  }
  return z.object({ idToken: z.string() }).parse(await response.json()).idToken;
}

async function run(deployment: Deployment, url: string, token: string): Promise<void> {
  const { commands, sleep } = deployment;
  const args = ['run', '--silent', 'smoke', '--', url];
  const command = { program: 'npm', args, env: { SMOKE_TOKEN: token }, shown: true, assume: '' };
  for (const seconds of [...WAITS_S, undefined]) {
    try {
      await commands.run(command);
      return;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      if (seconds === undefined) {
        throw new DeployError(
          'Everything is set up, and the smoke test fails (see above).',
          [
            'docs/debugging.md says where to look',
            `${commandOf(without(deployment.options))}   tests again`,
          ],
          { cause: error },
        );
      }
      tell(deployment, `New grants may not be known everywhere. Trying again in ${seconds} s.`);
      await sleep(seconds * 1_000);
    }
  }
}
