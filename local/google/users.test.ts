import { expect, test } from '@jest/globals';
import { createIdentity } from '@media-analysis/local-cloud';
import { createLocalJWKSet, jwtVerify, UnsecuredJWT } from 'jose';
import { createEmulatorUsers } from './users.ts';

test('the token gets a new signer and keeps the claims of the user', async () => {
  const identity = await createIdentity();
  const options = { project: 'demo-x', audience: 'app', identity };
  const users = createEmulatorUsers(options);
  const exp = Math.floor(Date.now() / 1_000) + 1_800;
  const claims = {
    iss: 'https://securetoken.google.com/demo-x',
    aud: 'demo-x',
    sub: 'u1',
    email: 'a@example.com',
    email_verified: false,
    plan: 'pro',
    exp,
  };
  const token = new UnsecuredJWT(claims).encode();
  const headers = { authorization: `Bearer ${token}` };
  await users.exchange(headers);
  const { payload } = await jwtVerify(
    headers.authorization.replace('Bearer ', ''),
    createLocalJWKSet(identity.jwks()),
    { issuer: identity.issuer, audience: 'app', algorithms: ['RS256'] },
  );
  expect(payload).toMatchObject({
    sub: 'u1',
    email: 'a@example.com',
    email_verified: false,
    plan: 'pro',
  });
  expect(Math.abs((payload.exp ?? 0) - exp)).toBeLessThanOrEqual(1);
});
