import { createPrivateKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { JWT } from 'google-auth-library';
import { createRemoteJWKSet, jwtVerify, SignJWT } from 'jose';
import { createIdentity, type Identity } from './identity.ts';
import { type RunningIdentity, startIdentity } from './server.ts';

const EMAIL = 'worker@demo.iam.gserviceaccount.com';
let identity: Identity;
let server: RunningIdentity;
let baseUrl: string;

beforeAll(async () => {
  identity = await createIdentity();
  server = await startIdentity({ identity, userAudience: 'app' });
  baseUrl = `http://${server.host}:${server.port}`;
});
afterAll(() => server.close());

function post(path: string, body: string | URLSearchParams): Promise<Response> {
  return fetch(baseUrl + path, { method: 'POST', body });
}

describe('discovery', () => {
  test('the discovery document has the issuer and the address of its keys', async () => {
    const response = await fetch(`${baseUrl}/.well-known/openid-configuration`);
    expect(await response.json()).toMatchObject({
      issuer: identity.issuer,
      jwks_uri: `${baseUrl}/jwks`,
      token_endpoint: server.tokenUri,
    });
  });

  test('keys may be cached', async () => {
    const response = await fetch(server.jwksUri);
    expect(response.headers.get('cache-control')).toBe('public, max-age=3600');
  });
});

describe('POST /local/token', () => {
  test('signs a token for any requested user, for the given audience', async () => {
    const response = await post('/local/token', '{"sub":"alice","email":"alice@example.com"}');
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { token, expires_in } = (await response.json()) as { token: string; expires_in: number };
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(server.jwksUri)), {
      issuer: identity.issuer,
      audience: 'app',
    });
    expect(payload).toMatchObject({ sub: 'alice', email: 'alice@example.com' });
    expect(expires_in).toBe((payload.exp ?? 0) - (payload.iat ?? 0));
  });

  test.each([
    ['sub of 128 characters', JSON.stringify({ sub: 'a'.repeat(128) }), 200, undefined],
    ['sub of 129 characters', JSON.stringify({ sub: 'a'.repeat(129) }), 400, 'invalid_request'],
    ['empty sub', '{"sub":""}', 400, 'invalid_request'],
    ['no sub', '{}', 400, 'invalid_request'],
    ['sub that is no string', '{"sub":7}', 400, 'invalid_request'],
    ['email that is none', '{"sub":"a","email":"nope"}', 400, 'invalid_request'],
    ['no JSON', 'sub=alice', 400, 'malformed_body'],
    ['no body', '', 400, 'malformed_body'],
    ['a body without end', 'x'.repeat(300_000), 413, 'body_too_large'],
  ])('%s', async (_title, body, status, code) => {
    const response = await post('/local/token', body);
    expect(response.status).toBe(status);
    if (code === undefined) return;
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ status, code, detail: expect.any(String) });
  });
});

describe('routing', () => {
  test.each(['/nothing', '/', '/local/token/x'])('%s is a 404 problem', async (path) => {
    const response = await fetch(baseUrl + path);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ status: 404, code: 'not_found' });
  });

  test('another method is a 405 problem that names the right one', async () => {
    const response = await fetch(`${baseUrl}/local/token`);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });
});

describe('POST /token', () => {
  const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

  /** Google's client has a fixed token URL. The interceptor sends its requests to our server. */
  async function googleClient(): Promise<JWT> {
    const key = await identity.serviceAccountKey(EMAIL, server.tokenUri);
    const client = new JWT({
      email: key.client_email,
      key: key.private_key,
      scopes: ['https://www.googleapis.com/auth/cloud-platform'],
    });
    client.transporter.interceptors.request.add({
      resolved: async (config) => ({ ...config, url: new URL(server.tokenUri) }),
    });
    return client;
  }

  test('Google’s auth library gets an access token with the key', async () => {
    const { token } = await (await googleClient()).getAccessToken();
    const { payload } = await jwtVerify(token ?? '', createRemoteJWKSet(new URL(server.jwksUri)));
    expect(payload).toMatchObject({
      email: EMAIL,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    });
  });

  test('Google’s auth library gets an ID token for the audience it names', async () => {
    const token = await (await googleClient()).fetchIdToken('https://worker.example');
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(server.jwksUri)), {
      audience: 'https://worker.example',
    });
    expect(payload).toMatchObject({ email: EMAIL, email_verified: true });
  });

  async function exchange(form: Record<string, string>): Promise<unknown> {
    const response = await post('/token', new URLSearchParams(form));
    expect(response.status).toBe(400);
    return response.json();
  }

  async function assertion(issuer: string, audience: string, expires: string): Promise<string> {
    const key = await identity.serviceAccountKey(EMAIL);
    return new SignJWT()
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime(expires)
      .sign(createPrivateKey(key.private_key));
  }

  test('an account without a key, a foreign audience, an expired and a forged assertion are refused', async () => {
    const refused: [string, RegExp][] = [
      [
        await assertion('nobody@demo.iam.gserviceaccount.com', server.tokenUri, '1h'),
        /no such account/,
      ],
      [await assertion(EMAIL, 'https://elsewhere.example', '1h'), /"aud"/],
      [await assertion(EMAIL, server.tokenUri, '-1h'), /"exp"/],
      [
        `${(await assertion(EMAIL, server.tokenUri, '1h')).slice(0, -20)}${'A'.repeat(20)}`,
        /signature/,
      ],
      ['rubbish', /JWT/],
    ];
    for (const [token, reason] of refused) {
      const answer = await exchange({ grant_type: grantType, assertion: token });
      expect(answer).toEqual({
        error: 'invalid_grant',
        error_description: expect.stringMatching(reason),
      });
    }
  });

  test('a request that is not JWT-bearer gets an error that says so', async () => {
    expect(await exchange({ grant_type: 'password' })).toMatchObject({
      error: 'unsupported_grant_type',
    });
    expect(await exchange({ grant_type: grantType })).toMatchObject({ error: 'invalid_request' });
  });
});
