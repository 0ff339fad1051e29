/** Who may invoke the worker, and signatures of a service account without its key. */
import { createPrivateKey, sign } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Identity } from '../../../local/identity/identity.ts';
import { type AccountHandler, sendJson } from './https.ts';
import { accountOf, WORKER_URL } from './project.ts';

/** Cloud Run lets nobody through to a private service but the account that may invoke it. */
export async function mayInvoke(google: Identity, authorization = ''): Promise<boolean> {
  const token = authorization.replace(/^Bearer /, '');
  const options = { issuer: google.issuer, audience: WORKER_URL };
  const verified = await jwtVerify(token, createLocalJWKSet(google.jwks()), options).catch(
    () => undefined,
  );
  return verified?.payload.email === accountOf('tasks');
}

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
