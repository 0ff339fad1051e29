/** What a page needs of Identity Platform, by the local sign-in or by Google's Auth emulator (`npm run test:firebase`). */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { authEmulatorDiffers, openAccounts, type TestAccounts } from '../../support/accounts.ts';

const PASSWORD = 'correct horse';

let accounts: TestAccounts;
let email: string;
beforeAll(async () => {
  accounts = await openAccounts();
});
afterAll(() => accounts.close());
beforeEach(() => {
  email = `${randomUUID().slice(0, 8)}@example.com`;
});

const signUp = () =>
  accounts.call('signUp', { email, password: PASSWORD, returnSecureToken: true });
const signIn = (password = PASSWORD) =>
  accounts.call('signInWithPassword', { email, password, returnSecureToken: true });
const refreshTokenOf = async () => String((await signUp()).body.refreshToken);
const userIdOf = async () => String((await signUp()).body.localId);

describe('an account', () => {
  test('is made, and its owner signed in, by one call', async () => {
    const { status, body } = await signUp();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      email,
      localId: expect.stringMatching(/^\w{20,}$/),
      refreshToken: expect.any(String),
      expiresIn: '3600',
    });
    const claims = decodeJwt(String(body.idToken));
    expect(claims).toMatchObject({
      aud: accounts.project,
      sub: body.localId,
      user_id: body.localId,
      email,
      email_verified: false,
      firebase: { sign_in_provider: 'password', identities: { email: [email] } },
    });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(3_600);
  });

  test('opens with its password, whatever the case of its address', async () => {
    const { body } = await signUp();
    email = email.toUpperCase();
    expect((await signIn()).body).toMatchObject({ localId: body.localId, registered: true });
  });

  test('is one for each address', async () => {
    await signUp();
    email = email.toUpperCase();
    expect(await signUp()).toMatchObject({ status: 400, error: 'EMAIL_EXISTS' });
  });

  test('is looked up by its token', async () => {
    const { body } = await signUp();
    const { body: found } = await accounts.call('lookup', { idToken: body.idToken });
    expect(found.users).toMatchObject([{ localId: body.localId, email, emailVerified: false }]);
    expect(await accounts.call('lookup', { idToken: 'no token' })).toMatchObject({
      status: 400,
      error: 'INVALID_ID_TOKEN',
    });
  });
});

describe('what is refused', () => {
  test.each([
    ['no address', { password: PASSWORD }, 'MISSING_EMAIL'],
    ['no complete address', { email: 'someone', password: PASSWORD }, 'INVALID_EMAIL'],
    ['no password', { email: 'a@example.com' }, 'MISSING_PASSWORD'],
    ['five characters', { email: 'a@example.com', password: '12345' }, 'WEAK_PASSWORD'],
  ])('a new account with %s', async (_, body, error) => {
    expect(await accounts.call('signUp', body)).toMatchObject({ status: 400, error });
  });

  test('six characters are enough', async () => {
    const body = { email, password: '123456' };
    expect(await accounts.call('signUp', body)).toMatchObject({ status: 200 });
  });

  test('a wrong password and an unknown address alike', async () => {
    await signUp();
    const wrong = await signIn('another password');
    expect(wrong).toMatchObject({ status: 400, error: 'INVALID_LOGIN_CREDENTIALS' });
    email = 'nobody@example.com';
    expect(await signIn()).toEqual(wrong);
  });

  test('a user who is disabled, at sign-in and at the next renewal', async () => {
    const { body } = await signUp();
    await accounts.admin('update', { localId: body.localId, disableUser: true });
    expect(await signIn()).toMatchObject({ status: 400, error: 'USER_DISABLED' });
    const renewed = await accounts.renew(String(body.refreshToken));
    expect(renewed).toMatchObject({ status: 400, error: 'USER_DISABLED' });
  });
});

describe('a refresh token', () => {
  test('gives new tokens of the same user', async () => {
    const { body } = await signUp();
    const renewed = await accounts.renew(String(body.refreshToken));
    expect(renewed.body).toMatchObject({
      token_type: 'Bearer',
      expires_in: '3600',
      user_id: body.localId,
      refresh_token: expect.any(String),
    });
    expect(decodeJwt(String(renewed.body.id_token)).sub).toBe(body.localId);
  });

  test('that nobody has given is refused', async () => {
    const unknown = await accounts.renew('made up');
    expect(unknown).toMatchObject({ status: 400, error: 'INVALID_REFRESH_TOKEN' });
  });

  test('of a user who is gone is refused', async () => {
    const { body } = await signUp();
    await accounts.admin('delete', { localId: body.localId });
    const renewed = await accounts.renew(String(body.refreshToken));
    expect(renewed.status).toBe(400);
    const isVague = authEmulatorDiffers(
      'forgets the tokens of a user who is gone',
      'https://cloud.google.com/identity-platform/docs/use-rest-api: USER_NOT_FOUND',
    );
    expect(renewed.error).toBe(isVague ? 'INVALID_REFRESH_TOKEN' : 'USER_NOT_FOUND');
  });
});

