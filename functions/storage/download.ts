/**
 * Downloads objects from Cloud Storage, whole or in part. The client library uses a chain of streams: when a connection
 * breaks, the chain throws where our code cannot catch the error. So this file makes the same request itself
 * (https://cloud.google.com/storage/docs/json_api/v1/objects/get, `alt=media`).
 */
import { createHash } from 'node:crypto';
import type { Storage } from '@google-cloud/storage';
import { retry } from '@media-analysis/shared/retry';
import { countStreamed } from '../process/memory.ts';
import { isStorageFault, UnusableAnswerError } from '../process/service-fault.ts';
import { StalledError } from './stalled.ts';

class DownloadError extends Error {
  override readonly name = 'DownloadError';
  /** HTTP status. */
  readonly code: number;

  constructor(code: number, body: string) {
    super(`Cloud Storage answered ${code}: ${body}`);
    this.code = code;
  }
}

/**
 * Cloud Storage must send `LEAST_BYTES` or the rest within this time, in milliseconds: a byte now and then counts as
 * silence. With all repetitions that is less than a delivery may take.
 */
const STALL_MS = 30_000;
const LEAST_BYTES = 64 * 1024;
/**
 * The limit for reading an object into memory, with all repetitions: the largest one (32 MiB) at 190 kB/s. A delivery may
 * take a minute longer.
 */
const TOTAL_MS = 180_000;

/** An object, and the client that reads it. */
export interface ObjectAddress {
  storage: Storage;
  bucket: string;
  name: string;
  /** Default: the newest one. */
  generation?: string;
  /** Default: 30 s. */
  stallMs?: number;
  /** Default: 3 minutes. */
  totalMs?: number;
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

/** @returns the bytes, or undefined if there is no such object. @throws {DownloadError}; see `request` */
export async function downloadObject(address: ObjectAddress): Promise<Buffer | undefined> {
  return (await download(address))?.bytes;
}

/**
 * Downloads a part of an object. The part is shorter if the object ends before the range.
 * @returns undefined if there is no such object
 * @throws {DownloadError}; see `request`
 */
export async function downloadPart(
  address: ObjectAddress,
  range: Range,
): Promise<ObjectPart | undefined> {
  return download(address, range);
}

/**
 * Computes the SHA-256 of an object, in hexadecimal. Only a piece of the object is in memory at a time.
 * @param onBytes Called with the number of bytes read so far.
 * @returns undefined if there is no such object
 * @throws {DownloadError}; see `request`
 */
export async function hashObject(
  address: ObjectAddress,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<string | undefined> {
  const hashed = async ({ response, chunks }: Answer) => {
    const { length } = lengthsOf(response);
    const hash = createHash('sha256');
    let read = 0;
    for await (const chunk of chunks) {
      hash.update(chunk);
      read += chunk.length;
      onBytes(read);
    }
    if (read !== length) throw new UnusableAnswerError('The object arrived cut off.');
    return hash.digest('hex');
  };
  return retry(() => request(address, {}, hashed, signal), { isRetryable, signal });
}

async function download(address: ObjectAddress, range?: Range): Promise<ObjectPart | undefined> {
  const headers: Record<string, string> = range
    ? { Range: `bytes=${range.start}-${range.end - 1}` }
    : {};
  const collected = async ({ response, chunks }: Answer) => {
    const { length, size } = lengthsOf(response, range);
    const bytes = await collect(chunks, length);
    // The header has the hash of the whole object, also in the answer to a range.
    if (bytes.length === size) checkHash(bytes, response);
    return { bytes, size };
  };
  const { totalMs = TOTAL_MS } = address;
  const stop = new AbortController();
  const total = setTimeout(() => stop.abort(new StalledError(totalMs)), totalMs);
  const { signal } = stop;
  try {
    return await retry(() => request(address, headers, collected, signal), { isRetryable, signal });
  } finally {
    clearTimeout(total);
  }
}

interface Answer {
  response: Response;
  chunks: AsyncIterable<Uint8Array>;
}

/**
 * Sends a request for an object, and hands its answer to `use`.
 * @returns undefined if there is no such object
 * @throws {StalledError} if nothing or too little comes for too long, before the answer or within it
 * @throws {UnusableAnswerError} if no answer comes, or not the one that was asked for; the signal's reason
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
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason;
    // The rest of a useless answer must not hold the connection.
    stop.abort();
    if (error instanceof DownloadError || error instanceof UnusableAnswerError) throw error;
    throw new UnusableAnswerError('Cloud Storage could not be read.', { cause: error });
  } finally {
    clearTimeout(stall);
    signal?.removeEventListener('abort', onAbort);
  }
}

const OK = 200;
const PARTIAL = 206;
const OUT_OF_RANGE = 416;

async function open(
  { storage, bucket, name, generation }: ObjectAddress,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response | undefined> {
  const path = `b/${bucket}/o/${encodeURIComponent(name)}`;
  const url = new URL(`${storage.apiEndpoint}/download/storage/v1/${path}?alt=media`);
  if (generation !== undefined) url.searchParams.set('generation', generation);
  // `identity`: a compressed answer would have another length than its header says.
  const response = await fetch(url, {
    headers: { ...(await credentials(storage, url)), 'Accept-Encoding': 'identity', ...headers },
    signal,
  });
  // The reader refuses a success with another status.
  if (response.ok) return response;
  const body = await response.text();
  if (response.status === 404 && !isStorageFault(new DownloadError(404, body))) return undefined;
  // An empty object gives this answer to any range.
  const isEmpty = response.headers.get('content-range') === 'bytes */0';
  if (response.status === OUT_OF_RANGE && isEmpty) return new Response();
  throw new DownloadError(response.status, body);
}

/** Reads the body into one buffer of its full size, because joining pieces would hold a large object twice. */
async function collect(chunks: AsyncIterable<Uint8Array>, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for await (const chunk of chunks) {
    if (at + chunk.length > length) {
      throw new UnusableAnswerError('The object is longer than announced.');
    }
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at !== length) throw new UnusableAnswerError('The object arrived cut off.');
  return bytes;
}

/** @param onProgress Called after each `LEAST_BYTES`. */
async function* chunksOf(response: Response, onProgress: () => void): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes >= LEAST_BYTES) {
      bytes = 0;
      onProgress();
    }
    countStreamed(chunk.length);
    yield chunk;
  }
}

