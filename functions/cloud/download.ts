/**
 * One whole object from Cloud Storage. The client library's own download is a chain of streams that,
 * when a connection breaks, throws where nobody can catch it; this is the one request that it makes
 * (https://cloud.google.com/storage/docs/json_api/v1/objects/get, `alt=media`).
 */
import { createHash } from 'node:crypto';
import type { Storage } from '@google-cloud/storage';
import { retry } from '@media-analysis/shared/retry';

/** What Cloud Storage answered instead of the bytes. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  /** HTTP status. */
  readonly code: number;

  constructor(code: number, body: string) {
    super(`Cloud Storage answered ${code}: ${body}`);
    this.code = code;
  }
}

/** @returns the bytes, or undefined if there is no such object. @throws {DownloadError} */
export async function downloadObject(
  storage: Storage,
  bucket: string,
  name: string,
): Promise<Buffer | undefined> {
  const path = `b/${bucket}/o/${encodeURIComponent(name)}`;
  const url = new URL(`${storage.apiEndpoint}/download/storage/v1/${path}?alt=media`);
  return retry(() => get(storage, url), { isRetryable });
}

async function get(storage: Storage, url: URL): Promise<Buffer | undefined> {
  const headers = await credentials(storage, url);
  const response = await fetch(url, { headers });
  if (!response.ok) {
    const body = await response.text();
    if (response.status === 404) return undefined;
    throw new DownloadError(response.status, body);
  }
  const bytes = Buffer.from(await response.arrayBuffer());
  const sent = /\bmd5=([^,]+)/.exec(response.headers.get('x-goog-hash') ?? '')?.[1];
  const arrived = createHash('md5').update(bytes).digest('base64');
  if (sent !== undefined && sent !== arrived) throw new Error('The object arrived damaged.');
  return bytes;
}

/** https://cloud.google.com/storage/docs/retry-strategy#retryable */
function isRetryable(error: unknown): boolean {
  if (!(error instanceof DownloadError)) return true;
  return error.code === 408 || error.code === 429 || error.code >= 500;
}

/** Like the library, which sends none to an emulator. */
export async function credentials(storage: Storage, url: URL): Promise<Record<string, string>> {
  if (storage.customEndpoint) return {};
  return Object.fromEntries(await storage.authClient.getRequestHeaders(url));
}
