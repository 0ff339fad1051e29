/**
 * Sends a file to a resumable session of Cloud Storage: chunk by chunk, and after a break from what has
 * arrived. https://cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload
 */
import { retry } from '@media-analysis/shared/retry';
import { type Clock, sleep, type WakeUps } from './clock.ts';
import { errorOfAnswer, isTransient, MediaClientError, networkError } from './errors.ts';
import type { Answer, Send } from './send.ts';

export interface Session {
  url: string;
  /** Bytes of each request but the last: a multiple of 256 KiB. */
  chunkBytes: number;
}

export interface SessionDeps {
  clock: Clock;
  wakeUps: WakeUps;
  send: Send;
}

export interface SendToSessionOptions {
  /** Whether the session was used before: then it is asked first what it has. */
  isResumed?: boolean;
  signal?: AbortSignal | undefined;
  /** @param bytes of the file that are there or on their way. */
  onSent: (bytes: number) => void;
}

/** The session is over, and what was sent to it is lost: there has to be another one. */
export class SessionGoneError extends Error {
  override readonly name = 'SessionGoneError';
}

/** About a minute without any success, as when a phone changes from one network to another. */
const RETRIES = 8;
/** How long a connection may take no byte. */
const STALL_MS = 60_000;

/**
 * Resolves when all bytes have arrived.
 * @throws {SessionGoneError} {@link MediaClientError}; the signal's reason
 */
export async function sendToSession(
  file: Blob,
  { url, chunkBytes }: Session,
  { isResumed = false, signal, onSent }: SendToSessionOptions,
  { clock, wakeUps, send }: SessionDeps,
): Promise<void> {
  const put = async (body: Blob | null, range: string, from: number): Promise<Arrived> => {
    const stall = watchForStall(clock);
    try {
      const answer = await send(url, body, {
        method: 'PUT',
        headers: { 'Content-Range': `bytes ${range}/${file.size}` },
        signal: signal ? AbortSignal.any([signal, stall.signal]) : stall.signal,
        onSent: (bytes) => {
          stall.postpone();
          onSent(from + bytes);
        },
      });
      return arrivedOf(answer, file.size);
    } finally {
      stall.end();
    }
  };
  const ask = () => put(null, '*', 0);
  const putChunk = async (from: number): Promise<Arrived> => {
    if (from === file.size) return ask();
    const end = Math.min(from + chunkBytes, file.size);
    const after = await put(file.slice(from, end), `${from}-${end - 1}`, from);
    if (after.isComplete || after.bytes > from) return after;
    throw new MediaClientError('unavailable', 'Cloud Storage did not keep what was sent.', {
      status: 503,
    });
  };

  let arrived: Arrived = { isComplete: false, bytes: 0 };
  let mustAsk = isResumed;
  while (!arrived.isComplete) {
    arrived = await retry(
      async (call) => {
        // Nobody knows how much of a request that broke has arrived.
        if (call === 1 && !mustAsk) return putChunk(arrived.bytes);
        const known = await ask();
        return known.isComplete || known.bytes > arrived.bytes ? known : putChunk(known.bytes);
      },
      {
        retries: RETRIES,
        isRetryable: isTransient,
        retryAfterMs: (error) => (error as MediaClientError).retryAfterMs,
        random: clock.random,
        sleep: (ms, by) => sleep(ms, clock, by, wakeUps),
        ...(signal && { signal }),
      },
    );
    mustAsk = false;
    onSent(arrived.bytes);
  }
}

interface Arrived {
  isComplete: boolean;
  bytes: number;
}

/** @throws {SessionGoneError} {@link MediaClientError} */
function arrivedOf({ status, header, body }: Answer, size: number): Arrived {
  // 412: another session has brought the object already.
  if (status === 200 || status === 201 || status === 412) return { isComplete: true, bytes: size };
  if (status === 308) {
    const last = /^bytes=0-(\d+)$/.exec(header('Range') ?? '')?.[1];
    return { isComplete: false, bytes: last === undefined ? 0 : Number(last) + 1 };
  }
  // 499: it was cancelled.
  if ([404, 410, 499].includes(status))
    throw new SessionGoneError(`The session is gone: ${status}`);
  throw errorOfAnswer(status, header('Retry-After'), body);
}

/** A connection can die without a word. */
function watchForStall(clock: Clock) {
  const stalled = new AbortController();
  const give = () => stalled.abort(networkError(new Error(`no byte was taken for ${STALL_MS} ms`)));
  let isOver = false;
  let cancel = clock.after(STALL_MS, give);
  return {
    signal: stalled.signal,
    /** Does nothing once the watch is over: a body may go on for a while after it was broken off. */
    postpone() {
      cancel();
      if (!isOver) cancel = clock.after(STALL_MS, give);
    },
    end() {
      isOver = true;
      cancel();
    },
  };
}
