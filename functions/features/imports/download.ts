/**
 * Downloads a file from an address that somebody else has chosen, into the staging bucket. The address must be public, and so must
 * each address of a redirect.
 */
import type { lookup } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { pipeline, Transform } from 'node:stream';
import type { ErrorCode } from '@media-analysis/shared/errors';
import { whyUnacceptable } from '../../core/accept/unacceptable.ts';
import { addressRefusal, type Loopback } from '../../outbound/allowed-address.ts';
import { pinned, RefusedAddressError } from '../../outbound/pinned-lookup.ts';
import { parseContentType } from '../../process/content-type.ts';
import type { ObjectStore } from '../../storage/objects.ts';
import { addressId } from './record.ts';

/** Covers lookups, redirects and bytes. A step may take this long, and must end before Cloud Tasks gives up its delivery. */
export const DOWNLOAD_MS = 150_000;
/** Time limit for the status and headers of an answer. */
const ANSWER_MS = 10_000;
/** In this time (milliseconds) a server must send at least `LEAST_BYTES`, or the rest of the file. */
const STALL_MS = 20_000;
const LEAST_BYTES = 64 * 1024;
const MAX_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);

interface Downloaded {
  /** The id of the new media, and the name of the staged object. */
  id: string;
  file_name: string;
  content_type: string;
  /** Bytes. */
  size: number;
}

/**
 * - `staged`: the bytes are in the staging bucket
 * - `known`: the media exists, perhaps in the bin
 * - `refused`: the file can never be imported
 * - `later`: another try may succeed
 * - `tomorrow`: the owner may not send so much today
 */
export type Fetched =
  | ({ kind: 'staged' } & Downloaded)
  | { kind: 'known' | 'tomorrow' }
  | { kind: 'refused' | 'later'; code: ErrorCode; message: string };

export interface DownloadOptions {
  objects: Pick<ObjectStore, 'stage' | 'stagedSize' | 'unstage'>;
  ownerId: string;
  isKnown: (id: string) => Promise<boolean>;
  loopback: Loopback;
  /** Limits on the bytes of one file: in general, and for the rest of today. */
  most: number;
  mostToday: number;
  totalMs?: number;
  answerMs?: number;
  stallMs?: number;
  lookup?: typeof lookup;
}

class FetchError extends Error {
  override readonly name = 'FetchError';
  readonly kind: 'refused' | 'later';
  readonly code: ErrorCode;

  constructor(kind: 'refused' | 'later', code: ErrorCode, message: string) {
    super(message);
    this.kind = kind;
    this.code = code;
  }
}

/** @throws only errors of Cloud Storage and Firestore. The result tells what the server did. */
export async function download(address: string, options: DownloadOptions): Promise<Fetched> {
  const stop = new AbortController();
  const { totalMs = DOWNLOAD_MS } = options;
  const total = setTimeout(() => {
    stop.abort(later(`The server took longer than ${totalMs / 1_000} s. Try it by an upload.`));
  }, totalMs);
  try {
    const answer = await open(address, options, stop);
    return await receive(address, answer, options, stop);
  } catch (thrown) {
    const error = stop.signal.aborted ? stop.signal.reason : thrown;
    if (!(error instanceof FetchError)) throw error;
    const { kind, code, message } = error;
    return { kind, code, message: `${address}: ${message}` };
  } finally {
    clearTimeout(total);
    // Closes the connection if the answer was not read to its end.
    stop.abort(new Error('over'));
  }
}

/** Follows redirects. @returns an answer with status 200 @throws {FetchError} */
async function open(
  address: string,
  { loopback, lookup: look, answerMs = ANSWER_MS }: DownloadOptions,
  stop: AbortController,
): Promise<IncomingMessage> {
  let asked = address;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const refusal = addressRefusal(asked, loopback);
    if (refusal !== undefined) throw refused('invalid_request', aboutAddress(redirects, refusal));
    const url = new URL(asked);
    const late = setTimeout(() => {
      const message = `The server did not begin to answer within ${answerMs / 1_000} s.`;
      stop.abort(later(`${message} Try again later, or send the file by an upload.`));
    }, answerMs);
    const asking = ask(url, pinned(url, loopback, look), stop.signal);
    const answer = await asking.finally(() => clearTimeout(late));
    const { statusCode = 0, headers } = answer;
    if (statusCode === 200) return answer;
    answer.destroy();
    if (!REDIRECTS.has(statusCode) || headers.location === undefined) throw badStatus(statusCode);
    asked = URL.parse(headers.location, url.href)?.href ?? headers.location;
  }
  throw refused('invalid_request', `It is redirected more than ${MAX_REDIRECTS} times.`);
}

const aboutAddress = (redirects: number, refusal: string) =>
  redirects === 0 ? `The address ${refusal}.` : `It is redirected to an address that ${refusal}.`;

