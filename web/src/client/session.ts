/**
 * Sends a file to a resumable session of Cloud Storage, chunk by chunk. After a break it continues after the bytes that have
 * arrived. https://cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload
 */

import { errorOfAnswer, MediaClientError } from './errors.ts';
import type { Line } from './line.ts';
import { type RetryDeps, retryRequest } from './retry-request.ts';
import type { Answer, Send } from './send.ts';

export interface UploadSession {
  /** Takes the bytes. It is a secret. */
  url: string;
  /** Most bytes of a request: a multiple of 256 KiB. */
  chunkBytes: number;
}

export interface UploadSessionDeps extends RetryDeps {
  send: Send;
  /** Knows the speed of the line. */
  line: Pick<Line, 'requestBytes'>;
}

export interface SendToSessionOptions {
  /** True if the session was used before: then the client first asks which bytes have arrived. */
  isResumed?: boolean;
  signal?: AbortSignal | undefined;
  /** @param bytes of the file that have arrived or were sent */
  onSent: (bytes: number) => void;
}

/** True if the session has ended and its bytes are lost: the file needs a new session. 499: it was cancelled. */
export function isSessionGone(error: unknown): error is MediaClientError {
  return error instanceof MediaClientError && [404, 410, 499].includes(error.status);
}

/** With backoff this is about a minute without success, as when a phone changes its network. */
const RETRIES = 8;
/** Cloud Storage keeps multiples of it, and each request except the last must be one. */
const UNIT_BYTES = 256 * 1024;
/** Fewer bytes do not count as success: a connection that breaks after a few kB each time is given up. */
const MIN_PROGRESS_BYTES = UNIT_BYTES;

/**
 * Resolves when all bytes have arrived.
 * @throws {@link MediaClientError}, also if the session is gone; the signal's reason
 */
export async function sendToSession(
  file: Blob,
  { url, chunkBytes }: UploadSession,
  { isResumed = false, signal, onSent }: SendToSessionOptions,
  deps: UploadSessionDeps,
): Promise<void> {
  const put = async (body: Blob | null, range: string, from: number): Promise<Arrived> => {
    const answer = await deps.send(url, body, {
      method: 'PUT',
      headers: { 'Content-Range': `bytes ${range}/${file.size}` },
      signal,
      onSent: (bytes) => onSent(from + bytes),
    });
    return arrivedOf(answer, file.size);
  };
  const ask = () => put(null, '*', 0);
  const putChunk = async (from: number): Promise<Arrived> => {
    if (from === file.size) return ask();
    const units = Math.max(1, Math.floor(deps.line.requestBytes / UNIT_BYTES));
    const end = Math.min(from + Math.min(units * UNIT_BYTES, chunkBytes), file.size);
    const after = await put(file.slice(from, end), `${from}-${end - 1}`, from);
    if (after.isComplete || after.bytes > from) return after;
    throw new MediaClientError('unavailable', 'It was not kept. Try again.', {
      status: 503,
    });
  };

  let arrived: Arrived = { isComplete: false, bytes: 0 };
  let mustAsk = isResumed;
  while (!arrived.isComplete) {
    const next = async (call: number): Promise<Arrived> => {
      // After a failed request we do not know how many of its bytes have arrived.
      if (call === 1 && !mustAsk) return putChunk(arrived.bytes);
      const known = await ask();
      const isFurther = known.bytes >= arrived.bytes + MIN_PROGRESS_BYTES;
      return known.isComplete || isFurther ? known : putChunk(known.bytes);
    };
    arrived = await retryRequest(next, deps, signal, { retries: RETRIES });
    mustAsk = false;
    onSent(arrived.bytes);
  }
}

interface Arrived {
  isComplete: boolean;
  bytes: number;
}

/** @throws {@link MediaClientError} */
function arrivedOf({ status, header, body }: Answer, size: number): Arrived {
  // 412: the object exists already, sent by another session.
  if (status === 200 || status === 201 || status === 412) return { isComplete: true, bytes: size };
  if (status === 308) {
    const last = /^bytes=0-(\d+)$/.exec(header('Range') ?? '')?.[1];
    return { isComplete: false, bytes: last === undefined ? 0 : Number(last) + 1 };
  }
  throw errorOfAnswer(status, header('Retry-After'), body);
}
