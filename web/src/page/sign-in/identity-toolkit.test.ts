import { describe, expect, test } from '@jest/globals';
import { identityToolkit } from './identity-toolkit.ts';

const CONFIG = {
  api_key: 'key',
  identity_url: 'https://identity.example',
  token_url: 'https://token.example',
  sign_up: true,
};

/** Of a project that answers each call in this way. */
const toolkit = (status: number, body: object) =>
  identityToolkit(CONFIG, 'en', async () => Response.json(body, { status }));

describe('a mail for a forgotten password', () => {
  const send = (status: number, body: object) =>
    toolkit(status, body).sendResetMail('a@example.com', 'https://page.example/');

  test('is answered alike for an address with an account and for one without', async () => {
    const known = { email: 'a@example.com', requestType: 'PASSWORD_RESET' };
    expect(await send(200, known)).toBeUndefined();
    // Of a project without "email enumeration protection".
    expect(await send(400, { error: { message: 'EMAIL_NOT_FOUND' } })).toBeUndefined();
  });

  test('that could not be sent says so', async () => {
    await expect(send(503, {})).rejects.toMatchObject({ code: 'unavailable' });
    const limit = { error: { message: 'RESET_PASSWORD_EXCEED_LIMIT' } };
    await expect(send(400, limit)).rejects.toMatchObject({ code: 'too_many_tries' });
  });
});
