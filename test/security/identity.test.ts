/** Who gets in: a token counts only if it is signed by the issuer, for this service, for now. */
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportSPKI, type JWTPayload, SignJWT } from 'jose';
import { routesOf } from '../../deploy/check/routes.ts';
import { createIdentity } from '../../local-cloud/identity/identity.ts';
import {
  type LoneUnit,
  PROJECT,
  startLoneUnit,
  TASKS_ACCOUNT,
  WORKER_URL,
} from '../support/lone-unit.ts';

let worker: LoneUnit;
/** As it is deployed: behind Cloud Run, which takes the signatures away that it has checked. */
let deployed: LoneUnit;
let api: LoneUnit;
let stream: LoneUnit;
beforeAll(async () => {
  [worker, deployed, api, stream] = await Promise.all([
    startLoneUnit('worker'),
    startLoneUnit('worker', { TASKS_AUTH: 'platform' }),
    startLoneUnit('api'),
    startLoneUnit('stream'),
  ]);
});
afterAll(() => Promise.all([worker, deployed, api, stream].map((unit) => unit.close())));

const ROUTES = routesOf();

type Token = (unit: LoneUnit, claims: Claims) => Promise<string>;
interface Claims {
  sub: string;
  audience: string;
  email?: string;
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Claims that are right in all but what a forger cannot do. */
function payloadOf({ identity }: LoneUnit, { sub, audience, email }: Claims): JWTPayload {
  const now = Math.floor(Date.now() / 1_000);
  const owner = email === undefined ? {} : { email, email_verified: true };
  return { iss: identity.issuer, sub, aud: audience, iat: now, exp: now + 600, ...owner };
}

const keyIdOf = ({ identity }: LoneUnit) => identity.jwks().keys[0]?.kid ?? '';

const genuine: Token = ({ identity }, claims) => identity.sign(claims);

/** Signed with the right key, and wrong in what is given alone. */
const signedWith =
  (wrong: Record<string, unknown>): Token =>
  (unit, claims) =>
    new SignJWT({ ...payloadOf(unit, claims), ...wrong })
      .setProtectedHeader({ alg: 'RS256', kid: keyIdOf(unit) })
      .sign(unit.signingKey);

const FORGERIES: [string, Token][] = [
  ['text that is no token', async () => 'abc.def.ghi'],
  [
    'one of another audience',
    ({ identity }, c) => identity.sign({ ...c, audience: 'https://x.y' }),
  ],
  ['one of another issuer', signedWith({ iss: 'https://other.example' })],
  ['one that names no issuer', signedWith({ iss: undefined })],
  ['one that is for nobody', signedWith({ aud: undefined })],
  ['one that has expired', ({ identity }, c) => identity.sign({ ...c, expiresInS: -60 })],
  ['one that never expires', signedWith({ exp: undefined })],
  ['one that is not valid yet', signedWith({ nbf: Math.floor(Date.now() / 1_000) + 600 })],
  ['one with another key', async (_unit, claims) => (await createIdentity()).sign({ ...claims })],
  [
    'one with another key that borrows the name of the right one',
    async (unit, claims) => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
      return new SignJWT(payloadOf(unit, claims))
        .setProtectedHeader({ alg: 'RS256', kid: keyIdOf(unit) })
        .sign(privateKey);
    },
  ],
  [
    'one with alg none',
    async (unit, claims) => `${base64url({ alg: 'none' })}.${base64url(payloadOf(unit, claims))}.`,
  ],
  [
    'one whose secret is the public key',
    async (unit, claims) => {
      const jwk = unit.identity.jwks().keys[0] ?? {};
      const publicKey = createPublicKey({ key: { ...jwk }, format: 'jwk' });
      const header = base64url({ alg: 'HS256', kid: keyIdOf(unit) });
      const signed = `${header}.${base64url(payloadOf(unit, claims))}`;
      const secret = await exportSPKI(publicKey);
      return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
    },
  ],
  [
    'one whose claims were changed after signing',
    async (unit, claims) => {
      const [header, , signature] = (await unit.identity.sign({ ...claims, sub: 'x' })).split('.');
      return `${header}.${base64url(payloadOf(unit, claims))}.${signature}`;
    },
  ],
];

