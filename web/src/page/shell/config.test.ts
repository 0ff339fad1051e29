import { expect, test } from '@jest/globals';
import { pageConfigSchema } from '@media-analysis/shared/page-config';
import { readSignIn } from '../sign-in/config.ts';
import { asPageConfig, loadConfig } from './config.ts';

const SIGN_IN = {
  api_key: 'key',
  identity_url: 'https://identitytoolkit.googleapis.com',
  token_url: 'https://securetoken.googleapis.com/',
  sign_up: true,
};

test.each([
  [{}],
  [{ api_url: 'https://api.example.com/' }],
  [{ stream_url: 'http://127.0.0.1:8080', unknown: 1 }],
  [{ sign_in: SIGN_IN }],
  [{ sign_in: { ...SIGN_IN, google_client_id: 'client', unknown: 1 } }],
  [null],
  [[]],
  ['{}'],
  [{ api_url: 1 }],
  [{ api_url: '' }],
  [{ api_url: '/api' }],
  [{ stream_url: 'javascript:alert(1)' }],
  [{ sign_in: null }],
  [{ sign_in: [] }],
  [{ sign_in: { ...SIGN_IN, api_key: '' } }],
  [{ sign_in: { ...SIGN_IN, identity_url: 'ftp://example.com' } }],
  [{ sign_in: { ...SIGN_IN, token_url: undefined } }],
  [{ sign_in: { ...SIGN_IN, google_client_id: 1 } }],
  [{ sign_in: { ...SIGN_IN, sign_up: 'yes' } }],
])('the page reads %j as the schema does', (value) => {
  const read = () => {
    try {
      const { sign_in, ...addresses } = asPageConfig(value);
      return { ...addresses, ...(sign_in !== undefined && { sign_in: readSignIn(sign_in) }) };
    } catch {
      return 'refused';
    }
  };
  expect(read()).toEqual(pageConfigSchema.safeParse(value).data ?? 'refused');
});

test.each([
  ['no answer', () => Promise.reject(new TypeError('fetch failed')), 'unavailable'],
  ['an error', async () => new Response('', { status: 503 }), 'unavailable'],
  ['no JSON', async () => new Response('<html>'), 'internal'],
  ['another shape', async () => new Response('{"api_url":1}'), 'internal'],
])('settings that cannot be read (%s) are an error for a person', async (_, fetch, code) => {
  await expect(loadConfig(fetch)).rejects.toMatchObject({ name: 'MediaClientError', code });
});

test('so are those of a sign-in', () => {
  const read = () => readSignIn(1);
  expect(read).toThrow(expect.objectContaining({ name: 'MediaClientError', code: 'internal' }));
});
