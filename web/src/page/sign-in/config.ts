/** The settings of the sign-in: `sign_in` of `/config.json`. */
import type { SignInConfig } from '@media-analysis/shared/page-config';
import { address, isRecord, text, unreadable } from '../shell/config.ts';

/** @throws {MediaClientError} `internal` if the value has another shape */
export function readSignIn(value: unknown): SignInConfig {
  try {
    return asSignInConfig(value);
  } catch (cause) {
    throw unreadable(cause);
  }
}

function asSignInConfig(value: unknown): SignInConfig {
  if (!isRecord(value)) throw new TypeError('sign_in is no object.');
  const { api_key, identity_url, token_url, google_client_id: client, sign_up } = value;
  if (typeof sign_up !== 'boolean') throw new TypeError('sign_in.sign_up is not true or false.');
  return {
    api_key: text('sign_in.api_key', api_key),
    identity_url: address('sign_in.identity_url', identity_url),
    token_url: address('sign_in.token_url', token_url),
    ...(client !== undefined && { google_client_id: text('sign_in.google_client_id', client) }),
    sign_up,
  };
}
