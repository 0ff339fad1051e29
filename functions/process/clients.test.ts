import { Storage } from '@google-cloud/storage';
import { expect, test } from '@jest/globals';
import { GoogleAuth, OAuth2Client } from 'google-auth-library';

/** Counts requests instead of asking a metadata server or a signer. */
class CountedAuth extends GoogleAuth {
  asked = 0;
  override async getCredentials() {
    this.asked++;
    return { client_email: 'api@project.iam.gserviceaccount.com' };
  }
  override async request() {
    return { data: { signedBlob: 'c2lnbmVk' } } as never;
  }
}

// If this fails, the client remembers the account's name. Then remove the workaround for `getCredentials` in `googleAuth`.
test('still needed: for each address that it signs, the client asks twice for the name of the account', async () => {
  const authClient = new CountedAuth({ authClient: new OAuth2Client() });
  const file = new Storage({ authClient, projectId: 'project' }).bucket('media').file('original');
  const sign = () =>
    file.getSignedUrl({ version: 'v4', action: 'read', expires: Date.now() + 60_000 });
  await sign();
  expect(authClient.asked).toBe(2);
  await sign();
  expect(authClient.asked).toBe(4);
});