describe('the worker', () => {
  const task: Claims = { sub: '1', audience: WORKER_URL, email: TASKS_ACCOUNT };
  const routes = ROUTES.worker.map(({ path }) => path);
  const call = (path: string, headers: Record<string, string>, unit = worker) =>
    fetch(`${unit.url}${path}`, { method: 'POST', headers, body: '{}' });

  test('takes a task of Cloud Tasks', async () => {
    for (const make of [genuine, signedWith({})]) {
      const token = await make(worker, task);
      const response = await call('/tasks/upload-media', { Authorization: `Bearer ${token}` });
      // Let in, and then told that this is no task.
      expect(response.status).toBe(400);
    }
  });

  test.each(routes)('refuses whoever has no token: %s', async (path) => {
    expect((await call(path, {})).status).toBe(401);
    const cookie = `__session=${await genuine(worker, task)}`;
    expect((await call(path, { Cookie: cookie })).status).toBe(401);
  });

  const others: [string, Token][] = [
    [
      'one of another service account',
      ({ identity }, c) =>
        identity.sign({ ...c, email: `other@${PROJECT}.iam.gserviceaccount.com` }),
    ],
    [
      'one whose address was never verified',
      ({ identity }, { sub, audience }) =>
        identity.sign({ sub, audience, claims: { email: TASKS_ACCOUNT, email_verified: false } }),
    ],
    [
      'one of a user',
      ({ identity }) => identity.sign({ sub: 'alice', audience: PROJECT, email: TASKS_ACCOUNT }),
    ],
  ];
  test.each([...FORGERIES, ...others])('refuses %s', async (_title, make) => {
    const token = await make(worker, task);
    for (const path of routes) {
      const response = await call(path, { Authorization: `Bearer ${token}` });
      expect(response.status).toBe(401);
    }
  });

  /** As Cloud Run hands it on. */
  const checked = (token: string) => token.replace(/[^.]*$/, 'SIGNATURE_REMOVED_BY_GOOGLE');

  test('behind Cloud Run takes a task whose signature was checked there', async () => {
    for (const token of [await genuine(deployed, task), checked(await genuine(deployed, task))]) {
      const headers = { Authorization: `Bearer ${token}` };
      expect((await call('/tasks/upload-media', headers, deployed)).status).toBe(400);
    }
  });

  test('by itself refuses a task without a signature, whoever says that it was checked', async () => {
    const Authorization = `Bearer ${checked(await genuine(worker, task))}`;
    for (const path of routes) expect((await call(path, { Authorization })).status).toBe(401);
  });

  test('behind Cloud Run refuses what Cloud Run did not check: it looked at another header', async () => {
    const Authorization = `Bearer ${checked(await genuine(deployed, task))}`;
    const other = checked(await genuine(deployed, { ...task, email: 'other@example.com' }));
    const headers = { Authorization, 'X-Serverless-Authorization': `Bearer ${other}` };
    for (const path of routes) expect((await call(path, headers, deployed)).status).toBe(401);
  });

  test.each([...FORGERIES, ...others])('behind Cloud Run refuses %s', async (_title, make) => {
    const Authorization = `Bearer ${await make(deployed, task)}`;
    for (const path of routes) {
      expect((await call(path, { Authorization }, deployed)).status).toBe(401);
    }
  });

  test.each([
    '',
    'signature_removed_by_google',
    'SIGNATURE_REMOVED',
    'AAAA',
    'SIGNATURE_REMOVED_BY_GOOGLE.x.y',
  ])('behind Cloud Run refuses one with "%s" in the place of its signature', async (text) => {
    const token = (await genuine(deployed, task)).replace(/[^.]*$/, text);
    const Authorization = `Bearer ${token}`;
    for (const path of routes) {
      expect((await call(path, { Authorization }, deployed)).status).toBe(401);
    }
  });

  /** What is wrong with these is in the claims or the header, so that no signature is needed to see it. */
  const seenInClaims = FORGERIES.filter(([title]) => !/another key|changed after/.test(title));
  test.each([...seenInClaims, ...others])(
    'behind Cloud Run refuses, with its signature checked, %s',
    async (_title, make) => {
      const Authorization = `Bearer ${checked(await make(deployed, task))}`;
      for (const path of routes) {
        expect((await call(path, { Authorization }, deployed)).status).toBe(401);
      }
    },
  );
});

