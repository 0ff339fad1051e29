import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { exportJWK, SignJWT } from 'jose';
import {
  type Authenticate,
  callerPolicy,
  createAuthenticate,
  createAuthenticateTask,
  type TasksAuth,
} from './identity.ts';

const policy = { issuer: 'https://issuer.example/p', audience: 'p' };
const ACCOUNT = 'tasks@p.iam.gserviceaccount.com';
const newKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const key = newKey();

let jwks: unknown;
/** The issuer's answer; undefined: it does not answer. */
let jwksStatus: number | undefined;
let server: http.Server;
let jwksUrl: string;
let authenticate: Authenticate;

beforeAll(async () => {
  const publicJwk = await exportJWK(createPublicKey(key));
  // Without `alg`: our code must insist on one algorithm.
  jwks = { keys: [{ ...publicJwk, kid: 'k1', use: 'sig' }] };
  server = http.createServer((request, response) => {
    if (jwksStatus === undefined) request.socket.destroy();
    else response.writeHead(jwksStatus).end(typeof jwks === 'string' ? jwks : JSON.stringify(jwks));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
});
afterAll(() => {
  server.close();
});
beforeEach(() => {
  jwksStatus = 200;
  authenticate = createAuthenticate({ ...policy, jwksUrl });
});

interface Forgery {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  signer?: KeyObject | Uint8Array;
}

/** A valid token, except for the given changes. */
function token({ claims = {}, header = {}, signer = key }: Forgery = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const payload = {
    iss: policy.issuer,
    aud: policy.audience,
    sub: 'alice',
    iat: now,
    exp: now + 60,
  };
  return new SignJWT({ ...payload, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header })
    .sign(signer);
}

const call = async (headers: IncomingHttpHeaders, method = 'GET') =>
  (await authenticate({ method, headers })).ownerId;
const withToken = async (forgery?: Forgery) =>
  call({ authorization: `Bearer ${await token(forgery)}` });

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const withoutSignature = (jwt: string) => jwt.replace(/[^.]*$/, 'SIGNATURE_REMOVED_BY_GOOGLE');
const inSeconds = (s: number) => Math.floor(Date.now() / 1_000) + s;

describe('a caller', () => {
  test('is the user that the token names', async () => {
    expect(await withToken()).toBe('alice');
    expect(await call({ authorization: `bearer  ${await token()}` })).toBe('alice');
  });

  test('is told when the token ends, which is before it is refused', async () => {
    const exp = inSeconds(60);
    const authorization = `Bearer ${await token({ claims: { exp } })}`;
    const { expiresAtMs } = await authenticate({ method: 'GET', headers: { authorization } });
    expect(expiresAtMs).toBe(exp * 1_000);
  });

  test('may have a clock that is half a minute wrong', async () => {
    expect(await withToken({ claims: { exp: inSeconds(-20) } })).toBe('alice');
  });

  test.each<[string, Forgery]>([
    ['is from another issuer', { claims: { iss: 'https://issuer.example/q' } }],
    ['is for another audience', { claims: { aud: 'q' } }],
    ['is signed by another key', { signer: newKey() }],
    ['is signed by an unknown key', { header: { kid: 'k2' }, signer: newKey() }],
    ['names no user', { claims: { sub: '' } }],
    ['never expires', { claims: { exp: undefined } }],
    ['is not valid yet', { claims: { nbf: inSeconds(600) } }],
    ['is signed by another algorithm', { header: { alg: 'PS256' } }],
  ])('is refused if the token %s', async (_what, forgery) => {
    await expect(withToken(forgery)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('whose token has expired is told so', async () => {
    const expired = withToken({ claims: { exp: inSeconds(-60) } });
    await expect(expired).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining('expired'),
    });
  });

  test('needs a signature, and not one made with the public key', async () => {
    const [, payload = ''] = (await token()).split('.');
    const unsigned = `${encode({ alg: 'none' })}.${payload}.`;
    await expect(call({ authorization: `Bearer ${unsigned}` })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    const input = `${encode({ alg: 'HS256', kid: 'k1' })}.${payload}`;
    const pem = createPublicKey(key).export({ type: 'spki', format: 'pem' });
    const hmac = createHmac('sha256', pem).update(input).digest('base64url');
    await expect(call({ authorization: `Bearer ${input}.${hmac}` })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  test.each<IncomingHttpHeaders>([
    {},
    { authorization: 'Bearer' },
    { authorization: 'Bearer x' },
    { authorization: 'Bearer a.b.c' },
    { authorization: 'Basic YWxpY2U6cHc=' },
    { cookie: 'session=a; __session=' },
  ])('who sends %j has to sign in', async (headers) => {
    await expect(call(headers)).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('the __session cookie', () => {
  test('is enough to read', async () => {
    expect(await call({ cookie: `a=b; __session=${await token()}; c=d` })).toBe('alice');
    expect(await call({ cookie: `__session=${await token()}` })).toBe('alice');
  });

  test('is not mistaken for a cookie of a similar name', async () => {
    const cookie = `x__session=${await token()}`;
    await expect(call({ cookie })).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('cannot change anything: a browser adds it to the requests of any page', async () => {
    const cookie = `__session=${await token()}`;
    for (const method of ['POST', 'DELETE']) {
      await expect(call({ cookie }, method)).rejects.toMatchObject({ code: 'unauthenticated' });
    }
  });

  test('is ignored if there is a token', async () => {
    const cookie = `__session=${await token()}`;
    await expect(call({ cookie, authorization: 'Bearer x' })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });
});

describe('an issuer whose keys cannot be fetched', () => {
  const unavailable = { code: 'unavailable' };

  test('does not sign callers out', async () => {
    jwksStatus = undefined;
    await expect(withToken()).rejects.toMatchObject(unavailable);
    jwksStatus = 503;
    await expect(withToken()).rejects.toMatchObject(unavailable);
    jwksStatus = 200;
    expect(await withToken()).toBe('alice');
  });

  test.each(['<html>', '{}'])('and that answers %j does not sign callers out', async (nonsense) => {
    const before = jwks;
    jwks = nonsense;
    try {
      await expect(withToken()).rejects.toMatchObject(unavailable);
    } finally {
      jwks = before;
    }
  });

  test('is not asked again while its keys are known', async () => {
    await withToken();
    jwksStatus = undefined;
    expect(await withToken()).toBe('alice');
  });
});

describe('a task', () => {
  const claims = { email: ACCOUNT, email_verified: true };
  const taskPolicy = (auth: TasksAuth = 'verify') => ({
    ...policy,
    jwksUrl,
    serviceAccount: ACCOUNT,
    auth,
  });
  const asTask = async (headers: IncomingHttpHeaders, auth?: TasksAuth) =>
    createAuthenticateTask(taskPolicy(auth))(headers);

  test('comes from our service account', async () => {
    await asTask({ authorization: `Bearer ${await token({ claims })}` });
  });

  test.each<[string, Forgery]>([
    ['another account', { claims: { ...claims, email: 'other@p.iam.gserviceaccount.com' } }],
    ['an account that only claims to be ours', { claims: { ...claims, email_verified: false } }],
    ['an account without a verified e-mail', { claims: { email: ACCOUNT } }],
    ['a user', {}],
    ['ours, for another service', { claims: { ...claims, aud: 'https://other.run.app' } }],
    ['a forger', { claims, signer: newKey() }],
  ])('does not come from %s', async (_who, forgery) => {
    const task = asTask({ authorization: `Bearer ${await token(forgery)}` });
    await expect(task).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('needs no key of the issuer if Cloud Run has checked its signature', async () => {
    jwksStatus = undefined;
    const authorization = `Bearer ${withoutSignature(await token({ claims }))}`;
    await asTask({ authorization }, 'platform');
    jwksStatus = 200;
    await expect(asTask({ authorization })).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('whose signature was removed must be valid in everything else', async () => {
    const removed = 'SIGNATURE_REMOVED_BY_GOOGLE';
    const payload = (await token({ claims })).split('.')[1];
    for (const text of [
      `x.${payload}.${removed}`,
      `${encode({ typ: 'JWT' })}.${payload}.${removed}`,
      `${encode({ alg: 'none' })}.${payload}.${removed}`,
      `${encode({ alg: 'RS256' })}..${removed}`,
      `${encode({ alg: 'RS256' })}.${encode('text')}.${removed}`,
      `.${payload}.${removed}`,
      `..${removed}`,
    ]) {
      const task = asTask({ authorization: `Bearer ${text}` }, 'platform');
      await expect(task).rejects.toMatchObject({ code: 'unauthenticated' });
    }
  });

  test('has a token, and no cookie', async () => {
    await expect(asTask({})).rejects.toMatchObject({ code: 'unauthenticated' });
    const cookie = `__session=${await token({ claims })}`;
    await expect(asTask({ cookie })).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

test('the issuer is Firebase Authentication unless the operator names another', () => {
  const config = { GOOGLE_CLOUD_PROJECT: 'p', AUTH_JWKS_URL: 'https://keys.example' };
  expect(callerPolicy(config)).toEqual({
    issuer: 'https://securetoken.google.com/p',
    audience: 'p',
    jwksUrl: 'https://keys.example',
  });
  expect(callerPolicy({ ...config, AUTH_ISSUER: 'i', AUTH_AUDIENCE: 'a' })).toMatchObject({
    issuer: 'i',
    audience: 'a',
  });
});