const lengthOf = ({ headers }: Response) => Number(headers.get('content-length') ?? 0);

/**
 * The number of bytes in an answer, and the size of the whole object (RFC 9110 §14.4). A server may ignore `Range` and send
 * the whole object with status 200. That is accepted only if the range contains all of it.
 * @throws {UnusableAnswerError} for another range than the one that was asked for
 */
function lengthsOf(response: Response, range?: Range): { length: number; size: number } {
  if (response.status === OK) {
    const size = lengthOf(response);
    const isAsked = !range || size === 0 || (range.start === 0 && size <= range.end);
    if (isAsked) return { length: size, size };
  }
  const contentRange = response.headers.get('content-range') ?? '';
  const [start, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(contentRange)?.slice(1).map(Number) ?? [];
  const isPart = response.status === PARTIAL && range && start === range.start;
  // The body is counted, so the end of the range need not be compared.
  if (isPart && size !== undefined) return { length: Math.min(range.end, size) - start, size };
  throw new UnusableAnswerError(
    `Not the bytes that were asked for: ${response.status}, "${contentRange}"`,
  );
}

function checkHash(bytes: Buffer, { headers }: Response): void {
  const sent = /\bmd5=([^,]+)/.exec(headers.get('x-goog-hash') ?? '')?.[1];
  const arrived = createHash('md5').update(bytes).digest('base64');
  if (sent !== undefined && sent !== arrived) {
    throw new UnusableAnswerError('The object arrived damaged.');
  }
}

/** https://cloud.google.com/storage/docs/retry-strategy#retryable */
function isRetryable(error: unknown): boolean {
  if (!(error instanceof DownloadError)) return true;
  return error.code === 408 || error.code === 429 || error.code >= 500;
}

/** Like the library, this sends no credentials to an emulator. */
export async function credentials(storage: Storage, url: URL): Promise<Record<string, string>> {
  if (storage.customEndpoint) return {};
  return Object.fromEntries(await storage.authClient.getRequestHeaders(url));
}
