import { createSign, createVerify } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { accountId, createIdentity, ISSUER } from './identity.ts';

const EMAIL = 'worker@demo.iam.gserviceaccount.com';
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'identity-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

describe('tokens', () => {
  test('a signed token verifies with the published keys and has subject, audience and lifetime', async () => {
    const identity = await createIdentity();
    const token = await identity.sign({ sub: 'alice', audience: 'app', email: 'a@example.com' });
    const { payload } = await jwtVerify(token, createLocalJWKSet(identity.jwks()), {
      issuer: ISSUER,
      audience: 'app',
      algorithms: ['RS256'],
    });
    expect(payload).toMatchObject({ sub: 'alice', email: 'a@example.com', email_verified: true });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3_600);
    expect(decodeProtectedHeader(token).kid).toBe(identity.jwks().keys[0]?.kid);
  });

  test('claims of the caller cannot replace the issuer, the subject or the audience', async () => {
    const identity = await createIdentity();
    const claims = { iss: 'x', sub: 'x', aud: 'x', role: 'tester' };
    const token = await identity.sign({ sub: 'alice', audience: 'app', claims });
    const { payload } = await jwtVerify(token, createLocalJWKSet(identity.jwks()));
    expect(payload).toMatchObject({ iss: ISSUER, sub: 'alice', aud: 'app', role: 'tester' });
  });

  test('the published keys have no private part', async () => {
    const identity = await createIdentity();
    expect(Object.keys(identity.jwks().keys[0] ?? {}).sort()).toEqual([
      'alg',
      'e',
      'kid',
      'kty',
      'n',
      'use',
    ]);
  });

  test('two identities in memory do not accept each other’s tokens', async () => {
    const [one, other] = await Promise.all([createIdentity(), createIdentity()]);
    const token = await one.sign({ sub: 'alice', audience: 'app' });
    await expect(jwtVerify(token, createLocalJWKSet(other.jwks()))).rejects.toThrow();
  });
});

describe('persistence', () => {
  test('tokens and service-account keys survive a restart', async () => {
    const before = await createIdentity({ dataDir });
    const token = await before.sign({ sub: 'alice', audience: 'app' });
    const key = await before.serviceAccountKey(EMAIL);
    const after = await createIdentity({ dataDir });
    await expect(jwtVerify(token, createLocalJWKSet(after.jwks()))).resolves.toBeDefined();
    expect(await after.serviceAccountKey(EMAIL)).toEqual(key);
    expect(after.publicKey(EMAIL)).toBeDefined();
  });

  test('only the owner may read the key file', async () => {
    await createIdentity({ dataDir });
    expect((await stat(join(dataDir, 'identity.json'))).mode & 0o777).toBe(0o600);
  });

  test('a damaged key file is reported, never replaced', async () => {
    await writeFile(join(dataDir, 'identity.json'), '{}');
    await expect(createIdentity({ dataDir })).rejects.toThrow(/signing_key/);
    expect(await readFile(join(dataDir, 'identity.json'), 'utf8')).toBe('{}');
  });

  test('keys that are requested at the same time are all stored, one for each account', async () => {
    const identity = await createIdentity({ dataDir });
    const emails = ['a@x.test', 'b@x.test', 'a@x.test'];
    const keys = await Promise.all(emails.map((email) => identity.serviceAccountKey(email)));
    expect(keys[0]).toEqual(keys[2]);
    const reopened = await createIdentity({ dataDir });
    expect(await Promise.all(emails.map((email) => reopened.serviceAccountKey(email)))).toEqual(
      keys,
    );
  });
});

describe('service accounts', () => {
  test('the public key verifies signatures of the private key', async () => {
    const identity = await createIdentity();
    expect(identity.publicKey(EMAIL)).toBeUndefined();
    const key = await identity.serviceAccountKey(EMAIL);
    const signature = createSign('RSA-SHA256').update('string to sign').sign(key.private_key);
    const publicKey = identity.publicKey(EMAIL);
    expect(
      publicKey && createVerify('RSA-SHA256').update('string to sign').verify(publicKey, signature),
    ).toBe(true);
    expect(key).toMatchObject({ type: 'service_account', project_id: 'demo', client_email: EMAIL });
  });

  test('an account number is 21 digits and stays the same', () => {
    expect(accountId(EMAIL)).toMatch(/^1\d{20}$/);
    expect(accountId(EMAIL)).toBe(accountId(EMAIL));
    expect(accountId(EMAIL)).not.toBe(accountId(`x${EMAIL}`));
  });
});
