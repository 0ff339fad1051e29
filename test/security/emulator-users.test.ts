/**
 * Google's Auth emulator signs nothing, so whoever can write can write its tokens. They count where the
 * product was started for that emulator, for the page of this machine, and nowhere else.
 */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { UnsecuredJWT } from 'jose';
import { type Stack, startStack } from '../support/stack.ts';

const PROJECT = 'demo-media-analysis';

let usual: Stack;
let forEmulator: Stack;
beforeAll(async () => {
  [usual, forEmulator] = await Promise.all([
    startStack({ project: PROJECT }),
    // Nobody asks the emulator for anything here: its tokens are read, not asked about.
    startStack({ project: PROJECT, authEmulator: '127.0.0.1:9' }),
  ]);
});
afterAll(() => Promise.all([usual.close(), forEmulator.close()]));

interface Claims {
  issuer?: string;
  project?: string;
  expires?: string;
  sub?: string;
}

/** As that emulator makes them. */
function unsigned({
  issuer = `https://securetoken.google.com/${PROJECT}`,
  project = PROJECT,
  expires = '1h',
  sub = 'alice',
}: Claims = {}): string {
  return new UnsecuredJWT({ email: 'alice@example.com', email_verified: false, user_id: sub })
    .setIssuer(issuer)
    .setAudience(project)
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime(expires)
    .encode();
}

/** What no library would write. */
function written({
  sub = '"alice"',
  exp = '4e9',
}: {
  sub?: string | number;
  exp?: string;
}): string {
  const issuer = `https://securetoken.google.com/${PROJECT}`;
  const payload = `{"iss":"${issuer}","aud":"${PROJECT}","sub":${sub},"exp":${exp}}`;
  return [`{"alg":"none"}`, payload, '']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
}

/** `fetch` does not let its caller say who the host is; a page behind a name of its own can. */
function statusFor(stack: Stack, headers: Record<string, string>, path = '/api/media') {
  return new Promise<number | undefined>((resolve, reject) => {
    const { host, port } = new URL(stack.url);
    const options = { host: '127.0.0.1', port, path, headers: { Host: host, ...headers } };
    const call = request(options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on('error', reject).end();
  });
}
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

describe('started as usual', () => {
  test('an unsigned token is refused, in a header and in the cookie', async () => {
    expect(await statusFor(usual, bearer(unsigned()))).toBe(401);
    expect(await statusFor(usual, { Cookie: `__session=${unsigned()}` })).toBe(401);
  });

  test('nobody is asked to sign in', async () => {
    expect(await (await fetch(`${usual.url}/config.json`)).json()).toEqual({});
  });
});

describe('started for the Auth emulator', () => {
  test('its user may call, by a header and to read by the cookie', async () => {
    expect(await statusFor(forEmulator, bearer(unsigned()))).toBe(200);
    expect(await statusFor(forEmulator, { Cookie: `a=1; __session=${unsigned()}; b=2` })).toBe(200);
  });

  test('nobody acts without a token', async () => {
    expect(await statusFor(forEmulator, {})).toBe(401);
  });

  test('a stream knows the user as well', async () => {
    const path = '/api/agent/analyze-media/stream?ids=nothing';
    expect(await statusFor(forEmulator, bearer(unsigned()), path)).toBe(404);
    expect(await statusFor(forEmulator, {}, path)).toBe(401);
  });

  test.each([
    ['a page of another site', { Origin: 'https://evil.example' }],
    ['a name that was pointed here', { Host: 'evil.example' }],
  ])('an unsigned token is refused from %s', async (_title, headers) => {
    expect(await statusFor(forEmulator, { ...bearer(unsigned()), ...headers })).toBe(401);
  });

  test.each([
    ['of another project', unsigned({ project: 'demo-other' })],
    ['of another issuer', unsigned({ issuer: 'https://securetoken.google.com/demo-other' })],
    ['that has expired', unsigned({ expires: '-1m' })],
    ['of nobody', unsigned({ sub: '' })],
    ['whose user is a number', written({ sub: 7 })],
    ['that never ends', written({ exp: '1e999' })],
    ['with something for a signature', `${unsigned()}c2lnbmF0dXJl`],
  ])('an unsigned token is refused %s', async (_title, token) => {
    expect(await statusFor(forEmulator, bearer(token))).toBe(401);
  });

  test('the page signs its users in there, and may ask it alone', async () => {
    const response = await fetch(`${forEmulator.url}/config.json`);
    const identity_url = 'http://127.0.0.1:9/identitytoolkit.googleapis.com';
    expect(await response.json()).toMatchObject({ sign_in: { identity_url, sign_up: true } });
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/connect-src 'self' \S+ http:\/\/127\.0\.0\.1:9;/);
  });
});
