/** The settings of one deployment of the page: `/config.json`, which lies beside the page. */
import type { PageConfig, SignInConfig } from '@media-analysis/shared/page-config';
import { errorOfAnswer, MediaClientError, networkError } from '../client/errors.ts';

/**
 * Reads the settings of the page.
 * @throws {MediaClientError} `unavailable` if no answer came; `internal` if the answer has another shape
 */
export async function loadConfig(
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<PageConfig> {
  const response = await fetch('/config.json', { cache: 'no-cache' }).catch((cause: unknown) => {
    throw networkError(cause);
  });
  const body = await response.text().catch((cause: unknown) => {
    throw networkError(cause);
  });
  if (!response.ok) throw errorOfAnswer(response.status, null, body);
  try {
    return asPageConfig(JSON.parse(body));
  } catch (cause) {
    throw new MediaClientError(
      'internal',
      'The settings of this page (/config.json) cannot be read. Tell the person who runs it.',
      { status: response.status, cause },
    );
  }
}

/**
 * Reads as `pageConfigSchema` does, which would be too large for the browser: a test holds both against each other.
 * @throws {TypeError} that names the field
 */
export function asPageConfig(value: unknown): PageConfig {
  if (!isRecord(value)) throw new TypeError('The settings are no object.');
  const { api_url, stream_url, sign_in } = value;
  return {
    ...(api_url !== undefined && { api_url: address('api_url', api_url) }),
    ...(stream_url !== undefined && { stream_url: address('stream_url', stream_url) }),
    ...(sign_in !== undefined && { sign_in: asSignInConfig(sign_in) }),
  };
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`${name} is no text.`);
}

/** @returns an `http` or `https` address, without the slashes at its end */
function address(name: string, value: unknown): string {
  const url = text(name, value);
  if (/^https?:\/\//.test(url) && isUrl(url)) return url.replace(/\/+$/, '');
  throw new TypeError(`${name} is no http or https address.`);
}

/** `URL.canParse` is missing in Chrome before 120. */
function isUrl(text: string): boolean {
  try {
    return Boolean(new URL(text));
  } catch {
    return false;
  }
}
