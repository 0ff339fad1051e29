import { beforeEach, describe, expect, test } from '@jest/globals';
import { beginGoogle, finishGoogle, type Memory } from './google.ts';

const ORIGIN = 'https://photos.example.com';

let kept: Map<string, string>;
let memory: Memory;
let query: URLSearchParams;
beforeEach(() => {
  kept = new Map();
  memory = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
  query = new URL(beginGoogle('client', 'ja', ORIGIN, memory)).searchParams;
});

const tokenWith = (claims: object) =>
  `header.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;
const finish = (answer: Record<string, string>) =>
  finishGoogle(`#${new URLSearchParams(answer)}`, memory);

test('asks Google for an ID token alone, and to come back to this page', () => {
  expect(Object.fromEntries(query)).toMatchObject({
    client_id: 'client',
    redirect_uri: `${ORIGIN}/`,
    response_type: 'id_token',
    scope: 'openid email profile',
    hl: 'ja',
  });
});

describe('the way back', () => {
  const state = () => query.get('state') ?? '';
  const nonce = () => query.get('nonce') ?? '';

  test('gives the token, once', () => {
    const id_token = tokenWith({ nonce: nonce(), name: 'Zoë 東京' });
    const answer = { id_token, state: state() };
    expect(finish(answer)).toBe(id_token);
    expect(() => finish(answer)).toThrow(expect.objectContaining({ code: 'google_failed' }));
  });

  test('is no answer if the page was opened in another way', () => {
    expect(finish({})).toBeUndefined();
    expect(finishGoogle('', memory)).toBeUndefined();
  });

  test.each([
    ['of another attempt', () => ({ id_token: tokenWith({ nonce: nonce() }), state: 'x' })],
    ['with the token of another', () => ({ id_token: tokenWith({ nonce: 'x' }), state: state() })],
    ['with a token that cannot be read', () => ({ id_token: 'x', state: state() })],
    ['without a token', () => ({ state: state() })],
    ['with an error', () => ({ error: 'server_error', state: state() })],
  ])('%s is refused', (_, answer) => {
    const given = answer();
    expect(() => finish(given)).toThrow(expect.objectContaining({ code: 'google_failed' }));
  });

  test('of a person who went back says so', () => {
    const answer = { error: 'access_denied', state: state() };
    expect(() => finish(answer)).toThrow(expect.objectContaining({ code: 'google_cancelled' }));
  });
});
