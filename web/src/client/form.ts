/** Sends files together in one request, a form, and finds out whether a form without an answer has arrived. */
import type { Media } from '@media-analysis/shared/media';
import type { CloseUploadsResponse, RejectedFile } from '@media-analysis/shared/uploads';
import { unlessAborted } from '@media-analysis/shared/wait';
import { deletedWhileSending, errorOfAnswer, isTransient } from './errors.ts';
import { isList, isListOf, isMedia, reading } from './guard.ts';
import { parseJson } from './json.ts';
import { remove } from './large-upload.ts';
import { randomId } from './older-browsers.ts';
import type { Candidate } from './requests.ts';
import { retryRequest } from './send.ts';
import type { FileOptions, SendDeps } from './send-deps.ts';

const asFormOutcome = reading<CloseUploadsResponse>({
  media_ids: isList,
  media: isListOf(isMedia),
  rejected: isList,
});

/** The result of sending one file. */
export type FileOutcome =
  | {
      /** The accepted file: its media, `pending` at first. */
      media: Media;
      /** Undefined for an accepted file. */
      rejected?: undefined;
    }
  | {
      /** Undefined for a rejected file. */
      media?: undefined;
      /** Why the file was not accepted. */
      rejected: RejectedFile & {
        /** The operator finds the request in the log by this id. Only if the service failed (status 500 and above). */
        requestId?: string | undefined;
      };
    };

/**
 * Sends one form. Repeats it with the same key if no answer came.
 * @returns the outcome of each file
 * @throws {MediaClientError}; the signal's reason, after removing the media that the form may have made
 */
export async function sendForm(
  files: readonly Candidate[],
  { batchId, language, analyses, metadata, signal, onNotes, onSent }: FileOptions,
  deps: SendDeps,
): Promise<FileOutcome[]> {
  const { http, unanswered } = deps;
  const key = randomId();
  const attempt = async (refresh: boolean) => {
    const form = new FormData();
    form.append('batch_id', batchId);
    if (language !== undefined) form.append('language', language);
    if (analyses !== undefined) form.append('analyses', analyses.join(','));
    if (metadata !== undefined) form.append('metadata', JSON.stringify(metadata));
    const ids = files.map(({ externalId = null }) => externalId);
    if (ids.some((id) => id !== null)) form.append('external_id', JSON.stringify(ids));
    for (const { file } of files) form.append('files', file, file.name);
    return deps.send(http.url('/api/agent/analyze-media'), form, {
      method: 'POST',
      headers: { 'Idempotency-Key': key, ...(await http.authorization(refresh)) },
      signal,
      onSent,
    });
  };
  const sendOnce = async () => {
    let answer = await attempt(false);
    if (answer.status === 401 && http.sendsToken) answer = await attempt(true);
    const { status, header, body } = answer;
    if (status >= 200 && status < 300) return asFormOutcome(parseJson(body));
    const error = errorOfAnswer(status, header('Retry-After'), body);
    // The server refused every file, each for its own reason.
    if (error.rejected.length !== files.length) throw error;
    return { media_ids: [], media: [], rejected: error.rejected };
  };
  const forget = () => {
    for (const { file } of files) unanswered.delete(file);
  };
  for (const [position, { file }] of files.entries()) unanswered.set(file, { key, position });
  try {
    await Promise.all(files.map((file, position) => onNotes(file, { form: { key, position } })));
    const outcome = await retryRequest(sendOnce, deps, signal, { isRetryable: mayRepeat });
    forget();
    return files.map(({ file }, position) => outcomeOf(file, position, outcome));
  } catch (error) {
    if (signal?.aborted) {
      const removeAll = ({ media }: CloseUploadsResponse) => {
        for (const { id } of media) remove(id, deps);
        forget();
      };
      // If this fails, the client asks once more when the file is sent again.
      const undone = close(key, deps).then(removeAll, () => undefined);
      for (const [position, { file }] of files.entries())
        unanswered.set(file, { key, position, undone });
    } else if (!isTransient(error)) forget();
    throw error;
  }
}

/** A request that took too long would do so again. */
const mayRepeat = (error: unknown) => isTransient(error) && error.code !== 'request_timeout';

/**
 * Finds the outcome of a file that was sent before: its form may have arrived although no answer came. If the form has not
 * arrived, the server will not accept it any more.
 * @returns undefined if the file has to be sent
 */
export async function findEarlier(
  file: File,
  signal: AbortSignal | undefined,
  deps: SendDeps,
): Promise<FileOutcome | undefined> {
  await deps.unanswered.get(file)?.undone;
  const form = deps.unanswered.get(file);
  if (!form) return undefined;
  const outcome = await unlessAborted(close(form.key, deps), signal);
  deps.unanswered.delete(file);
  return outcome.media_ids.length > 0 ? outcomeOf(file, form.position, outcome) : undefined;
}

/** Open requests that ask whether a form has arrived, by its key. All files of a form share one request. */
const closing = new Map<string, Promise<CloseUploadsResponse>>();

function close(key: string, deps: SendDeps): Promise<CloseUploadsResponse> {
  // `keepalive` sends the request even if the page is being closed.
  const init = { method: 'POST', headers: { 'Idempotency-Key': key }, keepalive: true };
  const ask = async () => asFormOutcome(await deps.http.json('/api/media/uploads/close', init));
  const asked = closing.get(key) ?? retryRequest(ask, deps).finally(() => closing.delete(key));
  closing.set(key, asked);
  return asked;
}

/** The accepted files have their media in the order of the form. */
function outcomeOf(
  file: File,
  position: number,
  { media_ids, media, rejected }: CloseUploadsResponse,
): FileOutcome {
  const refused = rejected.find(({ index }) => index === position);
  if (refused) return { rejected: refused };
  const id = media_ids[position - rejected.filter(({ index }) => index < position).length];
  const found: Media | undefined = media.find((each) => each.id === id);
  if (found) return { media: found };
  const { code, message } = deletedWhileSending(file);
  return { rejected: { index: position, file_name: file.name, code, message } };
}
