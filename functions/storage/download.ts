/**
 * Downloads objects from Cloud Storage, whole or in part. The client library downloads by a chain of
 * streams; when a connection breaks, the chain throws where no code of ours can catch the error. So this
 * file makes the same request itself
 * (https://cloud.google.com/storage/docs/json_api/v1/objects/get, `alt=media`).
 */
import { createHash } from 'node:crypto';
import type { Storage } from '@google-cloud/storage';
import { retry } from '@media-analysis/shared/retry';
import { countStreamed } from '../process/memory.ts';
import { StalledError } from './stalled.ts';

/** Cloud Storage answered with an error instead of the bytes. */
class DownloadError extends Error {
  override readonly name = 'DownloadError';
  /** HTTP status. */
  readonly code: number;

  constructor(code: number, body: string) {
    super(`Cloud Storage answered ${code}: ${body}`);
    this.code = code;
  }
}

/** How long Cloud Storage may send nothing, in milliseconds. With all repetitions that is less than a delivery may take. */
const STALL_MS = 30_000;

/** An object, and the client that reads it. */
export interface ObjectAddress {
  storage: Storage;
  bucket: string;
  name: string;
  /** Absent: 30 s. */
  stallMs?: number;
}

/** The bytes of an object from `start` to before `end`. */
export interface Range {
  start: number;
  end: number;
}

export interface ObjectPart {
  bytes: Buffer;
  /** Size of the whole object in bytes. */
  size: number;
}

/** @returns the bytes, or undefined if there is no such object. @throws {DownloadError} */
export async function downloadObject(address: ObjectAddress): Promise<Buffer | undefined> {
  return retry(async () => (await download(address))?.bytes, { isRetryable });
}

/**
 * Downloads a part of an object. The part is shorter if the object ends before the range.
 * @returns undefined if there is no such object
 * @throws {DownloadError}
 */
export async function downloadPart(
  address: ObjectAddress,
  range: Range,
): Promise<ObjectPart | undefined> {
  return retry(() => download(address, range), { isRetryable });
}

/**
 * The SHA-256 of an object, in hexadecimal. Only a piece of the object is in memory at a time.
 * @param onBytes Called with the number of bytes read so far.
 * @returns undefined if there is no such object
 * @throws {DownloadError}; the signal's reason
 */
export async function hashObject(
  address: ObjectAddress,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<string | undefined> {
  const hashed = async ({ response, chunks }: Answer) => {
    const hash = createHash('sha256');
    let read = 0;
    for await (const chunk of chunks) {
      hash.update(chunk);
      read += chunk.length;
      onBytes(read);
    }
    if (read !== lengthOf(response)) throw new Error('The object arrived cut off.');
    return hash.digest('hex');
  };
  return retry(() => request(address, {}, hashed, signal), { isRetryable, signal });
}

async function download(address: ObjectAddress, range?: Range): Promise<ObjectPart | undefined> {
  const headers: Record<string, string> = range
    ? { Range: `bytes=${range.start}-${range.end - 1}` }
    : {};
  return request(address, headers, async (answer) => {
    const bytes = await collect(answer);
    const size = sizeOf(answer.response);
    // The header has the hash of the whole object, also in the answer to a range.
    if (bytes.length === size) checkHash(bytes, answer.response);
    return { bytes, size };
  });
}

interface Answer {
  response: Response;
  chunks: AsyncIterable<Uint8Array>;
}

/**
 * Sends a request for an object, and hands its answer to `use`.
 * @returns undefined if there is no such object
 * @throws {StalledError} if nothing comes for too long, before the answer or within it
 */
async function request<T>(
  address: ObjectAddress,
  headers: Record<string, string>,
  use: (answer: Answer) => Promise<T>,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const { stallMs = STALL_MS } = address;
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const stall = setTimeout(() => stop.abort(new StalledError(stallMs)), stallMs);
  try {
    const response = await open(address, headers, stop.signal);
    return response && (await use({ response, chunks: chunksOf(response, () => stall.refresh()) }));
  } finally {
    clearTimeout(stall);
    signal?.removeEventListener('abort', onAbort);
  }
}

const OUT_OF_RANGE = 416;

async function open(
  { storage, bucket, name }: ObjectAddress,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response | undefined> {
  const path = `b/${bucket}/o/${encodeURIComponent(name)}`;
  const url = new URL(`${storage.apiEndpoint}/download/storage/v1/${path}?alt=media`);
  // `identity`: a compressed answer would not have the length that its header says.
  const response = await fetch(url, {
    headers: { ...(await credentials(storage, url)), 'Accept-Encoding': 'identity', ...headers },
    signal,
  });
  if (response.ok) return response;
  const body = await response.text();
  if (response.status === 404) return undefined;
  // An object without bytes gives this answer to any range.
  if (response.status === OUT_OF_RANGE && sizeOf(response) === 0) return new Response();
  throw new DownloadError(response.status, body);
}

/** Reads the body into one buffer of its full size. Joining pieces would hold a large object twice. */
async function collect({ response, chunks }: Answer): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(lengthOf(response));
  let at = 0;
  for await (const chunk of chunks) {
    if (at + chunk.length > bytes.length) throw new Error('The object is longer than announced.');
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at !== bytes.length) throw new Error('The object arrived cut off.');
  return bytes;
}

async function* chunksOf(response: Response, onChunk: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of response.body ?? []) {
    onChunk();
    countStreamed(chunk.length);
    yield chunk;
  }
}

const lengthOf = ({ headers }: Response) => Number(headers.get('content-length') ?? 0);

/** Size of the whole object in bytes: RFC 9110 §14.4. */
function sizeOf(response: Response): number {
  const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  return total === undefined ? lengthOf(response) : Number(total);
}

function checkHash(bytes: Buffer, { headers }: Response): void {
  const sent = /\bmd5=([^,]+)/.exec(headers.get('x-goog-hash') ?? '')?.[1];
  const arrived = createHash('md5').update(bytes).digest('base64');
  if (sent !== undefined && sent !== arrived) throw new Error('The object arrived damaged.');
}

/** https://cloud.google.com/storage/docs/retry-strategy#retryable */
function isRetryable(error: unknown): boolean {
  if (!(error instanceof DownloadError)) return true;
  return error.code === 408 || error.code === 429 || error.code >= 500;
}

/** The headers with our credentials. Like the library, this sends none to an emulator. */
export async function credentials(storage: Storage, url: URL): Promise<Record<string, string>> {
  if (storage.customEndpoint) return {};
  return Object.fromEntries(await storage.authClient.getRequestHeaders(url));
}
