/** Sends a file that is too large for one request: announces it to the API, and sends its bytes to Cloud Storage. */
import type { CreateUploads } from '@media-analysis/shared/large-uploads';
import type { Media } from '@media-analysis/shared/media';
import { unlessAborted } from '@media-analysis/shared/wait';
import { deletedWhileSending, isTransient, MediaClientError } from './errors.ts';
import { type FramesDeps, startCutting } from './frames.ts';
import { asMedia, asUpload } from './guard.ts';
import { type Http, mediaPath } from './http.ts';
import { randomId } from './older-browsers.ts';
import { retryRequest } from './retry-request.ts';
import {
  isSessionGone,
  sendToSession,
  type UploadSession,
  type UploadSessionDeps,
} from './session.ts';

export interface LargeDeps extends UploadSessionDeps, FramesDeps {
  http: Http;
  /** Interrupted uploads. If the same file is sent again, its upload continues where it stopped. */
  unfinished: WeakMap<File, Unfinished>;
}

interface LargeOptions extends Wishes {
  signal: AbortSignal | undefined;
  onSent: (bytes: number) => void;
  /** The next step waits for the returned promise. */
  onNotes: (notes: { pieces: Unfinished }) => Promise<void>;
}

/** The user's wishes for the analysis. */
export interface Wishes {
  /** The same for all files that were chosen together. */
  batchId: string;
  /** BCP 47. */
  language: string | undefined;
  /** Names of analyses. */
  analyses: readonly string[] | undefined;
}

export interface Unfinished extends Wishes {
  /** Idempotency key: requests with the same key get the same media. */
  key: string;
  /** Set once the file is announced. */
  mediaId?: string;
  /** Null if all bytes have arrived; undefined if there is no session yet, or the session has expired. */
  session?: UploadSession | null | undefined;
}

/** A session lasts a week, and an upload a day. A file that loses more sessions than this gets an error. */
const MAX_SESSIONS = 3;

/**
 * @returns the accepted media
 * @throws {MediaClientError}; the signal's reason: then the media is deleted again
 */
export async function sendLarge(
  file: File,
  options: LargeOptions,
  deps: LargeDeps,
): Promise<Media> {
  const { batchId, language, analyses, signal } = options;
  const attempt = takeUp(file, { batchId, language, analyses }, deps);
  const cutting = startCutting(file, deps);
  try {
    await sendBytes(file, attempt, options, deps);
    const frames = await unlessAborted(cutting?.end() ?? Promise.resolve(null), signal);
    const { mediaId } = attempt;
    if (frames && mediaId) {
      const send = async () => {
        const { sendFrames } = await import('./send-frames.ts');
        return sendFrames(mediaId, frames, signal, deps);
      };
      // The video is complete without its frames.
      await retryRequest(send, deps, signal).catch(() => undefined);
    }
    return await confirm(attempt, signal, deps);
  } catch (error) {
    const canGoOn = isTransient(error) && !signal?.aborted;
    const isGone = error instanceof MediaClientError && error.code === 'not_found';
    if (canGoOn) deps.unfinished.set(file, attempt);
    // Otherwise the server would wait a day for the bytes.
    else if (!isGone && attempt.mediaId !== undefined) remove(attempt.mediaId, deps);
    throw isGone ? deletedWhileSending(file) : error;
  } finally {
    cutting?.stop();
  }
}

/** Removes the interrupted attempt from `unfinished`, so that no other call uses it too; or starts a new one. */
function takeUp(file: File, wishes: Wishes, { unfinished }: LargeDeps): Unfinished {
  const earlier = unfinished.get(file);
  unfinished.delete(file);
  const isSame =
    earlier?.language === wishes.language && earlier?.analyses?.join() === wishes.analyses?.join();
  return earlier && isSame ? earlier : { key: randomId(), ...wishes };
}

async function sendBytes(
  file: File,
  attempt: Unfinished,
  { signal, onSent, onNotes }: LargeOptions,
  deps: LargeDeps,
): Promise<void> {
  for (let sessions = 1; ; sessions++) {
    const isResumed = attempt.session !== undefined;
    if (!isResumed) {
      await onNotes({ pieces: { ...attempt } });
      await announce(file, attempt, signal, deps);
      await onNotes({ pieces: { ...attempt } });
    }
    if (!attempt.session) return;
    try {
      await sendToSession(file, attempt.session, { isResumed, signal, onSent }, deps);
      return;
    } catch (error) {
      if (!isSessionGone(error)) throw error;
      // The server gives the same key a new session.
      attempt.session = undefined;
      if (sessions < MAX_SESSIONS) continue;
      const message = `Sending “${file.name}” broke off several times. Try again.`;
      throw new MediaClientError('unavailable', message, { status: 410, cause: error });
    }
  }
}

async function announce(
  file: File,
  attempt: Unfinished,
  signal: AbortSignal | undefined,
  deps: LargeDeps,
): Promise<void> {
  const { key, batchId, language, analyses } = attempt;
  const { name: file_name, type: content_type, size } = file;
  const body: CreateUploads = {
    files: [{ file_name, content_type, size }],
    batch_id: batchId,
    ...(language !== undefined && { language }),
    ...(analyses && { analyses: [...analyses] }),
  };
  const ask = async () => {
    // Not with the caller's signal: if it were aborted, nobody would know the id of the media and could remove it.
    const answer = await deps.http.json('/api/media/uploads', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify(body),
    });
    const upload = asUpload(answer);
    if (!upload) throw deletedWhileSending(file);
    const { media_id, upload_url: url, chunk_size: chunkBytes } = upload;
    if (signal?.aborted) remove(media_id, deps);
    attempt.mediaId = media_id;
    attempt.session = url === null ? null : { url, chunkBytes };
  };
  return unlessAborted(retryRequest(ask, deps, signal), signal);
}

/** Tells the server that all bytes have arrived. */
async function confirm(
  { mediaId = '' }: Unfinished,
  signal: AbortSignal | undefined,
  deps: LargeDeps,
): Promise<Media> {
  const path = mediaPath(mediaId, '/uploaded');
  const ask = async () =>
    asMedia(await deps.http.json(path, { method: 'POST', signal: signal ?? null }));
  return retryRequest(ask, deps, signal);
}

export function remove(id: string, { http }: LargeDeps): void {
  // `keepalive` sends the request even if the page is being closed. If it fails, the sweeper removes the media later.
  http
    .request(mediaPath(id, '?permanently=true'), { method: 'DELETE', keepalive: true })
    .catch(() => undefined);
}
