/** Sends a file that is too large for one request: announces it to the API, and sends its bytes to Cloud Storage. */
import type { CreateUploads } from '@media-analysis/shared/large-uploads';
import type { Media } from '@media-analysis/shared/media';
import { unlessAborted } from '@media-analysis/shared/wait';
import { deletedWhileSending, isTransient, MediaClientError } from './errors.ts';
import { startCutting, type VideoFrames } from './frames.ts';
import { asMedia, asUploads } from './guard.ts';
import { mediaPath, postOf } from './http.ts';
import { randomId } from './older-browsers.ts';
import { retryRequest } from './send.ts';
import type { SendDeps, Unfinished, Wishes } from './send-deps.ts';
import { isSessionGone, sendToSession } from './session.ts';

interface LargeOptions extends Wishes {
  signal: AbortSignal | undefined;
  onSent: (bytes: number) => void;
  /** The next step waits for the returned promise. */
  onNotes: (notes: { pieces: Unfinished }) => Promise<void>;
}

/** Eight pictures over a slow line. */
const FRAMES_MS = 120_000;

/**
 * @returns the accepted media
 * @throws {MediaClientError}; the signal's reason: then the media is deleted again
 */
export async function sendLarge(file: File, options: LargeOptions, deps: SendDeps): Promise<Media> {
  const { signal } = options;
  const attempt = takeUp(file, options, deps);
  const cutting = startCutting(file, deps.clock, deps.cutFrames);
  try {
    await sendBytes(file, attempt, options, deps);
    const path = mediaPath(attempt.mediaId ?? '');
    const frames = await unlessAborted(cutting?.end() ?? Promise.resolve(null), signal);
    if (frames) {
      const sendFrames = () =>
        deps.http.json(`${path}/frames`, { ...formOf(frames), signal }, FRAMES_MS);
      // The video is complete without its frames.
      await retryRequest(sendFrames, deps, signal).catch(() => undefined);
    }
    const confirm = async () =>
      asMedia(await deps.http.json(`${path}/uploaded`, { method: 'POST', signal }));
    return await retryRequest(confirm, deps, signal);
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
function takeUp(
  file: File,
  { batchId, language, analyses }: Wishes,
  { unfinished }: SendDeps,
): Unfinished {
  const earlier = unfinished.get(file);
  unfinished.delete(file);
  const isSame = earlier?.language === language && earlier?.analyses?.join() === analyses?.join();
  return earlier && isSame ? earlier : { key: randomId(), batchId, language, analyses };
}

async function sendBytes(
  file: File,
  attempt: Unfinished,
  options: LargeOptions,
  deps: SendDeps,
): Promise<void> {
  const { signal, onSent, onNotes } = options;
  const isResumed = attempt.session !== undefined;
  if (!isResumed) {
    await onNotes({ pieces: { ...attempt } });
    await announce(file, attempt, signal, deps);
    await onNotes({ pieces: { ...attempt } });
  }
  if (!attempt.session) return;
  try {
    await sendToSession(file, attempt.session, { isResumed, signal, onSent }, deps);
  } catch (cause) {
    if (!isSessionGone(cause)) throw cause;
    // A session lasts a week. The server gives the same key a new one.
    attempt.session = undefined;
    if (isResumed) return sendBytes(file, attempt, options, deps);
    const message = `Sending “${file.name}” broke off. Try again.`;
    throw new MediaClientError('unavailable', message, { status: 410, cause });
  }
}

async function announce(
  file: File,
  attempt: Unfinished,
  signal: AbortSignal | undefined,
  deps: SendDeps,
): Promise<void> {
  const { key, batchId, language, analyses } = attempt;
  const { name: file_name, type: content_type, size } = file;
  const { headers, ...init } = postOf({
    files: [{ file_name, content_type, size }],
    batch_id: batchId,
    ...(language !== undefined && { language }),
    ...(analyses && { analyses: [...analyses] }),
  } satisfies CreateUploads);
  const ask = async () => {
    // Not with the caller's signal: if it were aborted, nobody would know the id of the media and could remove it.
    const answer = await deps.http.json('/api/media/uploads', {
      ...init,
      headers: { ...headers, 'Idempotency-Key': key },
    });
    const [upload] = asUploads(answer).uploads;
    if (!upload) throw deletedWhileSending(file);
    const { media_id, upload_url: url, chunk_size: chunkBytes } = upload;
    if (signal?.aborted) remove(media_id, deps);
    attempt.mediaId = media_id;
    attempt.session = url === null ? null : { url, chunkBytes };
  };
  return unlessAborted(retryRequest(ask, deps, signal), signal);
}

function formOf({ times, poster, pictures }: VideoFrames): RequestInit {
  const body = new FormData();
  // Whole milliseconds: the server reads no powers of ten.
  body.append('times', times.map((time) => time.toFixed(3)).join(','));
  body.append('poster', String(poster));
  for (const picture of pictures) body.append('frames', picture, 'frame.jpg');
  return { method: 'POST', body };
}

export function remove(id: string, { http }: SendDeps): void {
  // `keepalive` sends the request even if the page is being closed. If it fails, the sweeper removes the media later.
  http
    .request(mediaPath(id, '?permanently=true'), { method: 'DELETE', keepalive: true })
    .catch(() => undefined);
}