describe('the api', () => {
  const alice: Claims = { sub: 'alice', audience: PROJECT };
  // Refused for its limit by whoever is let in, before any service is needed.
  const call = (headers: Record<string, string>) =>
    fetch(`${api.url}/api/media?limit=0`, { headers });

  test('takes a token of its issuer, as a header or as the cookie', async () => {
    for (const make of [genuine, signedWith({})]) {
      const token = await make(api, alice);
      expect((await call({ Authorization: `Bearer ${token}` })).status).toBe(400);
      expect((await call({ Cookie: `a=b; __session=${token}` })).status).toBe(400);
    }
  });

  test('takes no token from its address', async () => {
    const token = await genuine(api, alice);
    for (const name of ['token', 'access_token', 'authorization', '__session']) {
      expect((await fetch(`${api.url}/api/media?limit=0&${name}=${token}`)).status).toBe(401);
    }
  });

  test.each([
    ...FORGERIES,
    [
      'one that says its signature was checked',
      async (unit: LoneUnit, claims: Claims) =>
        (await genuine(unit, claims)).replace(/[^.]*$/, 'SIGNATURE_REMOVED_BY_GOOGLE'),
    ],
  ] as [string, Token][])('refuses %s', async (_title, make) => {
    const token = await make(api, alice);
    expect((await call({ Authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await call({ Cookie: `__session=${token}` })).status).toBe(401);
  });

  const writing = ROUTES.api.filter(({ method }) => method !== 'GET');
  test.each(writing)(
    'changes nothing for the cookie alone, which any page can make a browser send: $method $path',
    async ({ method, path }) => {
      const body = new FormData();
      body.append('files', new File(['x'], 'a.txt'));
      const headers = { Cookie: `__session=${await genuine(api, alice)}` };
      const init = { method, headers, ...(method === 'POST' && { body }) };
      expect((await fetch(addressOf(api, path), init)).status).toBe(401);
    },
  );
});

const addressOf = (unit: LoneUnit, path: string) => unit.url + path.replaceAll(/:\w+/g, 'abc');

describe.each(['api', 'worker', 'stream'] as const)('each route of the %s', (name) => {
  const unit = () => ({ api, worker, stream })[name];

  test.each(ROUTES[name])(
    'refuses whoever has no token: $method $path',
    async ({ method, path }) => {
      const response = await fetch(addressOf(unit(), path), { method });
      expect(response.status).toBe(401);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'www-authenticate': 'Bearer',
        'content-type': expect.stringContaining('application/problem+json'),
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
    },
  );

  // The unit that runs says which methods an address has, if it is asked by another one.
  test('is a route of the unit that runs, and there is no other one at its address', async () => {
    for (const { path } of ROUTES[name]) {
      const url = addressOf(unit(), path);
      const known = ROUTES[name].filter((each) =>
        new URLPattern({ pathname: each.path }).test(url),
      );
      const response = await fetch(url, { method: 'PUT' });
      const methods = known.flatMap(({ method }) =>
        method === 'GET' && name !== 'stream' ? ['GET', 'HEAD'] : [method],
      );
      expect(response.headers.get('allow')).toBe([...new Set(methods)].join(', '));
    }
  });
});
