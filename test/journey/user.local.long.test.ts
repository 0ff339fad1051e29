/** The operator's command for the people who may sign in: with the users of this machine, and where gcloud is missing. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Accounts } from '../../deploy/accounts.ts';
import { lockDataDir } from '../../local-cloud/base/data-dir.ts';
import { Users } from '../../local-cloud/identity/users.ts';
import { openAccounts } from '../support/accounts.ts';
import { needing } from '../support/needing.ts';

const COMMAND = fileURLToPath(new URL('../../deploy/user.ts', import.meta.url));
const EMAIL = 'someone@example.com';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'user-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Ended {
  code: number;
  output: string;
}

function run(args: string[], environment: Record<string, string> = {}): Promise<Ended> {
  const env = { ...process.env, LOCAL_DATA_DIR: folder, PORT: '8123', ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr });
    });
  });
}

/** Does something with the users of the folder, as `npm start` does meanwhile. */
async function withUsers<T>(work: (users: Users) => Promise<T> | T): Promise<T> {
  const users = new Users(join(folder, 'identity'));
  try {
    return await work(users);
  } finally {
    users.close();
  }
}

test('a person is added, chooses a password, is disabled, enabled and erased', async () => {
  const added = await run(['add', EMAIL, '--local']);
  expect(added.code).toBe(0);
  const link = new URL(/http:\S+/.exec(added.output)?.[0] ?? '');
  expect([link.origin, link.searchParams.get('mode')]).toEqual([
    'http://localhost:8123',
    'resetPassword',
  ]);
  const code = link.searchParams.get('oobCode') ?? '';
  expect(await withUsers((users) => users.code(code)?.user.email)).toBe(EMAIL);
  expect(added.output).toContain('on the page, http://localhost:8123,');
  // The link was lost, or is too old: there is a way out.
  const second = await run(['add', EMAIL, '--local']);
  expect([second.code, second.output]).toEqual([
    0,
    expect.stringContaining(`There is already an account for ${EMAIL} on this machine.`),
  ]);
  const another = new URL(/http:\S+/.exec(second.output)?.[0] ?? '').searchParams.get('oobCode');
  expect(another).not.toBe(code);
  expect(await withUsers((users) => users.code(another ?? '')?.user.email)).toBe(EMAIL);

  await run(['disable', EMAIL, '--local']);
  expect(await run(['add', EMAIL, '--local'])).toEqual({
    code: 1,
    output: expect.stringContaining(`npm run user -- enable ${EMAIL}`),
  });
  expect((await run(['list', '--local'])).output).toMatch(
    /^someone@example\.com {2}\w{28} {2}last sign-in: never {2}disabled\n1 account\n$/,
  );
  await run(['enable', EMAIL, '--local']);
  expect(await withUsers((users) => users.byEmail(EMAIL)?.isDisabled)).toBe(false);

  expect((await run(['erase', EMAIL, '--local'])).output).toMatch(/has 0 media[\s\S]*Add --yes/);
  // `npm start` has the folder meanwhile.
  const unlock = lockDataDir(folder, 'LOCAL_DATA_DIR');
  const refused = await run(['erase', EMAIL, '--local', '--yes']);
  unlock();
  expect([refused.code, refused.output]).toEqual([
    1,
    expect.stringContaining('Nothing was changed'),
  ]);
  expect(await withUsers((users) => users.byEmail(EMAIL)?.isDisabled)).toBe(false);
  const erased = await run(['erase', EMAIL, '--local', '--yes']);
  expect(erased.output).toMatch(/Erased 0 media[\s\S]*The account of someone@example\.com is gone/);
  expect(await withUsers((users) => users.byEmail(EMAIL))).toBeUndefined();
  expect(await run(['disable', EMAIL, '--local'])).toEqual({
    code: 1,
    output: `There is no account with the address ${EMAIL}.\n`,
  });
});

test('without gcloud it is said what to install, and without arguments how the command is used', async () => {
  const { code, output } = await run(['list'], { PATH: folder, GOOGLE_CLOUD_PROJECT: 'project' });
  expect([code, output]).toEqual([1, expect.stringContaining('gcloud CLI is not installed')]);
  expect(await run(['add'])).toEqual({ code: 2, output: expect.stringContaining('npm run user') });
  expect(await run(['--help'])).toEqual({
    code: 0,
    output: expect.stringContaining('npm run user'),
  });
  for (const [args, text] of [
    [['remove', EMAIL], '"remove" is none of add, list, disable, enable, erase.'],
    [['add'], 'add whom? Add the e-mail address.'],
    [['list', '--projct', 'p'], "Unknown option '--projct'. Is it --project?"],
  ] as const) {
    const { code, output } = await run([...args]);
    expect([code, output.trim().split('\n').at(-1)]).toEqual([2, text]);
  }
  const kept = await run(['erase', EMAIL], { npm_config_yes: 'true' });
  expect(kept).toEqual({
    code: 2,
    output: expect.stringMatching(/npm has kept --yes for itself.*npm run user -- … --yes …\n$/),
  });
});

needing('bash')('a person is not erased if the settings do not lead to their photos', async () => {
  const local = await openAccounts();
  const bin = await mkdtemp(join(folder, 'bin-'));
  await writeFile(join(bin, 'gcloud'), `#!/usr/bin/env bash\necho ${local.administrator}\n`, {
    mode: 0o755,
  });
  await local.admin('', { email: EMAIL });
  const { code, output } = await run(['erase', EMAIL, '--yes', '--project', local.project], {
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    GOOGLE_CLOUD_PROJECT: '',
    FIREBASE_AUTH_EMULATOR_HOST: new URL((await local.fetch('/')).url).host,
  });
  expect(output).toMatch(/STAGING_BUCKET[\s\S]*Nothing was changed/);
  expect(output).toContain(`npm run user -- erase ${EMAIL} --yes\n`);
  expect(output).not.toContain('npm run owner');
  expect(code).toBe(1);
  const { users } = (await local.admin('lookup', { email: [EMAIL] })).body;
  expect(users).toEqual([expect.not.objectContaining({ disabled: true })]);
  await local.close();
});

test('a token that does not count is explained, and a long list comes whole', async () => {
  const local = await openAccounts();
  const response = await local.fetch('/');
  const url = new URL('/identitytoolkit.googleapis.com', response.url).href;
  const accounts = (accessToken: string) =>
    new Accounts({ url, project: local.project, accessToken, pageSize: 2 });
  await expect(accounts('made up').find(EMAIL)).rejects.toThrow('gcloud auth login');
  const administrator = accounts(local.administrator);
  for (const name of ['a', 'b', 'c']) await administrator.add(`${name}@example.com`);
  const emails: string[] = [];
  for await (const { email } of administrator.list()) emails.push(email);
  expect(emails.sort()).toEqual(['a@example.com', 'b@example.com', 'c@example.com']);
  await local.close();
});
