/** Sends a file that is too large for one request: announces it to the API, and sends its bytes to Cloud Storage. */
import type { CreateUploads, CreateUploadsResponse } from '@media-analysis/shared/large-uploads';
import type { Media } from '@media-analysis/shared/media';
import { unlessAborted } from '@media-analysis/shared/wait';
import { deletedWhileSending, errorOfAnswer, isTransient, MediaClientError } from './errors.ts';
import { startCutting, type VideoFrames } from './frames.ts';
import { asMedia, isList, reading } from './guard.ts';
import { mediaPath, postOf } from './http.ts';
import { randomId } from './older-browsers.ts';
import type { Candidate } from './requests.ts';
import { type Answer, retryRequest } from './send.ts';
import type { FileOptions, SendDeps, Unfinished, UploadSession, Wishes } from './send-deps.ts';

const asUploads = reading<CreateUploadsResponse>({ uploads: isList });

/** Enough for eight pictures over a slow line. */
const FRAMES_MS = 120_000;

/**
 * @returns the accepted media
 * @throws {MediaClientError}; the signal's reason: then the media is deleted again
 */
export async function sendLarge(
  candidate: Candidate,
  options: FileOptions,
  deps: SendDeps,
): Promise<Media> {
  const { file } = candidate;
  const { signal } = options;
  const attempt = takeUp(candidate, options, deps);
  const cutting = startCutting(file, deps.clock, deps.cutFrames);
  try {
    await sendBytes(candidate, attempt, options, deps);
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
  { file, externalId }: Candidate,
  { batchId, language, analyses, metadata }: Wishes,
  { unfinished }: SendDeps,
): Unfinished {
  const earlier = unfinished.get(file);
  unfinished.delete(file);
  const wanted = { batchId, language, analyses, metadata, externalId };
  return earlier && asked(earlier) === asked(wanted) ? earlier : { key: randomId(), ...wanted };
}

function asked({ language, analyses, metadata, externalId }: Omit<Unfinished, 'key'>): string {
  return JSON.stringify([language, analyses, metadata, externalId]);
}

async function sendBytes(
  candidate: Candidate,
  attempt: Unfinished,
  options: FileOptions,
  deps: SendDeps,
): Promise<void> {
  const { file } = candidate;
  const { signal, onNotes } = options;
  const isResumed = attempt.session !== undefined;
  if (!isResumed) {
    await onNotes(candidate, { pieces: { ...attempt } });
    await announce(file, attempt, signal, deps);
    await onNotes(candidate, { pieces: { ...attempt } });
  }
  if (!attempt.session) return;
  try {
    await sendToSession(file, attempt.session, isResumed, options, deps);
  } catch (cause) {
    if (!isSessionGone(cause)) throw cause;
    // A session lasts a week. The server gives the same key a new one.
    attempt.session = undefined;
    if (isResumed) return sendBytes(candidate, attempt, options, deps);
    const message = `Sending “${file.name}” broke off. Try again.`;
    throw new MediaClientError('unavailable', message, { status: 410, cause });
  }
}

/** True if the session has ended and its bytes are lost: the file needs a new session. 499: it was cancelled. */
function isSessionGone(error: unknown): boolean {
  return error instanceof MediaClientError && [404, 410, 499].includes(error.status);
}

/** With backoff, about a minute without success: a phone that changes its network needs this. */
const RETRIES = 8;
/**
 * Cloud Storage keeps multiples of this, and each request except the last must have a multiple. Fewer bytes do not count as
 * success: the client gives up a connection that breaks after a few kB each time.
 */
const UNIT_BYTES = 256 * 1024;

/**
 * Sends a file to a resumable session of Cloud Storage, chunk by chunk. After a break it continues after the bytes that have
 * arrived. https://cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload
 * @param isResumed true if the session was used before: the client then asks first how many bytes have arrived
 */
async function sendToSession(
  file: File,
  { url, chunkBytes }: UploadSession,
  isResumed: boolean,
  { signal, onSent }: FileOptions,
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
 * @returns more than the size of the file if Cloud Storage has closed the session. A later answer may close it
 * @throws {MediaClientError}
 */
function arrivedOf({ status, header, body }: Answer, size: number): number {
  // 412: the object exists already, sent by another session.
  if ([200, 201, 412].includes(status)) return size + 1;
  if (status !== 308) throw errorOfAnswer(status, header('Retry-After'), body);
  const last = /^bytes=0-(\d+)$/.exec(header('Range') ?? '')?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}

async function announce(
  file: File,
  attempt: Unfinished,
  signal: AbortSignal | undefined,
  deps: SendDeps,
): Promise<void> {
  const { key, batchId, language, analyses, metadata, externalId: external_id } = attempt;
  const { name: file_name, type: content_type, size } = file;
  const body = {
    files: [{ file_name, content_type, size, metadata, external_id }],
    batch_id: batchId,
    language,
    analyses: analyses && [...analyses],
  } satisfies CreateUploads;
  const ask = async () => {
    // Not with the caller's signal: if it were aborted, nobody would know the id of the media and could remove it.
    const init = postOf(body, { 'Idempotency-Key': key });
    const [upload] = asUploads(await deps.http.json('/api/media/uploads', init)).uploads;
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