function ask(
  url: URL,
  look: ReturnType<typeof pinned>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { request } = url.protocol === 'https:' ? https : http;
  const options = {
    headers: {
      Accept: 'image/*, video/*',
      'Accept-Encoding': 'identity',
      'User-Agent': 'media-analysis',
    },
    // A reused connection would skip the lookup.
    agent: false,
    lookup: look,
    signal,
  };
  return new Promise((resolve, reject) => {
    request(url, options, resolve)
      // Without this listener, Node closes the connection of a server that answers 101, and reports nothing.
      .on('upgrade', ({ statusCode = 0 }, socket) => {
        socket.destroy();
        reject(badStatus(statusCode));
      })
      .on('error', (error) => {
        reject(error instanceof RefusedAddressError ? notPublic() : noAnswer(error));
      })
      .end();
  });
}

async function receive(
  address: string,
  answer: IncomingMessage,
  options: DownloadOptions,
  stop: AbortController,
): Promise<Fetched> {
  const { headers } = answer;
  const { objects, ownerId, most, mostToday } = options;
  const length =
    headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
  const file_name = fileNameOf(address);
  const content_type = parseContentType(headers['content-type']);
  refuseEncoded(headers['content-encoding']);
  refuseUnacceptable({ file_name, content_type, size: length ?? 1 }, most);
  const version = headers.etag ?? headers['last-modified'] ?? '';
  const id = addressId(ownerId, address, version);
  if (await options.isKnown(id)) return { kind: 'known' };
  if ((length ?? 1) > mostToday) return { kind: 'tomorrow' };
  const size = await stage(id, answer, length, options, stop);
  const file = { file_name, content_type, size };
  if (size <= mostToday && !whyUnacceptable(file, most)) return { kind: 'staged', id, ...file };
  await objects.unstage(id);
  refuseUnacceptable(file, most);
  return { kind: 'tomorrow' };
}

/** @returns the number of bytes in the staging bucket */
async function stage(
  id: string,
  answer: IncomingMessage,
  length: number | undefined,
  { objects, most, stallMs = STALL_MS }: DownloadOptions,
  stop: AbortController,
): Promise<number> {
  const tooLarge = () => refused('file_too_large', `It has more than ${most} bytes.`);
  const stalled = setTimeout(() => {
    stop.abort(later(`The server sent nothing, or next to nothing, for ${stallMs / 1_000} s.`));
  }, stallMs);
  let size = 0;
  let fresh = 0;
  const counted = new Transform({
    transform: (chunk: Buffer, _, done) => {
      size += chunk.length;
      fresh += chunk.length;
      if (fresh >= LEAST_BYTES) {
        fresh = 0;
        stalled.refresh();
      }
      if (size > most) done(tooLarge());
      else done(null, chunk);
    },
  });
  // An aborted upload leaves no object.
  const ended = new Promise<void>((resolve) => {
    pipeline(answer, counted, (error) => {
      if (error) stop.abort(error instanceof FetchError ? error : brokenOff(error));
      else if (length !== undefined && size !== length) stop.abort(brokenOff());
      resolve();
    });
  });
  try {
    const stored = await objects.stage(id, counted, stop.signal);
    await ended;
    stop.signal.throwIfAborted();
    return stored.size;
  } catch (error) {
    // 412: an earlier step has stored the whole file, and then died.
    const isThere = (error as { code?: unknown }).code === 412;
    const stored = isThere ? await objects.stagedSize(id) : undefined;
    if (stored === undefined) throw error;
    return stored;
  } finally {
    clearTimeout(stalled);
  }
}

function refuseEncoded(encoding: string | undefined): void {
  if (encoding === undefined || encoding === 'identity') return;
  throw refused(
    'unsupported_media_type',
    `The server sends it with Content-Encoding: ${encoding}.`,
  );
}

function refuseUnacceptable(file: Parameters<typeof whyUnacceptable>[0], most: number): void {
  const refusal = whyUnacceptable(file, most);
  if (refusal) throw refused(refusal.code, refusal.message);
}

function fileNameOf(address: string): string {
  const { pathname, hostname } = new URL(address);
  const last = pathname.split('/').at(-1) || hostname;
  try {
    return decodeURIComponent(last).toWellFormed();
  } catch {
    return last;
  }
}

function badStatus(status: number): FetchError {
  const message = `The server answered ${status}, and not with the file.`;
  return status === 408 || status === 429 || status >= 500
    ? later(message)
    : refused('not_found', message);
}

const refused = (code: ErrorCode, message: string) => new FetchError('refused', code, message);
const later = (message: string) => new FetchError('later', 'unavailable', message);
const notPublic = () =>
  refused('invalid_request', 'Its name leads to an address that is not public.');
const noAnswer = ({ message }: Error) => later(`The server could not be reached: ${message}`);
const brokenOff = (error?: Error) =>
  later(`The connection broke off before the end${error ? `: ${error.message}` : ''}.`);
