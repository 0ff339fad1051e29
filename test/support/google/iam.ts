/** Signatures of a service account for who has no key of it. */
import { createPrivateKey, sign } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import type { Identity } from '../../../local-cloud/identity/identity.ts';
import { type AccountHandler, sendJson } from './https.ts';

/** https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob */
export function signBlob(google: Identity): AccountHandler {
  const bodySchema = z.object({ payload: z.base64() });
  return async (request, response, account) => {
    const expected = `/v1/projects/-/serviceAccounts/${account}:signBlob`;
    if (request.method !== 'POST' || request.url !== expected) {
      request.resume();
      return sendJson(response, { error: { code: 403, status: 'PERMISSION_DENIED' } }, 403);
    }
    const { payload } = bodySchema.parse(await json(request));
    const { private_key, private_key_id } = await google.serviceAccountKey(account);
    const signature = sign(
      'RSA-SHA256',
      Buffer.from(payload, 'base64'),
      createPrivateKey(private_key),
    );
    sendJson(response, { keyId: private_key_id, signedBlob: signature.toString('base64') });
  };
}
