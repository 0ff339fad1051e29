/**
 * Sends a file to a resumable session of Cloud Storage, chunk by chunk. After a break it continues after the bytes that have
 * arrived. https://cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload
 */
import { errorOfAnswer, MediaClientError } from './errors.ts';
import { type Answer, retryRequest } from './send.ts';
import type { SendDeps, UploadSession } from './send-deps.ts';

interface Options {
  /** True if the session was used before: then the client first asks which bytes have arrived. */
  isResumed: boolean;
  signal: AbortSignal | undefined;
  /** @param bytes of the file that have arrived or were sent */
  onSent: (bytes: number) => void;
}

/** True if the session has ended and its bytes are lost: the file needs a new session. 499: it was cancelled. */
export function isSessionGone(error: unknown): boolean {
  return error instanceof MediaClientError && [404, 410, 499].includes(error.status);
}

/** With backoff this is about a minute without success, as when a phone changes its network. */
const RETRIES = 8;
/**
 * Cloud Storage keeps multiples of it, and each request except the last must be one. Fewer bytes do not count as success: a
 * connection that breaks after a few kB each time is given up.
 */
const UNIT_BYTES = 256 * 1024;

/**
 * Resolves when all bytes have arrived.
 * @throws {MediaClientError}, also if the session is gone; the signal's reason
 */
export async function sendToSession(
  file: Blob,
  { url, chunkBytes }: UploadSession,
  { isResumed, signal, onSent }: Options,
  deps: SendDeps,
): Promise<void> {
  /** @returns how many bytes have arrived */
  const put = async (body: Blob | null, range: string, from: number): Promise<number> => {
    const answer = await deps.send(url, body, {
      method: 'PUT',
      headers: { 'Content-Range': `bytes ${range}/${file.size}` },
      signal,
      onSent: (bytes) => onSent(from + bytes),
    });
    return arrivedOf(answer, file.size);
  };
  const ask = () => put(null, '*', 0);
  const putChunk = async (from: number): Promise<number> => {
    if (from === file.size) return ask();
    const units = Math.max(1, Math.floor(deps.line.requestBytes() / UNIT_BYTES));
    const end = Math.min(from + Math.min(units * UNIT_BYTES, chunkBytes), file.size);
    const after = await put(file.slice(from, end), `${from}-${end - 1}`, from);
    if (after > from) return after;
    throw new MediaClientError('unavailable', 'It was not kept. Try again.', { status: 503 });
  };

  let arrived = 0;
  let mustAsk = isResumed;
  const next = async (call: number): Promise<number> => {
    // After a failed request we do not know how many of its bytes have arrived.
    if (call === 1 && !mustAsk) return putChunk(arrived);
    const known = await ask();
    return known > file.size || known >= arrived + UNIT_BYTES ? known : putChunk(known);
  };
  while (arrived <= file.size) {
    arrived = await retryRequest(next, deps, signal, { retries: RETRIES });
    mustAsk = false;
    onSent(Math.min(arrived, file.size));
  }
}

/**
 * @returns more than the size of the file when Cloud Storage has closed the session, which it may do in a later answer
 * @throws {MediaClientError}
 */
function arrivedOf({ status, header, body }: Answer, size: number): number {
  // 412: the object exists already, sent by another session.
  if ([200, 201, 412].includes(status)) return size + 1;
  if (status !== 308) throw errorOfAnswer(status, header('Retry-After'), body);
  const last = /^bytes=0-(\d+)$/.exec(header('Range') ?? '')?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}
