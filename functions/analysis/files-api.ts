/**
 * Sends a file that is too large for a request to the Gemini API, in pieces, and waits until the service has processed it. The
 * file is deleted after the analysis. If that fails, the service deletes it after two days.
 * https://ai.google.dev/gemini-api/docs/files and https://ai.google.dev/api/files
 */
import { AppError } from '@media-analysis/shared/errors';
import { abortableSleep, retry } from '@media-analysis/shared/retry';
import { z } from 'zod';
import { quoted } from '../inspect/format.ts';
import { startTimeLimit } from '../process/time-limit.ts';
import type { ModelMedia } from './call.ts';
import { classifyModelError } from './classify.ts';
import { AnswerError, CallTimeoutError, RetryLaterError, UnavailableError } from './errors.ts';
import { gemini } from './providers/gemini.ts';

export interface FileService {
  /** Another address of the Gemini API. */
  baseUrl?: string | undefined;
  geminiApiKey?: string | undefined;
  /** The file must be ready before this time, by the clock of `now()`. */
  deadline: number;
  now: () => number;
  random: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

const GEMINI_URL = 'https://generativelanguage.googleapis.com';

interface FileToSend {
  size: number;
  contentType: string;
  fileName: string;
  read(start: number, end: number): Promise<Buffer>;
}

/** One piece is in memory at a time. The service requires a multiple of 256 KiB. */
const PIECE_BYTES = 8 * 1024 * 1024;
const POLL_MS = 5_000;
/** The limit of one call: a piece at 140 kB/s. */
const CALL_MS = 60_000;
/** Deleting must not take longer, or the delivery could end before it writes its paid analysis. */
const REMOVE_TIMEOUT_MS = 5_000;

const fileSchema = z.object({
  /** `files/…` */
  name: z.string(),
  uri: z.string(),
  state: z.string().optional(),
  error: z.object({ message: z.string().optional() }).optional(),
});
type RemoteFile = z.infer<typeof fileSchema>;

/**
 * @throws {AppError} `media_corrupt` if the service cannot read the file
 * @throws {RetryLaterError} if the file is not ready by the deadline
 * @throws {AnswerError} and the signal's reason
 */
export async function uploadFile(
  service: FileService,
  file: FileToSend,
  signal: AbortSignal,
): Promise<ModelMedia> {
  const sent = await send(service, file, signal);
  const remove = async () => {
    // Errors are ignored, because the service deletes the file after two days.
    const signal = AbortSignal.timeout(REMOVE_TIMEOUT_MS);
    const late = { ...service, deadline: Number.POSITIVE_INFINITY };
    await call(late, `v1beta/${sent.name}`, { method: 'DELETE', signal }).catch(() => undefined);
  };
  try {
    const { uri } = await untilActive(service, sent, file.fileName, signal);
    return { url: uri, contentType: file.contentType, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function send(
  service: FileService,
  { size, contentType, read }: FileToSend,
  signal: AbortSignal,
): Promise<RemoteFile> {
  const start = await withRetry(service, signal, () =>
    call(service, 'upload/v1beta/files', {
      method: 'POST',
      headers: {
        'X-Goog-Upload-Protocol': 'resumable',
        'X-Goog-Upload-Command': 'start',
        'X-Goog-Upload-Header-Content-Length': String(size),
        'X-Goog-Upload-Header-Content-Type': contentType,
        'Content-Type': 'application/json',
      },
      // The file's name is not sent, because it may say more than the video.
      body: '{"file":{}}',
      signal,
    }),
  );
  const url = start.headers.get('x-goog-upload-url');
  if (url === null) throw new UnavailableError('the Files API gave no address to send to');
  for (let from = 0; ; from += PIECE_BYTES) {
    const to = Math.min(from + PIECE_BYTES, size);
    const piece = { from, bytes: new Uint8Array(await read(from, to)), isLast: to === size };
    const answer = await withRetry(service, signal, (attempt) =>
      sendPiece(service, url, piece, attempt > 1, signal),
    );
    if (answer) return z.object({ file: fileSchema }).parse(await answer.json()).file;
  }
}

interface Piece {
  from: number;
  bytes: Uint8Array<ArrayBuffer>;
  isLast: boolean;
}

/** @returns the answer to the last piece; undefined for the others */
async function sendPiece(
  service: FileService,
  url: string,
  { from, bytes, isLast }: Piece,
  isRepeated: boolean,
  signal: AbortSignal,
): Promise<Response | undefined> {
  const command = (name: string, more: RequestInit & { headers?: Record<string, string> }) =>
    call(service, url, {
      method: 'POST',
      signal,
      ...more,
      headers: { ...more.headers, 'X-Goog-Upload-Command': name },
    });
  if (isRepeated) {
    // Perhaps the piece arrived and only the answer was lost.
    const { headers } = await command('query', {});
    const received = Number(headers.get('x-goog-upload-size-received') ?? Number.NaN);
    if (received === from + bytes.length && !isLast) return undefined;
    if (received !== from) throw new Error(`${received} bytes arrived, and not ${from}`);
  }
  const answer = await command(isLast ? 'upload, finalize' : 'upload', {
    headers: { 'X-Goog-Upload-Offset': String(from) },
    body: bytes,
  });
  if (isLast) return answer;
  await answer.body?.cancel();
  return undefined;
}

async function untilActive(
  service: FileService,
  sent: RemoteFile,
  fileName: string,
  signal: AbortSignal,
): Promise<RemoteFile> {
  const { now, deadline, sleep = abortableSleep } = service;
  for (let file = sent; ; ) {
    if (file.state === 'ACTIVE') return file;
    if (file.state === 'FAILED') throw unreadable(fileName, file.error?.message);
    // The service still works on it. The video may be the reason.
    if (now() + POLL_MS > deadline) throw new RetryLaterError('analysis_timeout', now());
    await sleep(POLL_MS, signal);
    const answer = await withRetry(service, signal, () =>
      call(service, `v1beta/${sent.name}`, { method: 'GET', signal }),
    );
    file = fileSchema.parse(await answer.json());
  }
}

/** @param path A path of the API, or an address from the service, which needs no key. */
async function call(
  { baseUrl = GEMINI_URL, geminiApiKey = '', deadline, now }: FileService,
  path: string,
  init: RequestInit,
): Promise<Response> {
  const key = URL.canParse(path) ? {} : { 'x-goog-api-key': geminiApiKey };
  const headers = { ...(init.headers as Record<string, string>), ...key };
  const limit = startTimeLimit(Math.max(1, Math.min(CALL_MS, deadline - now())));
  const { signal: late } = limit;
  const response = await fetch(new URL(path, baseUrl.replace(/\/*$/, '/')), {
    ...init,
    headers,
    signal: init.signal ? AbortSignal.any([init.signal, late]) : late,
  })
    .catch((cause) => {
      init.signal?.throwIfAborted();
      const message = 'the Files API does not answer';
      throw new (late.aborted ? CallTimeoutError : UnavailableError)(message, { cause });
    })
    .finally(() => limit.clear());
  if (response.ok) return response;
  const text = (await response.text()).slice(0, 1_000);
  const message = `the Files API answered ${response.status}: ${text}`;
  throw new AnswerError(message, { error: { code: response.status } });
}

function withRetry<T>(
  { deadline, now, random, sleep }: FileService,
  signal: AbortSignal,
  fn: (attempt: number) => Promise<T>,
): Promise<T> {
  return retry(fn, {
    deadline,
    now,
    random,
    signal,
    ...(sleep && { sleep }),
    isRetryable: (error) => classifyModelError(error, gemini, now()).retry === 'call',
  });
}

function unreadable(fileName: string, why: string | undefined): AppError {
  return new AppError(
    'media_corrupt',
    `${quoted(fileName)} is stored, but the analysis service could not read it. Send it in another format, such as MP4.`,
    { cause: new Error(why ?? 'state FAILED') },
  );
}
