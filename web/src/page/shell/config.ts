/** The settings of one deployment of the page: `/config.json`, which lies beside the page. */
import type { PageConfig } from '@media-analysis/shared/page-config';
import { errorOfAnswer, MediaClientError, networkError } from '../../client/errors.ts';

export type Addresses = Omit<PageConfig, 'sign_in'>;

/** The sign-in reads its own settings: a page without a sign-in does not load that code. */
interface Config extends Addresses {
  sign_in?: unknown;
}

/** @throws {MediaClientError} `unavailable` if no answer came; `internal` if the answer has another shape */
export async function loadConfig(fetch = globalThis.fetch): Promise<Config> {
  const fail = (cause: unknown) => Promise.reject(networkError(cause));
  const response = await fetch('/config.json', { cache: 'no-cache' }).catch(fail);
  const body = await response.text().catch(fail);
  if (!response.ok) throw errorOfAnswer(response.status, null, body);
  try {
    return asPageConfig(JSON.parse(body));
  } catch (cause) {
    throw unreadable(cause);
  }
}

export const unreadable = (cause: unknown) =>
  new MediaClientError(
    'internal',
    'The settings of this page (/config.json) cannot be read. Tell the person who runs it.',
    { status: 200, cause },
  );

/** Reads as `pageConfigSchema` does, which is too large for the browser. A test compares both. */
export function asPageConfig(value: unknown): Config {
  if (!isRecord(value)) throw new TypeError('The settings are no object.');
  const { api_url, stream_url, sign_in } = value;
  return {
    ...(api_url !== undefined && { api_url: address('api_url', api_url) }),
    ...(stream_url !== undefined && { stream_url: address('stream_url', stream_url) }),
    ...(sign_in !== undefined && { sign_in }),
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function text(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`${name} is no text.`);
}

/** @returns an `http` or `https` address, without the slashes at its end */
export function address(name: string, value: unknown): string {
  const url = text(name, value);
  // `new URL` throws for what is no URL at all.
  if (/^https?:\/\//.test(url) && new URL(url)) return url.replace(/\/+$/, '');
  throw new TypeError(`${name} is no http or https address.`);
}
