/** Sends files together in one request, a form, and finds out whether a form without an answer has arrived. */
import type { Media } from '@media-analysis/shared/media';
import type { CloseUploadsResponse, RejectedFile } from '@media-analysis/shared/uploads';
import { unlessAborted } from '@media-analysis/shared/wait';
import { deletedWhileSending, errorOfAnswer, isTransient } from './errors.ts';
import { asFormOutcome } from './guard.ts';
import { parseJson } from './json.ts';
import { type LargeDeps, remove, type Unfinished, type Wishes } from './large-upload.ts';
import { randomId } from './older-browsers.ts';
import type { Candidate } from './requests.ts';
import { retryRequest } from './retry-request.ts';

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

/** The form that a file was sent in. */
interface FormOfFile {
  /** Its Idempotency-Key. */
  key: string;
  /** Position of the file in the form, from 0. */
  position: number;
}

/** A form without an answer. Its media may exist. */
interface UnansweredForm extends FormOfFile {
  /** Resolves when the client has tried to remove its media, because the user has stopped it. */
  undone?: Promise<void>;
}

/**
 * The state of a file that is being sent. With it another call, such as one after a reload of the page, continues without sending
 * anything twice. It is plain data. Apps keep it and read nothing in it but the id.
 */
export interface SendNotes {
  /** The form of the file, if the file was sent together with others. */
  form?: FormOfFile;
  /** The upload to Cloud Storage, if the file is sent in pieces. `mediaId` is the id of the media that waits for the bytes. */
  pieces?: Unfinished;
}

export interface FormDeps extends LargeDeps {
  unanswered: WeakMap<File, UnansweredForm>;
}

interface FormOptions extends Wishes {
  signal: AbortSignal | undefined;
  /** The form is sent after the returned promise. */
  onNotes: (file: Candidate, notes: SendNotes) => Promise<void>;
  onSent: (bytes: number) => void;
}

/**
 * Sends one form. Repeats it with the same key if no answer came.
 * @returns the outcome of each file
 * @throws {MediaClientError}; the signal's reason, after removing the media that the form may have made
 */
export async function sendForm(
  files: readonly Candidate[],
  { batchId, language, analyses, signal, onNotes, onSent }: FormOptions,
  deps: FormDeps,
): Promise<FileOutcome[]> {
  const { http, send, unanswered } = deps;
  const key = randomId();
  const attempt = async (refresh: boolean) => {
    const form = new FormData();
    form.append('batch_id', batchId);
    if (language !== undefined) form.append('language', language);
    if (analyses !== undefined) form.append('analyses', analyses.join(','));
    for (const { file } of files) form.append('files', file, file.name);
    return send(http.url('/api/agent/analyze-media'), form, {
      method: 'POST',
      headers: { 'Idempotency-Key': key, ...(await http.authorization(refresh)) },
      signal,
      onSent,
    });
  };
  for (const [position, { file }] of files.entries()) unanswered.set(file, { key, position });
  try {
    const noted = files.map((file, position) => onNotes(file, { form: { key, position } }));
    await Promise.all(noted);
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
    const outcome = await retryRequest(sendOnce, deps, signal, { isRetryable: mayRepeat });
    for (const { file } of files) unanswered.delete(file);
    return files.map(({ file }, position) => outcomeOf(file, position, outcome));
  } catch (error) {
    if (signal?.aborted) undo(files, key, deps);
    else if (!isTransient(error)) for (const { file } of files) unanswered.delete(file);
    throw error;
  }
}

/**
 * Finds the outcome of a file that was sent before: its form may have arrived although no answer came. If it has not, the server
 * will not accept it any more.
 * @returns undefined if the file has to be sent
 */
export async function findEarlier(
  file: File,
  signal: AbortSignal | undefined,
  deps: FormDeps,
): Promise<FileOutcome | undefined> {
  await deps.unanswered.get(file)?.undone;
  const form = deps.unanswered.get(file);
  if (!form) return undefined;
  const outcome = await closeOnce(form.key, signal, deps);
  deps.unanswered.delete(file);
  const isMade = outcome.media_ids.length > 0;
  return isMade ? outcomeOf(file, form.position, outcome) : undefined;
}

/** A request that took too long would do so again. */
const mayRepeat = (error: unknown) => isTransient(error) && error.code !== 'request_timeout';

/** Removes the media of a form that may have arrived. Until this is done, the file is not sent again. */
function undo(files: readonly Candidate[], key: string, deps: FormDeps): void {
  const { unanswered } = deps;
  const undone = close(key, undefined, deps).then(
    ({ media }) => {
      for (const { id } of media) remove(id, deps);
      for (const { file } of files) unanswered.delete(file);
    },
    // The client asks once more if the file is sent again.
    () => undefined,
  );
  for (const [position, { file }] of files.entries())
    unanswered.set(file, { key, position, undone });
}

/** Open questions whether a form has arrived, by its key. */
const closing = new Map<string, Promise<CloseUploadsResponse>>();

/** Each file of a form asks, and one answer serves all. */
function closeOnce(
  key: string,
  signal: AbortSignal | undefined,
  deps: FormDeps,
): Promise<CloseUploadsResponse> {
  let asked = closing.get(key);
  if (!asked) {
    asked = close(key, undefined, deps).finally(() => closing.delete(key));
    closing.set(key, asked);
  }
  return unlessAborted(asked, signal);
}

function close(
  key: string,
  signal: AbortSignal | undefined,
  deps: FormDeps,
): Promise<CloseUploadsResponse> {
  const ask = async () => {
    const headers = { 'Idempotency-Key': key };
    // `keepalive` sends the request even if the page is being closed.
    const init = { method: 'POST', headers, keepalive: true, signal: signal ?? null };
    return asFormOutcome(await deps.http.json('/api/media/uploads/close', init));
  };
  return retryRequest(ask, deps, signal);
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
