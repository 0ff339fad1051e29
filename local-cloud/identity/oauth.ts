/** The OAuth 2.0 JWT-bearer grant (RFC 7523): a service account exchanges a signed assertion for a token. */
import { decodeJwt, jwtVerify } from 'jose';
import { accountId, type Identity } from './identity.ts';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** Google's libraries use this URL as the audience of their assertions, whatever the key's `token_uri` is. */
const GOOGLE_TOKEN_URI = 'https://oauth2.googleapis.com/token';
const LIFETIME_S = 3_600;

/** RFC 6749 §5.2. */
export interface TokenError {
  error: 'invalid_request' | 'unsupported_grant_type' | 'invalid_grant';
  error_description: string;
}

export type TokenAnswer =
  | { access_token: string; token_type: 'Bearer'; expires_in: number }
  | { id_token: string }
  | TokenError;

/**
 * Returns an access token, or an ID token if the assertion has a `target_audience` claim, as Google does.
 * @param tokenUri URL of this endpoint, which assertions may have as their audience
 */
export async function exchangeAssertion(
  identity: Identity,
  form: URLSearchParams,
  tokenUri: string,
): Promise<TokenAnswer> {
  if (form.get('grant_type') !== GRANT_TYPE) {
    return {
      error: 'unsupported_grant_type',
      error_description: `grant_type is not ${GRANT_TYPE}`,
    };
  }
  const assertion = form.get('assertion');
  if (!assertion) return { error: 'invalid_request', error_description: 'assertion is missing' };

  try {
    const email = decodeJwt(assertion).iss ?? '';
    const key = identity.publicKey(email);
    if (!key) return { error: 'invalid_grant', error_description: `no such account: ${email}` };
    const { payload } = await jwtVerify(assertion, key, {
      algorithms: ['RS256'],
      audience: [tokenUri, GOOGLE_TOKEN_URI],
      requiredClaims: ['exp'],
    });
    const subject = { sub: accountId(email), email, expiresInS: LIFETIME_S };
    if (typeof payload.target_audience === 'string') {
      const claims = { azp: subject.sub };
      const audience = payload.target_audience;
      return { id_token: await identity.sign({ ...subject, audience, claims }) };
    }
    const claims = { scope: payload.scope ?? '' };
    const token = await identity.sign({ ...subject, audience: identity.issuer, claims });
    return { access_token: token, token_type: 'Bearer', expires_in: LIFETIME_S };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { error: 'invalid_grant', error_description: reason };
  }
}
