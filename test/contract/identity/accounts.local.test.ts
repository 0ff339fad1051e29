/** Where the local sign-in is as strict as Identity Platform, and Google's Auth emulator is not. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Users } from '../../../local-cloud/identity/users.ts';
import { openAccounts as start, type TestAccounts } from '../../support/accounts.ts';

const EMAIL = 'someone@example.com';
const PASSWORD = 'correct horse';
const SIGN_UP = '/identitytoolkit.googleapis.com/v1/accounts:signUp';

let now: number;
let accounts: TestAccounts;
let opened: TestAccounts[];
beforeEach(async () => {
  now = Date.now();
  opened = [];
  accounts = await openAccounts({ now: () => now });
});
afterEach(() => Promise.all(opened.map((each) => each.close())));

async function openAccounts(options: Parameters<typeof start>[0] = {}): Promise<TestAccounts> {
  const started = await start(options);
  opened.push(started);
  return started;
}

const signUp = () => accounts.call('signUp', { email: EMAIL, password: PASSWORD });
const signIn = (password = PASSWORD) =>
  accounts.call('signInWithPassword', { email: EMAIL, password });

test('after five wrong passwords in a row even the right one is refused, for a minute', async () => {
  await signUp();
  for (let n = 0; n < 5; n++) {
    expect((await signIn('wrong password')).error).toBe('INVALID_LOGIN_CREDENTIALS');
  }
  expect(await signIn()).toMatchObject({ status: 400, error: 'TOO_MANY_ATTEMPTS_TRY_LATER' });
  now += 60_000;
  expect((await signIn()).status).toBe(200);
});

test('the code of a mail works for an hour', async () => {
  await signUp();
  await accounts.call('sendOobCode', { requestType: 'PASSWORD_RESET', email: EMAIL });
  const [oobCode] = await accounts.codes(EMAIL);
  now += 3_599_999;
  expect((await accounts.call('resetPassword', { oobCode })).status).toBe(200);
  now += 1;
  const late = await accounts.call('resetPassword', { oobCode, newPassword: 'new password' });
  expect(late).toMatchObject({ status: 400, error: 'EXPIRED_OOB_CODE' });
});

test('where the operator makes the accounts, nobody else does', async () => {
  accounts = await openAccounts({ signUp: false });
  expect(await signUp()).toMatchObject({ status: 400, error: 'ADMIN_ONLY_OPERATION' });
  const made = await accounts.admin('', { email: EMAIL, password: PASSWORD });
  expect(made.status).toBe(200);
  expect((await signIn()).status).toBe(200);
});

test('a list of accounts comes in pages', async () => {
  for (const name of ['a', 'b', 'c']) {
    await accounts.call('signUp', { email: `${name}@example.com`, password: PASSWORD });
  }
  const list = async (query: string) => {
    const path = `/identitytoolkit.googleapis.com/v1/projects/${accounts.project}/accounts:batchGet`;
    const response = await accounts.fetch(`${path}?maxResults=2${query}`, {
      headers: { Authorization: `Bearer ${accounts.administrator}` },
    });
    return (await response.json()) as { users?: { email: string }[]; nextPageToken?: string };
  };
  const first = await list('');
  const second = await list(`&nextPageToken=${first.nextPageToken}`);
  const emails = [...(first.users ?? []), ...(second.users ?? [])].map(({ email }) => email);
  expect(emails.sort()).toEqual(['a@example.com', 'b@example.com', 'c@example.com']);
  expect(second.nextPageToken).toBeUndefined();
});

describe('the API key', () => {
  const body = JSON.stringify({ email: EMAIL, password: PASSWORD });
  const send = async (key: string, headers: Record<string, string>) => {
    const response = await accounts.fetch(`${SIGN_UP}${key}`, { method: 'POST', headers, body });
    const { error } = (await response.json()) as { error?: { message: string } };
    return [response.status, error?.message];
  };
  const page = { Referer: 'http://localhost:8080/' };

  test.each([
    ['none', '', page, 403, 'The request is missing a valid API key.'],
    ['a wrong one', '?key=x', page, 400, 'API key not valid. Please pass a valid API key.'],
  ])('%s is refused', async (_, key, headers, status, message) => {
    expect(await send(key, headers)).toEqual([status, message]);
  });

  test.each([
    ['<empty>', {}],
    ['https://evil.example/', { Referer: 'https://evil.example/' }],
  ])('works for a page of this machine alone: not for %s', async (referer, headers) => {
    const message = `Requests from referer ${referer} are blocked.`;
    expect(await send(`?key=${accounts.key}`, headers)).toEqual([403, message]);
  });

  test('is of no use to an administrator', async () => {
    const path = `/identitytoolkit.googleapis.com/v1/projects/${accounts.project}/accounts`;
    const response = await accounts.fetch(`${path}?key=${accounts.key}`, {
      method: 'POST',
      headers: page,
      body,
    });
    expect(response.status).toBe(401);
  });
});

test('a page of this machine may read the answers, and no other', async () => {
  const ask = async (origin: string) => {
    const response = await accounts.fetch(`${SIGN_UP}?key=${accounts.key}`, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Headers': 'content-type' },
    });
    return response.headers.get('access-control-allow-origin');
  };
  expect(await ask('http://localhost:8080')).toBe('http://localhost:8080');
  expect(await ask('https://evil.example')).toBeNull();
});

test('users and sessions survive a restart; no password and no token is in the file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'users-'));
  const before = new Users(folder);
  const user = await before.create(EMAIL, PASSWORD);
  const token = before.beginSession(user?.id ?? '', 'password');
  before.close();
  const file = readFileSync(join(folder, 'users.sqlite'));
  expect([file.includes(PASSWORD), file.includes(token)]).toEqual([false, false]);
  const after = new Users(folder);
  expect(after.byEmail(EMAIL)).toEqual(user);
  expect(after.session(token)?.userId).toBe(user?.id);
  expect(await after.isPassword(user, PASSWORD)).toBe(true);
  after.close();
  rmSync(folder, { recursive: true });
});

describe('sign-in with Google', () => {
  const clientId = 'client.apps.googleusercontent.com';
  let googleKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
  beforeEach(async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    googleKey = privateKey;
    const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), alg: 'RS256' }] });
    accounts = await openAccounts({ google: { clientId, keys }, now: () => now });
  });
  const tokenOf = (claims: object, audience = clientId) =>
    new SignJWT({ email: EMAIL, email_verified: true, name: 'Some One', ...claims })
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer('https://accounts.google.com')
      .setSubject('1234567890')
      .setAudience(audience)
      .setExpirationTime('1h')
      .sign(googleKey);
  const withGoogle = (idToken: string) =>
    accounts.call('signInWithIdp', {
      postBody: new URLSearchParams({ id_token: idToken, providerId: 'google.com' }).toString(),
      requestUri: 'http://localhost:8080/',
    });

  test('makes an account at the first time, and opens it later', async () => {
    const first = await withGoogle(await tokenOf({}));
    expect(first.body).toMatchObject({ email: EMAIL, displayName: 'Some One', isNewUser: true });
    const second = await withGoogle(await tokenOf({}));
    expect(second.body.localId).toBe(first.body.localId);
    expect(second.body.isNewUser).toBeUndefined();
  });

  test('opens an account with the same address, whose unproven password ends with its sessions', async () => {
    const { body } = await signUp();
    now += 1;
    const google = await withGoogle(await tokenOf({}));
    expect(google.body.localId).toBe(body.localId);
    expect(await signIn()).toMatchObject({ error: 'INVALID_LOGIN_CREDENTIALS' });
    const renewed = await accounts.renew(String(body.refreshToken));
    expect(renewed).toMatchObject({ status: 400, error: 'TOKEN_EXPIRED' });
    expect((await accounts.renew(String(google.body.refreshToken))).status).toBe(200);
  });

  test.each([
    ['for another client', () => tokenOf({}, 'other.apps.googleusercontent.com')],
    ['with an address that Google has not checked', () => tokenOf({ email_verified: false })],
    ['that is none', async () => 'no token'],
  ])('refuses a token %s', async (_, token) => {
    const answer = await withGoogle(await token());
    expect(answer).toMatchObject({ status: 400, error: 'INVALID_IDP_RESPONSE' });
  });

  test('is refused where the project has no client at Google', async () => {
    accounts = await openAccounts();
    expect(await withGoogle('x')).toMatchObject({ status: 400, error: 'OPERATION_NOT_ALLOWED' });
  });
});
