import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { TokenRequest } from '../identity/identity.ts';
import { createAuthorizer } from './authorization.ts';
import type { Authorization } from './model.ts';

const oidc: Authorization = { kind: 'oidc', email: 'a@b.test', audience: 'http://worker.test' };
const HALF_AN_HOUR = 1_800_000;
let signed: TokenRequest[];

const identity = {
  issuer: 'issuer',
  sign: async (request: TokenRequest) => `token-${signed.push(request)}`,
};

beforeEach(() => {
  jest.useFakeTimers();
  signed = [];
});
afterEach(() => {
  jest.useRealTimers();
});

test('only tasks with the same account and audience share a token', async () => {
  const authorize = createAuthorizer(identity);
  const all = await Promise.all([
    authorize(oidc),
    authorize({ ...oidc }),
    authorize({ ...oidc, audience: 'other' }),
    authorize({ kind: 'oauth', email: oidc.email, scope: 'x' }),
  ]);
  expect(all).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2', 'Bearer token-3']);
});

test('a token that could expire before the deadline is not reused', async () => {
  const authorize = createAuthorizer(identity);
  let signedAt = Number.NaN;
  for (let minute = 0; minute < 180; minute++) {
    const before = signed.length;
    await authorize(oidc);
    if (signed.length > before) signedAt = Date.now();
    const expiresAt = signedAt + (signed.at(-1)?.expiresInS ?? 0) * 1_000;
    expect(expiresAt - Date.now()).toBeGreaterThanOrEqual(HALF_AN_HOUR);
    jest.advanceTimersByTime(60_000);
  }
  expect(signed.length).toBeGreaterThan(1);
  expect(signed.length).toBeLessThan(10);
});

test('a failed signature is not cached', async () => {
  let calls = 0;
  const authorize = createAuthorizer({
    issuer: 'issuer',
    sign: async () => {
      if (++calls === 1) throw new Error('not now');
      return 'token';
    },
  });
  await expect(authorize(oidc)).rejects.toThrow('not now');
  await expect(authorize(oidc)).resolves.toBe('Bearer token');
});