describe('a forgotten password', () => {
  const send = () => accounts.call('sendOobCode', { requestType: 'PASSWORD_RESET', email });
  const codeOf = async () => {
    await send();
    return (await accounts.codes(email)).at(-1) ?? '';
  };

  test('is replaced by the code of a mail, once', async () => {
    await signUp();
    const oobCode = await codeOf();
    const known = { status: 200, body: { email, requestType: 'PASSWORD_RESET' } };
    expect(await accounts.call('resetPassword', { oobCode })).toMatchObject(known);
    const reset = { oobCode, newPassword: 'new password' };
    expect(await accounts.call('resetPassword', reset)).toMatchObject(known);
    expect(await signIn()).toMatchObject({ error: 'INVALID_LOGIN_CREDENTIALS' });
    expect(await signIn('new password')).toMatchObject({ status: 200 });
    const again = await accounts.call('resetPassword', reset);
    expect(again).toMatchObject({ status: 400, error: 'INVALID_OOB_CODE' });
  });

  test('a new password ends the sessions that began with the old one', async () => {
    const refreshToken = await refreshTokenOf();
    const oobCode = await codeOf();
    await accounts.call('resetPassword', { oobCode, newPassword: 'new password' });
    const renewed = await accounts.renew(refreshToken);
    const isLax = authEmulatorDiffers(
      'lets old sessions live',
      'https://firebase.google.com/docs/auth/admin/manage-sessions',
    );
    expect([renewed.status, renewed.error]).toEqual(
      isLax ? [200, undefined] : [400, 'TOKEN_EXPIRED'],
    );
  });

  test('a weak password is refused, and the code still works', async () => {
    await signUp();
    const oobCode = await codeOf();
    const weak = await accounts.call('resetPassword', { oobCode, newPassword: '12345' });
    expect(weak).toMatchObject({ status: 400, error: 'WEAK_PASSWORD' });
    const strong = await accounts.call('resetPassword', { oobCode, newPassword: '123456' });
    expect(strong.status).toBe(200);
  });

  test('a code that nobody was sent is refused', async () => {
    const answer = await accounts.call('resetPassword', { oobCode: 'made-up' });
    expect(answer).toMatchObject({ status: 400, error: 'INVALID_OOB_CODE' });
  });

  test('nobody hears whether an address has an account', async () => {
    const { status, body } = await send();
    expect({ status, email: body.email }).toEqual({ status: 200, email });
    expect(await accounts.codes(email)).toEqual([]);
  });
});

describe('an administrator', () => {
  test('makes an account whose owner chooses the password', async () => {
    const made = await accounts.admin('', { email });
    expect(made).toMatchObject({ status: 200, body: { email, localId: expect.any(String) } });
    expect(await signIn()).toMatchObject({ error: 'INVALID_LOGIN_CREDENTIALS' });
    const { body } = await accounts.admin('sendOobCode', {
      requestType: 'PASSWORD_RESET',
      email,
      returnOobLink: true,
    });
    const link = new URL(String(body.oobLink));
    const oobCode = link.searchParams.get('oobCode');
    await accounts.call('resetPassword', { oobCode, newPassword: PASSWORD });
    expect((await signIn()).body.localId).toBe(made.body.localId);
  });

  test('finds accounts by address and by id, and removes them', async () => {
    const localId = await userIdOf();
    const find = async (by: object) => (await accounts.admin('lookup', by)).body.users;
    expect(await find({ email: [email] })).toMatchObject([{ localId, email }]);
    expect(await find({ localId: [localId] })).toMatchObject([{ localId, email }]);
    expect(await accounts.admin('delete', { localId })).toMatchObject({ status: 200 });
    expect(await find({ email: [email] })).toBeUndefined();
    expect(await accounts.admin('delete', { localId })).toMatchObject({ error: 'USER_NOT_FOUND' });
  });
});
